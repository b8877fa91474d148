"""Weeks of a course that were added, or put back, after somebody joined it: who lacks one she can have."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, exists, or_, select

from booking import policy
from booking.db import db
from booking.models import Booking, Enrolment, Person, ScheduledSession
from booking.models.kinds import LIVE, EnrolmentState, SessionState
from booking.queries import session_cards


@dataclass(frozen=True, slots=True)
class NewWeek:
    """A week that somebody on the course never had since she joined."""

    enrolment_id: int
    person_id: int
    session_id: int


def weeks_to_give(now: datetime, limit: int) -> list[NewWeek]:
    """Return weeks to come that somebody on the course lacks and can have, as far as one sees without a lock.

    What has no room is left out before the limit counts: one full week of many people must not keep
    everybody else waiting.
    """
    lacked = db.session.scalars(_lacking(ScheduledSession.id, now=now).distinct()).all()
    cards = session_cards.load(lacked, session_cards.Viewer(), now)
    with_room = [card for card in cards if now < card.closes_at and not card.is_full]
    if not with_room:
        return []
    for_all = [card.id for card in with_room if not replace(card, has_come=True).is_full]
    is_new = ScheduledSession.id.in_([card.id for card in with_room]) & ~policy.has_come(Enrolment.person_id)
    rows = db.session.execute(
        _lacking(Enrolment.id, Enrolment.person_id, ScheduledSession.id, now=now)
        .where(or_(ScheduledSession.id.in_(for_all), is_new))
        .order_by(ScheduledSession.starts_at, ScheduledSession.id, Enrolment.id)
        .limit(limit)
    )
    return [NewWeek(*row) for row in rows]


def is_lacked(new: NewWeek, now: datetime) -> bool:
    """Say whether she is on the course and lacks that week still; asked again under the locks."""
    hers = _lacking(Enrolment.id, now=now).where(
        Enrolment.id == new.enrolment_id,
        Enrolment.person_id == new.person_id,
        ScheduledSession.id == new.session_id,
    )
    return db.session.scalar(hers) is not None


def _lacking(*columns: Any, now: datetime) -> Select[Any]:
    """Ask for weeks that somebody on the course has no place on, and did not give up since she joined."""
    has_had_it = exists().where(
        Booking.session_id == ScheduledSession.id,
        Booking.person_id == Enrolment.person_id,
        or_(
            Booking.state.in_(LIVE),
            Booking.enrolment_id == Enrolment.id,
            Booking.state_at > Enrolment.created_at,
        ),
    )
    return (
        select(*columns)
        .select_from(Enrolment)
        .join(ScheduledSession, ScheduledSession.series_id == Enrolment.series_id)
        .join(Person, Person.id == Enrolment.person_id)
        .where(
            Enrolment.state == EnrolmentState.ENROLLED,
            Person.status.in_(policy.PROVEN),
            ScheduledSession.state == SessionState.PUBLISHED,
            ScheduledSession.starts_at > now,
            ~has_had_it.correlate(ScheduledSession, Enrolment),
        )
    )
