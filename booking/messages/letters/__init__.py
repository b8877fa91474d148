"""The letters: ids in, words out of today's rows, or "no longer true"."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

from booking.db import db
from booking.messages.letters import (
    announcements,
    courses,
    host_changes,
    hosts,
    notices,
    office,
    proofs,
    sessions,
    together,
)
from booking.messages.letters.invitations import booking_event, course_events, her_calendar
from booking.messages.letters.language import in_her_language
from booking.messages.letters.results import (
    ByAnotherChannel,
    CalendarPart,
    Composed,
    ForTheOffice,
    Letter,
    NoLongerTrue,
    Unwritable,
)
from booking.messages.reach import contacts_of, may_hear, way_to
from booking.models import Message, Person
from booking.models.kinds import Channel, MessageKind

__all__ = [
    "ByAnotherChannel",
    "CalendarPart",
    "Composed",
    "ForTheOffice",
    "Letter",
    "NoLongerTrue",
    "Unwritable",
    "booking_event",
    "compose",
    "compose_now",
    "course_events",
    "her_calendar",
    "words_now",
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
    MessageKind.ROTA: hosts.rota,
    MessageKind.ROTA_CHANGED: host_changes.rota_changed,
    MessageKind.TOMORROW: hosts.tomorrow,
    MessageKind.REGISTER_REMINDER: hosts.register_reminder,
    MessageKind.COVER_WANTED: hosts.cover_wanted,
    MessageKind.DIGEST: office.digest,
    MessageKind.ANNOUNCEMENT: announcements.announcement,
    MessageKind.NEWS: announcements.news,
}


def compose(message: Message, now: datetime) -> Composed:
    """Write a message's letter from today's rows, or say why it need not be sent, or who takes it over.

    Its writer judges whether it is still true and finds the words; where they go is decided here, once.
    """
    person = _reader(message)
    words = _words(message, now)
    if not isinstance(words, Letter):
        return words
    if message.channel is Channel.TEXT and not words.short:
        return ForTheOffice("no words for a text message")
    if words.recipient or person is None:
        return words
    return _on_her_way(words, message, person, now)


def compose_now(message_id: int, now: datetime) -> Composed:
    """Compose from a reading transaction of its own, which is over when the mail server is spoken to.

    What has joined the message stands in the same letter.
    """
    with _apart(message_id) as parts:
        return together.compose_whole(parts, now, compose) if parts else NoLongerTrue("removed")


def words_now(message_id: int, now: datetime) -> Composed:
    """Return what a message says by today's rows, whatever its channel: to look at, to read out, to print.

    The letter names a recipient only where the message itself goes to one fixed address.
    """
    with _apart(message_id) as parts:
        return _words(parts[0], now) if parts else NoLongerTrue("removed")


def _words(message: Message, now: datetime) -> Composed:
    if message.useless_at is not None and message.useless_at <= now:
        return NoLongerTrue("too late")
    person = _reader(message)
    if person is not None and not may_hear(person, message.kind, now):
        return NoLongerTrue("not to be written to")
    with in_her_language(person):
        return _WRITERS[message.kind](message, now)


def _reader(message: Message) -> Person | None:
    return db.session.get(Person, message.person_id) if message.person_id is not None else None


def _on_her_way(words: Letter, message: Message, person: Person, now: datetime) -> Composed:
    """Address a letter as she is reached today; by another channel than the message's it is another's."""
    way = way_to(person, contacts_of(person.id), message.kind, now)
    if way.channel not in (Channel.EMAIL, Channel.TEXT) or way.address is None:
        return ForTheOffice("by another channel")
    if way.channel is not message.channel:
        return ByAnotherChannel(way.channel, "by another channel")
    return replace(words, recipient=way.address)


@contextmanager
def _apart(message_id: int) -> Iterator[Sequence[Message]]:
    """Read a message and what has joined it in a transaction of its own, which ends with the block."""
    db.session.rollback()
    try:
        # Whoever reads them is held here, so that whoever asks for her below asks no database.
        rows = db.session.execute(together.whole_letter(), {"message_id": message_id}).all()
        yield [message for message, _reader in rows]
    finally:
        db.session.rollback()
