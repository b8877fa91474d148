"""What somebody sees of waiting lists: where she stands, what is kept for her, how many are before her."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from booking.db import db
from booking.models import Booking
from booking.models.kinds import BookingState, Pool, SessionState
from booking.queries.bookings import MyBooking
from booking.queries.waiting import Turn, could_be_asked, turn_of, waits


@dataclass(frozen=True)
class Stand:
    """How a waiting list looks to somebody on it; `is_late`: a place is free for the first who says yes."""

    turn: Turn
    is_offered: bool
    is_late: bool
    kept_until: datetime | None

    @property
    def needs_answer(self) -> bool:
        """Say whether there is something to say yes or no to."""
        return self.is_offered or self.is_late


def stand_of(booking: Booking, now: datetime) -> Stand | None:
    """Return where a booking stands; nothing for one that is on no waiting list."""
    if booking.waits_since is None or booking.state not in (BookingState.WAITING, BookingState.OFFERED):
        return None
    is_offered = booking.state is BookingState.OFFERED
    # Without a clock the office has not reached her yet: the place waits for its call.
    runs = booking.held_until is None or now < booking.held_until
    is_late = not is_offered and booking.held_until is not None and runs
    return Stand(turn_of(booking, now), is_offered and runs, is_late, booking.held_until if runs else None)


def stands_among(rows: Iterable[MyBooking], now: datetime) -> dict[int, Stand]:
    """Return where she stands for each booking that waits at a date that takes place."""
    found = {
        row.booking.id: stand_of(row.booking, now)
        for row in rows
        if row.session.state is SessionState.PUBLISHED and row.session.starts_at > now
    }
    return {booking_id: stand for booking_id, stand in found.items() if stand is not None}


def would_be_before(session_id: int, pools: Iterable[Pool], now: datetime) -> dict[Pool, int]:
    """Count who could be asked before her who joins now, for each pool; never who they are."""
    rows = db.session.execute(
        select(Booking.pool, func.count().label("number"))
        .where(Booking.session_id == session_id, waits(), could_be_asked(now))
        .group_by(Booking.pool)
        .order_by(Booking.pool)
    ).all()
    counted = {row.pool: row.number for row in rows}
    return {pool: counted.get(pool, 0) for pool in pools}
