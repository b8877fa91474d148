"""Cancelling a date inside the caller's transaction, which holds the session's lock."""

from datetime import datetime

from booking.models import ScheduledSession
from booking.models.kinds import BookingState, SessionState
from booking.services.steps.audit import note
from booking.services.steps.tell import live_bookings, tell_of_cancelling


def cancel(
    scheduled: ScheduledSession, reason: str, actor_id: int | None, now: datetime, deed_id: int | None = None
) -> None:
    """Cancel a date and every live booking of it, and tell each person once."""
    scheduled.state, scheduled.cancelled_at = SessionState.CANCELLED, now
    scheduled.public_reason, scheduled.changed_at = reason, now
    bookings = live_bookings(scheduled.id)
    # An address behind a held place is not proven yet: nobody writes to it a second time.
    told = [booking for booking in bookings if booking.state is not BookingState.HELD]
    for booking in bookings:
        booking.state, booking.state_at = BookingState.CANCELLED, now
    tell_of_cancelling(scheduled, told, now, deed_id)
    note(now, actor_id, "session cancelled", f"session:{scheduled.id}")
