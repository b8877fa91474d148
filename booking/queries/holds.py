"""Places that wait for somebody new, for her letter and the page behind it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from booking import policy
from booking.db import db
from booking.models import Booking, Person, ScheduledSession, Series
from booking.models.kinds import BookingState, PersonStatus, SessionState

_ASKED_FOR = (BookingState.HELD, BookingState.EXPIRED, BookingState.CANCELLED, BookingState.WAITING)


@dataclass(frozen=True)
class AskedFor:
    """A place somebody new asked for: whether it waits for her, and whether the session takes place.

    What did not fit was never held: two places at a time can wait for one address. `is_turn`: she asked for
    the waiting list.
    """

    booking: Booking
    session: ScheduledSession
    is_held: bool
    did_not_fit: bool
    is_cancelled: bool
    is_turn: bool = False


def asked_for_by(newcomer_id: int | None, now: datetime) -> list[AskedFor]:
    """Return what a newcomer asked for at sessions to come, by date; nothing once she has confirmed."""
    if newcomer_id is None:
        return []
    session = joinedload(Booking.session)
    bookings = db.session.scalars(
        select(Booking)
        .join(Booking.session)
        .join(Booking.person)
        .where(
            policy.is_hers(newcomer_id),
            Person.status == PersonStatus.UNPROVEN,
            Booking.state.in_(_ASKED_FOR),
            ScheduledSession.starts_at > now,
        )
        .options(session.joinedload(ScheduledSession.series).joinedload(Series.programme))
        .options(session.joinedload(ScheduledSession.venue))
        .order_by(ScheduledSession.starts_at, Booking.id)
        .execution_options(populate_existing=True)
    )
    # Of several at one session the newest counts.
    newest = {booking.session_id: booking for booking in bookings}
    return [_as_it_stands(booking, now) for booking in newest.values()]


def _as_it_stands(booking: Booking, now: datetime) -> AskedFor:
    held = booking.state is BookingState.HELD and booking.held_until is not None
    return AskedFor(
        booking=booking,
        session=booking.session,
        is_held=held and booking.held_until is not None and booking.held_until > now,
        did_not_fit=booking.was_never_held,
        is_turn=booking.state is BookingState.WAITING,
        is_cancelled=booking.session.state is SessionState.CANCELLED,
    )
