"""What somebody heard or said on the phone, written down inside the caller's transaction."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select, update

from booking.db import db
from booking.models import Booking, CallNote, Message, Person
from booking.models.kinds import BookingState, CallOutcome, Channel, MessageKind, MessageState
from booking.queries.waiting import together
from booking.rules import waiting as rules
from booking.services.steps import taking

BY_HAND = (Channel.CALL, Channel.POST)


def note_heard(booking: Booking, actor_id: int, now: datetime) -> None:
    """Settle the calls about a place that she has answered on the phone: she was there.

    Whoever wants post still gets the letter that confirms it.
    """
    db.session.flush()
    about = [one.id for one in _together(booking)]
    calls = [call for one in about for call in _calls(one, MessageKind.OFFERED, BY_HAND)]
    calls += _calls(booking.id, MessageKind.BOOKED, (Channel.CALL,))
    for message_id in calls:
        sent = {"state": MessageState.SENT, "sent_at": now, "why": "", "attempts": Message.attempts + 1}
        db.session.execute(update(Message).where(Message.id == message_id).values(sent))
        facts = {"outcome": CallOutcome.REACHED, "noted_by": actor_id, "noted_at": now}
        db.session.add(CallNote(message_id=message_id, **facts))


def start_clock(booking_id: int, now: datetime) -> None:
    """Let the time of an offer run from now on: she was spoken with, or word was left for her.

    Until then no time runs while the office has not reached her. Of a course it runs for every week at once.
    The caller holds the session's lock, and with it those of all weeks.
    """
    weeks = _offered(booking_id)
    first = weeks[0] if weeks else None
    if first is None or first.held_until is not None or first.person_id is None:
        return
    starts_at = taking.session_today(first.session_id).starts_at
    notice_hours = db.session.get_one(Person, first.person_id).notice_hours
    until = rules.offered_until(now, starts_at, notice_hours)
    for booking in weeks:
        # So near the start that no rule gives her time: the hour that any answer takes.
        booking.held_until = until or min(now + rules.LEAST_HOLD, starts_at)


def stop_clock(booking_id: int) -> None:
    """Let no time of an offer run again: it was a slip, and nobody has reached her."""
    for booking in _offered(booking_id):
        booking.held_until = None


def is_answered(booking_id: int) -> bool:
    """Say whether nothing is offered any more: neither a place nor a chance in the last hours."""
    booking = db.session.get_one(Booking, booking_id, populate_existing=True)
    told_late = booking.state is BookingState.WAITING and booking.held_until is not None
    return booking.state is not BookingState.OFFERED and not told_late


def _offered(booking_id: int) -> list[Booking]:
    """Return what is offered to her with this booking, the next week first; nothing if it is not."""
    booking = db.session.get_one(Booking, booking_id, populate_existing=True)
    if booking.state is not BookingState.OFFERED or not booking.is_from_queue:
        return []
    return [one for one in _together(booking) if one.state is BookingState.OFFERED]


def _together(booking: Booking) -> list[Booking]:
    if booking.waits_since is None:
        return [booking]
    return list(db.session.scalars(together(booking).execution_options(populate_existing=True)))


def _calls(booking_id: int, kind: MessageKind, channels: Collection[Channel]) -> list[int]:
    about = (Message.booking_id == booking_id) & (Message.kind == kind)
    waits = (Message.state == MessageState.WAITING) & Message.channel.in_(channels)
    return list(db.session.scalars(select(Message.id).where(about, waits).order_by(Message.id)))
