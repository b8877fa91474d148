"""Who comes for the first time, and how many places are still kept for them."""

from datetime import datetime

from sqlalchemy import func, select

from booking import policy
from booking.db import db
from booking.models import Booking, ScheduledSession
from booking.models.kinds import TAKING, Pool
from booking.rules.booking_window import kept_for_newcomers


def kept_places(scheduled: ScheduledSession, pool: Pool, now: datetime) -> int:
    """Count the places of a pool that only somebody who comes for the first time may take now."""
    wanted = scheduled.series.newcomer_places
    if not wanted or pool is not policy.newcomers_pool(scheduled):
        return 0
    counted = db.session.scalar(
        select(func.coalesce(func.sum(Booking.party_size), 0)).where(
            Booking.session_id == scheduled.id,
            Booking.pool == pool,
            Booking.state.in_(TAKING),
            Booking.person_id.is_not(None),
            ~policy.has_come(Booking.person_id),
        )
    )
    return kept_for_newcomers(wanted, int(counted or 0), scheduled.starts_at, now)


def has_come(person_id: int) -> bool:
    """Say whether somebody came to a session before."""
    return bool(db.session.scalar(select(policy.has_come(person_id))))
