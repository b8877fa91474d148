"""How many places of a date are taken and left; a decision asks only under the session's lock."""

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


def places_left(scheduled: ScheduledSession, pool: Pool) -> int | None:
    """Count the places nobody has yet, whoever waits for them; never below 0. Units: None = no limit."""
    places = scheduled.places(pool)
    return None if places is None else max(0, places - taken_places(scheduled.id, pool))


def is_left_to_waiting(session_id: int, pool: Pool, left: int) -> bool:
    """Say whether the places left are for those on the waiting list who were told in the last hours.

    Units: places. A party that is told of them but has grown too big for them keeps nobody else out.
    """
    told = select(Booking.id).where(
        Booking.session_id == session_id,
        Booking.pool == pool,
        Booking.state == BookingState.WAITING,
        Booking.held_until.is_not(None),
        Booking.party_size <= left,
    )
    return db.session.scalar(told.limit(1)) is not None


class Room:
    """What is left of a pool while its places are given out one after the other.

    Units: places; `left` None = no limit. Places kept for newcomers are none for who has come before.
    """

    def __init__(self, scheduled: ScheduledSession, pool: Pool, now: datetime) -> None:
        self.left = places_left(scheduled, pool)
        self._kept = kept_places(scheduled, pool, now) if self.left else 0

    def fits(self, person_id: int, party_size: int) -> bool:
        """Say whether somebody's whole party fits in what is left for her."""
        if self.left is None:
            return True
        kept = self._kept if self._kept and has_come(person_id) else 0
        return self.left - kept >= party_size

    def give(self, person_id: int, party_size: int) -> None:
        """Take her places away from what is left; a newcomer's are those kept for newcomers."""
        if self.left is None:
            return
        if self._kept and not has_come(person_id):
            self._kept = max(0, self._kept - party_size)
        self.left -= party_size
