"""The letters: ids in, words out of today's rows, or "no longer true"."""

from collections.abc import Callable
from datetime import datetime

from booking.db import db
from booking.messages.letters import courses, notices, proofs, sessions
from booking.messages.letters.invitations import booking_event, course_events, her_calendar
from booking.messages.letters.results import CalendarPart, Composed, ForTheOffice, Letter, NoLongerTrue
from booking.messages.reach import may_hear
from booking.models import Message, Person
from booking.models.kinds import MessageKind

__all__ = [
    "CalendarPart",
    "Composed",
    "ForTheOffice",
    "Letter",
    "NoLongerTrue",
    "booking_event",
    "compose",
    "compose_now",
    "course_events",
    "her_calendar",
]

_WRITERS: dict[MessageKind, Callable[[Message, datetime], Composed]] = {
    MessageKind.CONFIRM_EMAIL: proofs.confirm_email,
    MessageKind.SIGN_IN: proofs.sign_in,
    MessageKind.BOOKED: sessions.booked,
    MessageKind.GIVEN_UP: sessions.given_up,
    MessageKind.REMINDER: sessions.reminder,
    MessageKind.SESSION_CHANGED: sessions.session_changed,
    MessageKind.SESSION_CANCELLED: sessions.session_cancelled,
    MessageKind.CHANGE_EMAIL: proofs.change_email,
    MessageKind.EMAIL_CHANGED: notices.email_changed,
    MessageKind.PASSWORD_CHANGED: notices.password_changed,
    MessageKind.FACTOR_CHANGED: notices.factor_changed,
    MessageKind.COURSE_BOOKED: courses.course_booked,
    MessageKind.COURSE_STARTS: courses.course_starts,
    MessageKind.COURSE_LEFT: courses.course_left,
    MessageKind.WAITING: sessions.waiting,
    MessageKind.OFFERED: sessions.offered,
    MessageKind.PROVISIONAL: sessions.provisional,
}


def compose(message: Message, now: datetime) -> Composed:
    """Write a message's letter from today's rows, or say why it need not be sent, or who takes it over."""
    if message.useless_at is not None and message.useless_at <= now:
        return NoLongerTrue("too late")
    person = db.session.get(Person, message.person_id) if message.person_id is not None else None
    if person is not None and not may_hear(person, message.kind, now):
        return NoLongerTrue("not to be written to")
    return _WRITERS[message.kind](message, now)


def compose_now(message_id: int, now: datetime) -> Composed:
    """Compose from a reading transaction of its own, which is over when the mail server is spoken to."""
    db.session.rollback()
    try:
        message = db.session.get(Message, message_id, populate_existing=True)
        return compose(message, now) if message is not None else NoLongerTrue("removed")
    finally:
        db.session.rollback()
