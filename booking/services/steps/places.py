"""Counting places inside the transaction that holds the session's lock."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select

from booking.db import db
from booking.models import Booking, ScheduledSession
from booking.models.kinds import TAKING, Pool
from booking.queries.newcomers import has_come, kept_places
from booking.queries.places import is_left_to_waiting, places_left, taken_places

__all__ = [
    "free_places",
    "free_places_for",
    "places_left",
    "places_left_for",
    "taken_places",
    "taken_places_of",
]


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


def free_places(scheduled: ScheduledSession, pool: Pool) -> int | None:
    """Count the places that anybody may take, never below 0. Units: None = no limit."""
    left = places_left(scheduled, pool)
    return 0 if left and is_left_to_waiting(scheduled.id, pool, left) else left


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
