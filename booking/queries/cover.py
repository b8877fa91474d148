"""Cover: which dates want somebody, whom each host may help out, and what she asked for herself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, exists, select

from booking import policy
from booking.db import db
from booking.models import CoverRequest, Person, ScheduledSession
from booking.queries.bookings import names_of_leaders
from booking.queries.host_dates import WHOLE
from booking.queries.host_letters import is_wanted
from booking.rules.names import told_apart


@dataclass(frozen=True)
class WantedCover:
    """A date for which somebody is looked for, and who leads it still."""

    scheduled: ScheduledSession
    led_by: tuple[str, ...]


@dataclass(frozen=True)
class CoverOfDate:
    """Who can't lead a date, and who stepped in: what the office's task says."""

    scheduled: ScheduledSession
    asked_by: tuple[str, ...]
    led_by: tuple[str, ...]


def cover_wanted(person_id: int, now: datetime) -> list[WantedCover]:
    """Return the dates that this person could lead in somebody's stead, the soonest first."""
    open_ones = exists().where(CoverRequest.session_id == ScheduledSession.id, is_wanted(now))
    hers = exists().where(
        CoverRequest.session_id == ScheduledSession.id,
        CoverRequest.person_id == person_id,
        is_wanted(now),
    )
    able = policy.may_cover(person_id)
    return _dates(open_ones.correlate(ScheduledSession), able, ~hers.correlate(ScheduledSession))


def asked_by(person_id: int, now: datetime) -> list[WantedCover]:
    """Return the dates to come for which this person asked for cover that nobody has taken yet."""
    hers = exists().where(
        CoverRequest.session_id == ScheduledSession.id,
        CoverRequest.person_id == person_id,
        is_wanted(now),
    )
    return _dates(hers.correlate(ScheduledSession))


def wanted_date(session_id: int, person_id: int, now: datetime) -> ScheduledSession | None:
    """Return a date that this person leads and for which cover is wanted still, or None."""
    open_ones = exists().where(CoverRequest.session_id == ScheduledSession.id, is_wanted(now))
    asked = select(ScheduledSession).where(
        ScheduledSession.id == session_id,
        policy.leads(person_id),
        ScheduledSession.starts_at > now,
        open_ones.correlate(ScheduledSession),
    )
    return db.session.scalar(asked.options(*WHOLE).execution_options(populate_existing=True))


def of_dates(session_ids: Sequence[int], now: datetime) -> dict[int, CoverOfDate]:
    """Return, by date, who asked for cover that nobody has taken, and who leads it; whatever its state."""
    dates = db.session.scalars(
        select(ScheduledSession)
        .where(ScheduledSession.id.in_(session_ids))
        .options(*WHOLE)
        .order_by(ScheduledSession.id)
    ).all()
    asking = db.session.execute(
        select(CoverRequest.session_id, Person.known_as, Person.full_name)
        .join(Person, Person.id == CoverRequest.person_id)
        .join(ScheduledSession, ScheduledSession.id == CoverRequest.session_id)
        .where(CoverRequest.session_id.in_(session_ids), is_wanted(now), Person.status.in_(policy.LIVING))
        .order_by(CoverRequest.id)
    ).all()
    names = told_apart([(row.known_as, row.full_name) for row in asking])
    who: dict[int, tuple[str, ...]] = {}
    for row, name in zip(asking, names, strict=True):
        who[row.session_id] = (*who.get(row.session_id, ()), name)
    led_by = names_of_leaders([one.id for one in dates])
    return {one.id: CoverOfDate(one, who.get(one.id, ()), led_by.get(one.id, ())) for one in dates}


def _dates(*conditions: ColumnElement[bool]) -> list[WantedCover]:
    asked = select(ScheduledSession).where(*conditions).options(*WHOLE)
    dates = db.session.scalars(asked.order_by(ScheduledSession.starts_at, ScheduledSession.id)).all()
    led_by = names_of_leaders([one.id for one in dates])
    return [WantedCover(one, led_by.get(one.id, ())) for one in dates]
