"""Telling everybody who is booked that a date has changed or will not take place."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from booking.db import db
from booking.messages import outbox
from booking.models import Booking, ScheduledSession
from booking.models.kinds import LIVE, BookingState, MessageKind, SeasonDeedKind
from booking.rules.quiet_hours import next_allowed
from booking.services.steps.letters import withdraw_for_booking

_AT_ONCE_WITHIN = timedelta(hours=24)
_OVERTAKEN = (MessageKind.SESSION_CHANGED, MessageKind.REMINDER, MessageKind.COURSE_STARTS)
# Behind a held place stands an address that nobody has proven; an offer shows the date as it is now.
_HEARS_NOTHING = (BookingState.HELD, BookingState.OFFERED)


def tell_of_change(
    scheduled: ScheduledSession, was_starting_at: datetime, now: datetime, deed_id: int | None = None
) -> int:
    """Lay one message for each person booked; return how many bookings that concerns."""
    there = live_bookings(scheduled.id)
    _keep_offers_before_the_start(there, scheduled)
    told = [booking for booking in there if booking.state not in _HEARS_NOTHING]
    due_at = readable_at(min(scheduled.starts_at, was_starting_at), now)
    for booking in told:
        _post(MessageKind.SESSION_CHANGED, booking, scheduled, due_at, now, deed_id)
    return len(told)


def tell_of_cancelling(
    scheduled: ScheduledSession, bookings: list[Booking], now: datetime, deed_id: int | None = None
) -> None:
    """Lay one message for each of these bookings."""
    due_at = readable_at(scheduled.starts_at, now)
    for booking in bookings:
        _post(MessageKind.SESSION_CANCELLED, booking, scheduled, due_at, now, deed_id)


def anybody_hears(kind: SeasonDeedKind, session_id: int) -> bool:
    """Say whether somebody has a place at a date who is told when it moves or is cancelled."""
    deaf = (BookingState.HELD,) if kind is SeasonDeedKind.CANCELLED else _HEARS_NOTHING
    return any(booking.state not in deaf for booking in live_bookings(session_id))


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


def readable_at(starts_at: datetime, now: datetime) -> datetime:
    """Let it wait for 8am unless the session is near: then a lit phone is the smaller evil."""
    return now if starts_at - now < _AT_ONCE_WITHIN else next_allowed(now)


def _post(
    kind: MessageKind,
    booking: Booking,
    scheduled: ScheduledSession,
    due_at: datetime,
    now: datetime,
    deed_id: int | None,
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
        season_deed_id=deed_id,
    )


def _keep_offers_before_the_start(bookings: list[Booking], scheduled: ScheduledSession) -> None:
    """Let no place that is offered wait beyond the new start of its date."""
    for booking in bookings:
        if booking.state is BookingState.OFFERED and booking.held_until is not None:
            booking.held_until = min(booking.held_until, scheduled.starts_at)
