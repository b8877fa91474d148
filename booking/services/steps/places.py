"""Counting places inside the transaction that holds the session's lock."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select

from booking.db import db
from booking.models import Booking, ScheduledSession
from booking.models.kinds import TAKING, BookingState, Pool
from booking.queries.newcomers import has_come, kept_places


def taken_places(session_id: int, pool: Pool) -> int:
    """Count the places that are held, provisional, booked or offered. Units: places, not bookings."""
    counted = db.session.scalar(
        select(func.coalesce(func.sum(Booking.party_size), 0)).where(
            Booking.session_id == session_id, Booking.pool == pool, Booking.state.in_(TAKING)
        )
    )
    return int(counted or 0)


def taken_places_of(session_ids: Collection[int]) -> dict[int, dict[Pool, int]]:
    """Count the places taken of each pool of these dates, in one question. Units: places, not bookings."""
    asked = (
        select(Booking.session_id, Booking.pool, func.sum(Booking.party_size))
        .where(Booking.session_id.in_(session_ids), Booking.state.in_(TAKING))
        .group_by(Booking.session_id, Booking.pool)
        .order_by(Booking.session_id, Booking.pool)
    )
    found: dict[int, dict[Pool, int]] = {}
    for session_id, pool, many in db.session.execute(asked):
        found.setdefault(session_id, {})[pool] = int(many)
    return found


def places_left(scheduled: ScheduledSession, pool: Pool) -> int | None:
    """Count the places nobody has yet, whoever waits for them; never below 0. Units: None = no limit."""
    places = scheduled.places(pool)
    return None if places is None else max(0, places - taken_places(scheduled.id, pool))


def free_places(scheduled: ScheduledSession, pool: Pool) -> int | None:
    """Count the places that anybody may take, never below 0. Units: None = no limit."""
    left = places_left(scheduled, pool)
    return 0 if left and is_left_to_waiting(scheduled.id, pool) else left


def is_left_to_waiting(session_id: int, pool: Pool) -> bool:
    """Say whether free places are for those on the waiting list who were told in the last hours."""
    told = select(Booking.id).where(
        Booking.session_id == session_id,
        Booking.pool == pool,
        Booking.state == BookingState.WAITING,
        Booking.held_until.is_not(None),
    )
    return db.session.scalar(told.limit(1)) is not None


def free_places_for(person_id: int, scheduled: ScheduledSession, pool: Pool, now: datetime) -> int | None:
    """Count the places that this person may take who does not wait for one. Units: None = no limit."""
    free = free_places(scheduled, pool)
    return _without_newcomers(free, person_id, scheduled, pool, now)


def places_left_for(person_id: int, scheduled: ScheduledSession, pool: Pool, now: datetime) -> int | None:
    """Count the places that somebody on the waiting list may take. Units: None = no limit."""
    return _without_newcomers(places_left(scheduled, pool), person_id, scheduled, pool, now)


def _without_newcomers(
    free: int | None, person_id: int, scheduled: ScheduledSession, pool: Pool, now: datetime
) -> int | None:
    if not free:
        return free
    kept = kept_places(scheduled, pool, now)
    return max(0, free - kept) if kept and has_come(person_id) else free
