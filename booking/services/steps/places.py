"""Counting places inside the transaction that holds the session's lock."""

from sqlalchemy import func, select

from booking.db import db
from booking.models import Booking, ScheduledSession
from booking.models.kinds import TAKING, Pool


def taken_places(session_id: int, pool: Pool) -> int:
    """Count the places that are held, provisional, booked or offered. Units: places, not bookings."""
    counted = db.session.scalar(
        select(func.coalesce(func.sum(Booking.party_size), 0)).where(
            Booking.session_id == session_id, Booking.pool == pool, Booking.state.in_(TAKING)
        )
    )
    return int(counted or 0)


def free_places(scheduled: ScheduledSession, pool: Pool) -> int | None:
    """Count the places nobody has yet, never below 0. Units: None = no limit."""
    places = scheduled.places(pool)
    return None if places is None else max(0, places - taken_places(scheduled.id, pool))
