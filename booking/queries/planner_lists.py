"""What a planner asks beside the calendar: hosts, venues, drafts, and dates that differ."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import joinedload

from booking import policy
from booking.db import db
from booking.models import (
    Person,
    Programme,
    ScheduledSession,
    Series,
    SeriesFacilitator,
    SessionFacilitator,
    Venue,
)
from booking.models.kinds import SessionState
from booking.queries import planner
from booking.queries.bookings import names_of_leaders
from booking.queries.planner import MOST_IN_A_CELL, PAGE_LENGTH, PlannedDate, Wanted
from booking.rules.wall_time import to_local

AHEAD = timedelta(weeks=8)


@dataclass(frozen=True, slots=True)
class Group:
    """One host, or one venue, with the number of dates in the weeks ahead and the first few of them.

    Units: `row_id` None is the online meeting.
    """

    row_id: int | None
    name: str
    total: int
    dates: tuple[PlannedDate, ...]


@dataclass(frozen=True, slots=True)
class DraftSeries:
    """A series that only the office sees."""

    series_id: int
    title: str
    programme: str
    tone: str
    dates: int
    next_on: date | None


@dataclass(frozen=True, slots=True)
class Differing:
    """One date that is not as its series says: `usual_hosts` are those of the series."""

    session: ScheduledSession
    led_by: tuple[str, ...]
    usual_hosts: tuple[str, ...]


def weeks_ahead(now: datetime) -> Wanted:
    """Return the dates of the coming 8 weeks that are not over."""
    return Wanted(last=to_local(now).date() + AHEAD, not_over=now)


def by_host(now: datetime, page: int) -> tuple[int, list[Group]]:
    """Return how many people may lead, and one page of them by name with what they lead.

    Units: pages count from 1, of `PAGE_LENGTH` people.
    """
    total = db.session.scalar(select(func.count()).select_from(Person).where(policy.may_lead())) or 0
    hosts = db.session.execute(
        select(Person.id, Person.full_name)
        .where(policy.may_lead())
        .order_by(func.lower(Person.full_name), Person.id)
        .limit(PAGE_LENGTH)
        .offset((page - 1) * PAGE_LENGTH)
    ).all()
    ids = [host.id for host in hosts]
    led = (
        _on(weeks_ahead(now))
        .join(SessionFacilitator, SessionFacilitator.session_id == ScheduledSession.id)
        .where(SessionFacilitator.person_id.in_(ids))
    )
    return total, _groups(led, SessionFacilitator.person_id, {host.id: host.full_name for host in hosts})


def by_venue(now: datetime, page: int) -> tuple[int, list[Group]]:
    """Return how many venues there are, and one page of them by name with what is on there.

    The first page begins with the dates that need no room. Units: as `by_host`.
    """
    total = db.session.scalar(select(func.count()).select_from(Venue)) or 0
    rows = db.session.execute(
        select(Venue.id, Venue.name)
        .order_by(func.lower(Venue.name), Venue.id)
        .limit(PAGE_LENGTH)
        .offset((page - 1) * PAGE_LENGTH)
    )
    names: dict[int | None, str] = {None: ""} if page == 1 else {}
    names |= {row.id: row.name for row in rows}
    here = ScheduledSession.venue_id.in_([row_id for row_id in names if row_id is not None])
    there = here | ScheduledSession.venue_id.is_(None) if page == 1 else here
    return total, _groups(_on(weeks_ahead(now)).where(there), ScheduledSession.venue_id, names)


def short_of_hosts(now: datetime, page: int, most: int = PAGE_LENGTH) -> tuple[int, list[PlannedDate]]:
    """Return how many dates to come have fewer hosts than their series asks for, and one page of them."""
    asked = planner.ids_of(Wanted(not_over=now)).where(planner.short_of_hosts())
    total = db.session.scalar(asked.with_only_columns(func.count(ScheduledSession.id))) or 0
    order = (ScheduledSession.starts_at, ScheduledSession.id)
    ids = db.session.scalars(asked.order_by(*order).limit(most).offset((page - 1) * most)).all()
    return total, list(planner.load(ids).values())


def drafts(page: int, now: datetime) -> tuple[int, list[DraftSeries]]:
    """Return how many series are drafts, and one page of them with the number of their dates to come."""
    is_draft = Series.state == SessionState.DRAFT
    total = db.session.scalar(select(func.count()).select_from(Series).where(is_draft)) or 0
    coming = (ScheduledSession.series_id == Series.id) & (ScheduledSession.ends_at > now)
    asked = (
        select(
            Series.id,
            Series.title,
            Programme.name,
            Programme.tone,
            func.count(ScheduledSession.id),
            func.min(ScheduledSession.local_date),
        )
        .join(Programme, Programme.id == Series.programme_id)
        .outerjoin(ScheduledSession, coming)
        .where(is_draft)
        .group_by(Series.id, Programme.id)
        .order_by(func.lower(Series.title), Series.id)
    )
    rows = db.session.execute(asked.limit(PAGE_LENGTH).offset((page - 1) * PAGE_LENGTH))
    return total, [DraftSeries(*row) for row in rows]


def differing(now: datetime, page: int) -> tuple[int, list[Differing]]:
    """Return how many dates to come are not as their series says, and one page of them."""
    asked = select(ScheduledSession).where(ScheduledSession.ends_at > now, _is_different())
    total = db.session.scalar(select(func.count()).select_from(asked.subquery())) or 0
    found = db.session.scalars(
        asked.options(
            joinedload(ScheduledSession.series).joinedload(Series.programme),
            joinedload(ScheduledSession.series).joinedload(Series.venue),
            joinedload(ScheduledSession.venue),
        )
        .order_by(ScheduledSession.starts_at, ScheduledSession.id)
        .limit(PAGE_LENGTH)
        .offset((page - 1) * PAGE_LENGTH)
    ).all()
    leading = names_of_leaders([each.id for each in found])
    usual = _usual_hosts({each.series_id for each in found})
    return total, [Differing(each, leading.get(each.id, ()), usual.get(each.series_id, ())) for each in found]


def _is_different() -> ColumnElement[bool]:
    return or_(
        ScheduledSession.differs,
        ScheduledSession.own_facts != "",
        ScheduledSession.own_title != "",
        ScheduledSession.own_description != "",
    )


def _usual_hosts(series_ids: set[int]) -> dict[int, tuple[str, ...]]:
    rows = db.session.execute(
        select(SeriesFacilitator.series_id, Person.known_as)
        .join(Person, Person.id == SeriesFacilitator.person_id)
        .where(SeriesFacilitator.series_id.in_(series_ids), policy.still_leads())
        .order_by(SeriesFacilitator.series_id, SeriesFacilitator.id)
    )
    names: dict[int, tuple[str, ...]] = {}
    for series_id, known_as in rows:
        names[series_id] = (*names.get(series_id, ()), known_as)
    return names


def _on(wanted: Wanted) -> Select[Any]:
    """Ask for the dates that are to take place; a cancelled one needs nobody and no room."""
    return planner.ids_of(wanted).where(ScheduledSession.state != SessionState.CANCELLED)


def _groups(asked: Select[Any], column: Any, names: Mapping[Any, str]) -> list[Group]:
    """Put dates into the groups of a column: how many each has, and its first few."""
    place = func.row_number().over(
        partition_by=column, order_by=(ScheduledSession.starts_at, ScheduledSession.id)
    )
    total = func.count(ScheduledSession.id).over(partition_by=column)
    counted = asked.add_columns(column.label("of"), place.label("place"), total.label("total")).subquery()
    first = select(counted.c.id, counted.c.of, counted.c.total).where(counted.c.place <= MOST_IN_A_CELL)
    rows = db.session.execute(first.order_by(counted.c.of, counted.c.place)).all()
    dates = planner.load([row.id for row in rows])
    totals = {row.of: row.total for row in rows}
    return [
        Group(row_id, name, totals.get(row_id, 0), tuple(dates[row.id] for row in rows if row.of == row_id))
        for row_id, name in names.items()
    ]
