"""Movement check-ins: what she answered, for herself, the tutor of her class and the safeguarding lead."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, exists, func, select

from booking import policy
from booking.db import db
from booking.models import Booking, MovementCheckIn, Person, ScheduledSession, Series
from booking.models.kinds import TAKING, Flag, SessionState
from booking.rules.movement import counts_from, still_counts
from booking.rules.wall_time import to_local


@dataclass(frozen=True)
class CheckIn:
    """What is kept in mind for somebody, and since when."""

    flags: tuple[Flag, ...]
    wants_call: bool
    answered_on: date
    still_counts: bool


def check_in_of(person_id: int, now: datetime) -> CheckIn | None:
    """Return what somebody answered last; who may ask is decided at the door."""
    latest = db.session.scalar(
        select(MovementCheckIn)
        .where(MovementCheckIn.person_id == person_id)
        .order_by(MovementCheckIn.answered_at.desc(), MovementCheckIn.id.desc())
        .limit(1)
    )
    return None if latest is None else _shown(latest, now)


def is_wanted(person_id: int, now: datetime, session_id: int | None = None) -> bool:
    """Say whether she has a place at a movement class to come, or at this one, and no answer that counts."""
    places = (
        select(Booking.id)
        .join(ScheduledSession, ScheduledSession.id == Booking.session_id)
        .join(Series, Series.id == ScheduledSession.series_id)
        .where(
            policy.is_hers(person_id),
            Booking.state.in_(TAKING),
            ScheduledSession.state == SessionState.PUBLISHED,
            ScheduledSession.ends_at > now,
            Series.movement_check,
            ~_has_answered(person_id, now),
        )
    )
    if session_id is not None:
        places = places.where(Booking.session_id == session_id)
    return db.session.scalar(places.order_by(Booking.id).limit(1)) is not None


def of_a_class(session_id: int, person_id: int, now: datetime) -> dict[int, CheckIn | None]:
    """Return, by booking, what the people on the list of a movement class answered; None is "not yet".

    Only for somebody who leads that class: for everybody else, and for any other session, nothing is found.
    """
    rows = db.session.execute(
        select(Booking.id, MovementCheckIn)
        .join(ScheduledSession, ScheduledSession.id == Booking.session_id)
        .join(Series, Series.id == ScheduledSession.series_id)
        .join(Person, Person.id == Booking.person_id)
        .outerjoin(MovementCheckIn, MovementCheckIn.id == _latest_of_each())
        .where(
            Booking.session_id == session_id,
            policy.leads(person_id),
            policy.on_register(),
            Series.movement_check,
            Person.status.in_(policy.LIVING),
        )
        .order_by(Booking.id)
    )
    return {booking_id: _shown(found, now) if found else None for booking_id, found in rows}


def _latest_of_each() -> ColumnElement[int]:
    return (
        select(func.max(MovementCheckIn.id))
        .where(MovementCheckIn.person_id == Booking.person_id)
        .correlate(Booking)
        .scalar_subquery()
    )


def _has_answered(person_id: int, now: datetime) -> ColumnElement[bool]:
    return exists().where(
        MovementCheckIn.person_id == person_id, MovementCheckIn.answered_at >= counts_from(now)
    )


def _shown(row: MovementCheckIn, now: datetime) -> CheckIn:
    return CheckIn(
        row.kept_in_mind, row.wants_call, to_local(row.answered_at).date(), still_counts(row.answered_at, now)
    )
