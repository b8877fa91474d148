"""Waiting lists: where somebody stands, who is first, and which sessions the worker looks at."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import aliased

from booking import policy
from booking.db import db
from booking.models import Booking, Person, ScheduledSession
from booking.models.kinds import BookingState, Pool, SessionState


@dataclass(frozen=True)
class Turn:
    """Where somebody stands on a waiting list. Units: `ahead` counts the bookings before hers."""

    ahead: int
    waiting: int

    @property
    def is_next(self) -> bool:
        """Say whether nobody is before her."""
        return self.ahead == 0


def waits() -> ColumnElement[bool]:
    """Return the condition that somebody is on a waiting list, offers made from it included."""
    offered = (Booking.state == BookingState.OFFERED) & Booking.waits_since.is_not(None)
    return (Booking.state == BookingState.WAITING) | offered


def turn_of(booking: Booking) -> Turn:
    """Return where a booking stands among those who wait for the same pool of the same date."""
    rank = func.coalesce(Booking.queue_at, Booking.created_at)
    hers = booking.queue_at or booking.created_at
    in_the_list = select(func.count()).where(
        Booking.session_id == booking.session_id, Booking.pool == booking.pool, waits()
    )
    before = (rank < hers) | ((rank == hers) & (Booking.id < booking.id))
    ahead = db.session.scalar(in_the_list.where(before)) or 0
    return Turn(ahead, db.session.scalar(in_the_list) or 0)


def first_in_turn(session_id: int, pool: Pool) -> Booking | None:
    """Return whoever has waited longest for a pool, or was moved up."""
    return db.session.scalar(
        select(Booking)
        .where(Booking.session_id == session_id, Booking.pool == pool, Booking.state == BookingState.WAITING)
        .order_by(func.coalesce(Booking.queue_at, Booking.created_at), Booking.id)
        .limit(1)
    )


def before(first: Booking) -> datetime:
    """Return a rank before that of whoever is first."""
    return (first.queue_at or first.created_at) - timedelta(microseconds=1)


def sessions_to_look_at(now: datetime) -> list[int]:
    """Return the dates, in id order, at which somebody waits though a place is free, or after the start."""
    hers = aliased(Booking)
    taken = (
        select(func.coalesce(func.sum(hers.party_size), 0))
        .where(hers.session_id == Booking.session_id, hers.pool == Booking.pool, hers.state.in_(_TAKING))
        .scalar_subquery()
    )
    has_room = _has_room(taken)
    could_be_asked = (
        (Booking.state == BookingState.WAITING)
        & ~Booking.rests
        & Booking.held_until.is_(None)
        & (ScheduledSession.starts_at > now)
        & (ScheduledSession.state == SessionState.PUBLISHED)
        & Person.status.in_(policy.PROVEN)
        & has_room
    )
    is_over = waits() & (ScheduledSession.starts_at <= now)
    found = (
        select(Booking.session_id)
        .join(Booking.session)
        .join(Person, Person.id == Booking.person_id)
        .where(could_be_asked | is_over)
        .distinct()
        .order_by(Booking.session_id)
    )
    return list(db.session.scalars(found))


_TAKING = (BookingState.HELD, BookingState.PROVISIONAL, BookingState.BOOKED, BookingState.OFFERED)


def _has_room(taken: ColumnElement[int]) -> ColumnElement[bool]:
    in_room = (Booking.pool == Pool.ROOM) & (
        ScheduledSession.places_room.is_(None) | (ScheduledSession.places_room - taken >= Booking.party_size)
    )
    online = (Booking.pool == Pool.ONLINE) & (
        ScheduledSession.places_online.is_(None)
        | (ScheduledSession.places_online - taken >= Booking.party_size)
    )
    return in_room | online
