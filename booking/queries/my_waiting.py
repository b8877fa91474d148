"""What somebody sees of waiting lists: where she stands, what is kept for her, how many are before her."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from booking import policy
from booking.db import db
from booking.models import Booking, ScheduledSession
from booking.models.kinds import BookingState, Pool, SessionState
from booking.queries.bookings import MyBooking, may_still_be_hers
from booking.queries.waiting import Turn, could_be_asked, together, turn_of, waits, waits_for_all_of_it
from booking.rules.tokens import make_token
from booking.rules.waiting import BACK_WITHIN
from booking.settings import settings


@dataclass(frozen=True)
class Stand:
    """How a waiting list looks to somebody on it; `is_late`: a place is free for the first who says yes.

    `is_free`: nobody is asked about it any more, and a place is there for whoever takes it, her as well.
    """

    turn: Turn
    is_offered: bool
    is_late: bool
    kept_until: datetime | None
    is_free: bool = False

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
    until = booking.held_until if runs else None
    is_free = not is_offered and not is_late and _is_free_for_her(booking, now)
    return Stand(turn_of(booking, now), is_offered and runs, is_late, until, is_free)


def stand_at(session_id: int, person_id: int, now: datetime) -> tuple[Booking, Stand] | None:
    """Return her booking of a date, and where it stands on the waiting list; nothing if she is on none."""
    hers = select(Booking).where(Booking.session_id == session_id, policy.is_hers(person_id), waits())
    hers = hers.options(joinedload(Booking.session).joinedload(ScheduledSession.series))
    booking = db.session.scalar(hers.order_by(Booking.id.desc()).limit(1))
    stand = stand_of(booking, now) if booking is not None else None
    return (booking, stand) if booking is not None and stand is not None else None


def stands_among(rows: Iterable[MyBooking], now: datetime) -> dict[int, Stand]:
    """Return where she stands for each booking that waits at a date that takes place."""
    found = {
        row.booking.id: stand_of(row.booking, now)
        for row in rows
        if row.session.state is SessionState.PUBLISHED and row.session.starts_at > now
    }
    return {booking_id: stand for booking_id, stand in found.items() if stand is not None}


def left_lately(person_id: int, session_ids: Collection[int], pool: Pool, now: datetime) -> Booking | None:
    """Return the booking by which she left the list of one of these dates a moment ago; her turn stands.

    Source: `rules.waiting.BACK_WITHIN`: leaving is one tap, and a tap can slip.
    """
    left = select(Booking).where(
        policy.is_hers(person_id),
        Booking.session_id.in_(session_ids),
        Booking.pool == pool,
        Booking.state == BookingState.GIVEN_UP,
        Booking.waits_since.is_not(None),
        Booking.queue_at.is_not(None),
        Booking.state_at >= now - BACK_WITHIN,
    )
    return db.session.scalar(left.order_by(Booking.queue_at, Booking.id.desc()).limit(1))


def may_go_back(booking: Booking, now: datetime) -> bool:
    """Say whether she left this list a moment ago, and has nothing else at the date since."""
    person_id, scheduled = booking.person_id, booking.session
    stands = scheduled.state is SessionState.PUBLISHED and now < scheduled.starts_at
    if not stands or person_id is None or booking.state is not BookingState.GIVEN_UP:
        return False
    if booking.swap_for_id is not None:
        # Which place she keeps meanwhile is chosen anew, on the page of better dates.
        return False
    if booking.waits_since is None or booking.queue_at is None or booking.state_at < now - BACK_WITHIN:
        return False
    since = select(Booking.id).where(
        policy.is_hers(person_id), Booking.session_id == scheduled.id, Booking.id > booking.id
    )
    return db.session.scalar(since.limit(1)) is None


def is_of_course(booking: Booking) -> bool:
    """Say whether she waited, or waits, for a course as a whole by this booking."""
    series = booking.session.series
    if not series.is_course:
        return False
    return not series.single_dates or len(db.session.scalars(together(booking)).all()) > 1


def offer_token(booking: Booking) -> str:
    """Return the token of the page that shows her turn, and what is kept for her."""
    return make_token(settings().secret_key, "offer", booking.id, booking.nonce)


def _is_free_for_her(booking: Booking, now: datetime) -> bool:
    """Say whether a yes of hers would make a place hers just now, though nobody is asked about it."""
    if waits_for_all_of_it(booking, booking.session):
        return False
    return may_still_be_hers(MyBooking(booking, booking.session, ()), now)


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
