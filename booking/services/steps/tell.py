"""Telling everybody who is booked that a date has changed or will not take place."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from booking.db import db
from booking.messages import outbox
from booking.models import Booking, ScheduledSession
from booking.models.kinds import LIVE, BookingState, MessageKind
from booking.rules.quiet_hours import next_allowed
from booking.services.steps.letters import withdraw_for_booking

_AT_ONCE_WITHIN = timedelta(hours=24)
_OVERTAKEN = (MessageKind.SESSION_CHANGED, MessageKind.REMINDER, MessageKind.COURSE_STARTS)


def tell_of_change(scheduled: ScheduledSession, was_starting_at: datetime, now: datetime) -> int:
    """Lay one message for each person booked; return how many bookings that concerns."""
    told = [booking for booking in live_bookings(scheduled.id) if booking.state is not BookingState.HELD]
    due_at = _due_at(min(scheduled.starts_at, was_starting_at), now)
    for booking in told:
        _post(MessageKind.SESSION_CHANGED, booking, scheduled, due_at, now)
    return len(told)


def tell_of_cancelling(scheduled: ScheduledSession, bookings: list[Booking], now: datetime) -> None:
    """Lay one message for each of these bookings."""
    due_at = _due_at(scheduled.starts_at, now)
    for booking in bookings:
        _post(MessageKind.SESSION_CANCELLED, booking, scheduled, due_at, now)


def live_bookings(session_id: int) -> list[Booking]:
    """Return the bookings of a date that still stand, with their people."""
    return list(
        db.session.scalars(
            select(Booking)
            .where(Booking.session_id == session_id, Booking.state.in_(LIVE))
            .options(joinedload(Booking.person))
            .order_by(Booking.id)
        )
    )


def _post(
    kind: MessageKind, booking: Booking, scheduled: ScheduledSession, due_at: datetime, now: datetime
) -> None:
    withdraw_for_booking(booking.id, _OVERTAKEN, "overtaken by a change")
    if booking.person is None:
        return
    outbox.post(
        kind,
        person=booking.person,
        booking=booking,
        now=now,
        key=f"booking:{booking.id}:{kind.value}:v{scheduled.schedule_version}",
        due_at=due_at,
        # She has stood before the shut door by then; what is still unsaid shows in the office.
        useless_at=scheduled.ends_at,
        schedule_version=scheduled.schedule_version,
    )


def _due_at(starts_at: datetime, now: datetime) -> datetime:
    """Let it wait for 8am unless the session is near: then a lit phone is the smaller evil."""
    return now if starts_at - now < _AT_ONCE_WITHIN else next_allowed(now)
