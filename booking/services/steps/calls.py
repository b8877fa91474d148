"""What somebody heard or said on the phone, written down inside the caller's transaction."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select, update

from booking.db import db
from booking.models import Booking, CallNote, Message, Person
from booking.models.kinds import BookingState, CallOutcome, Channel, MessageKind, MessageState
from booking.rules import waiting as rules
from booking.services.steps import taking

BY_HAND = (Channel.CALL, Channel.POST)


def note_heard(booking: Booking, actor_id: int, now: datetime) -> None:
    """Settle the calls about a place that she has answered on the phone: she was there.

    Whoever wants post still gets the letter that confirms it.
    """
    db.session.flush()
    calls = [*_calls(booking.id, MessageKind.OFFERED, BY_HAND)]
    calls += _calls(booking.id, MessageKind.BOOKED, (Channel.CALL,))
    for message_id in calls:
        sent = {"state": MessageState.SENT, "sent_at": now, "why": "", "attempts": Message.attempts + 1}
        db.session.execute(update(Message).where(Message.id == message_id).values(sent))
        facts = {"outcome": CallOutcome.REACHED, "noted_by": actor_id, "noted_at": now}
        db.session.add(CallNote(message_id=message_id, **facts))


def start_clock(booking_id: int, now: datetime) -> None:
    """Let the time of an offer run from now on: she was spoken with, or word was left for her.

    Until then no time runs while the office has not reached her. The caller holds the session's lock.
    """
    booking = _offered(booking_id)
    if booking is None or booking.held_until is not None or booking.person_id is None:
        return
    starts_at = taking.session_today(booking.session_id).starts_at
    notice_hours = db.session.get_one(Person, booking.person_id).notice_hours
    until = rules.offered_until(now, starts_at, notice_hours)
    # So near the start that no rule gives her time: the hour that any answer takes.
    booking.held_until = until or min(now + rules.LEAST_HOLD, starts_at)


def stop_clock(booking_id: int) -> None:
    """Let no time of an offer run again: it was a slip, and nobody has reached her."""
    booking = _offered(booking_id)
    if booking is not None:
        booking.held_until = None


def is_answered(booking_id: int) -> bool:
    """Say whether nothing is offered any more: neither a place nor a chance in the last hours."""
    booking = db.session.get_one(Booking, booking_id, populate_existing=True)
    told_late = booking.state is BookingState.WAITING and booking.held_until is not None
    return booking.state is not BookingState.OFFERED and not told_late


def _offered(booking_id: int) -> Booking | None:
    booking = db.session.get_one(Booking, booking_id, populate_existing=True)
    return booking if booking.state is BookingState.OFFERED and booking.is_from_queue else None


def _calls(booking_id: int, kind: MessageKind, channels: Collection[Channel]) -> list[int]:
    about = (Message.booking_id == booking_id) & (Message.kind == kind)
    waits = (Message.state == MessageState.WAITING) & Message.channel.in_(channels)
    return list(db.session.scalars(select(Message.id).where(about, waits).order_by(Message.id)))
