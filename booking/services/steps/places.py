"""Counting places inside the transaction that holds the session's lock."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select

from booking.db import db
from booking.models import Booking, ScheduledSession
from booking.models.kinds import TAKING, Pool
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


def free_places(scheduled: ScheduledSession, pool: Pool) -> int | None:
    """Count the places nobody has yet, never below 0. Units: None = no limit."""
    places = scheduled.places(pool)
    return None if places is None else max(0, places - taken_places(scheduled.id, pool))


def free_places_for(person_id: int, scheduled: ScheduledSession, pool: Pool, now: datetime) -> int | None:
    """Count the places that this person may take. Units: None = no limit."""
    free = free_places(scheduled, pool)
    if not free:
        return free
    kept = kept_places(scheduled, pool, now)
    return max(0, free - kept) if kept and has_come(person_id) else free
