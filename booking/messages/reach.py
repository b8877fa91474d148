"""How somebody may be reached today: by which channel, at which address, or not at all."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import Select, bindparam, select

from booking import policy
from booking.db import db
from booking.models import ContactPoint, Person
from booking.models.kinds import Channel, ContactKind, MessageKind, PersonStatus
from booking.rules.addresses import may_be_mobile
from booking.settings import settings

# Nobody writes to these any more, receipts included.
SILENT = (PersonStatus.DIED, PersonStatus.CLOSED, PersonStatus.MERGED)
# The answers to what somebody just did; everything else is said unasked.
ANSWERS = (
    MessageKind.CONFIRM_EMAIL,
    MessageKind.SIGN_IN,
    MessageKind.BOOKED,
    MessageKind.GIVEN_UP,
    MessageKind.WAITING,
    MessageKind.PROVISIONAL,
    MessageKind.CHANGE_EMAIL,
    MessageKind.EMAIL_CHANGED,
    MessageKind.PASSWORD_CHANGED,
    MessageKind.FACTOR_CHANGED,
    MessageKind.COURSE_BOOKED,
    MessageKind.COURSE_LEFT,
)
# Of these at most two a day leave for one person; further ones go together in one letter.
COUNTED = (
    MessageKind.REMINDER,
    MessageKind.COURSE_STARTS,
    MessageKind.ROTA,
    MessageKind.TOMORROW,
    MessageKind.REGISTER_REMINDER,
    MessageKind.DIGEST,
    MessageKind.NEWS,
)
# What she must know, however often: several that are due together are one letter.
CHANGES = (MessageKind.SESSION_CHANGED, MessageKind.SESSION_CANCELLED)
# What is said by itself, as a help and no more: not while she wants to be left in peace.
_NUDGES = (*COUNTED, MessageKind.COVER_WANTED)
# What fits into a text message. Links prove an address, and what somebody wrote herself may hold any word.
BY_TEXT = (
    MessageKind.BOOKED,
    MessageKind.WAITING,
    MessageKind.OFFERED,
    MessageKind.PROVISIONAL,
    MessageKind.GIVEN_UP,
    MessageKind.REMINDER,
    MessageKind.SESSION_CHANGED,
    MessageKind.SESSION_CANCELLED,
    MessageKind.COURSE_BOOKED,
    MessageKind.COURSE_STARTS,
    MessageKind.COURSE_LEFT,
    MessageKind.ROTA_CHANGED,
    MessageKind.TOMORROW,
    MessageKind.REGISTER_REMINDER,
    MessageKind.COVER_WANTED,
)
LINKS = (MessageKind.CONFIRM_EMAIL, MessageKind.SIGN_IN, MessageKind.CHANGE_EMAIL)


@dataclass(frozen=True)
class Way:
    """A channel and the address on it; the office finds out by itself where none is written down."""

    channel: Channel
    address: str | None


def is_paused(person: Person, now: datetime) -> bool:
    """Say whether she asked to be left in peace for now."""
    return policy.is_paused(person, now)


def may_hear(person: Person, kind: MessageKind, now: datetime) -> bool:
    """Say whether a message of this kind may be meant for her at all, by any channel."""
    if person.status in SILENT:
        return False
    if person.status is PersonStatus.UNPROVEN:
        # An address that nobody has proven gets the one letter that asks, and no other.
        return kind in LINKS
    return not (kind in _NUDGES and is_paused(person, now))


def contacts_of(person_id: int) -> list[ContactPoint]:
    """Return how a person can be reached, the preferred way first."""
    return list(db.session.scalars(_contacts(), {"person_id": person_id}))


@cache
def _contacts() -> Select[ContactPoint]:
    """Build the question once: it is asked for every letter."""
    hers = select(ContactPoint).where(ContactPoint.person_id == bindparam("person_id"))
    return hers.order_by(ContactPoint.is_preferred.desc(), ContactPoint.id)


def contacts_of_all(person_ids: Collection[int]) -> dict[int, list[ContactPoint]]:
    """Return how each of these people can be reached, the preferred way first, in one question."""
    asked = select(ContactPoint).where(ContactPoint.person_id.in_(person_ids))
    found: dict[int, list[ContactPoint]] = {}
    for contact in db.session.scalars(asked.order_by(ContactPoint.is_preferred.desc(), ContactPoint.id)):
        found.setdefault(contact.person_id, []).append(contact)
    return found


def way_to(person: Person, contacts: Sequence[ContactPoint], kind: MessageKind, now: datetime) -> Way:
    """Choose the channel she wishes among those she has; without an email address it is a call to make.

    While she is paused nothing goes out by itself: a change she must know of is told by a human. An email
    address that nobody has proven may hold a slip, so no letter goes there. Whoever wishes for text messages
    reads her email, or is called, where there is no provider, no mobile phone, or no text of such a kind.
    """
    email = _first([one for one in contacts if one.proven_at is not None], ContactKind.EMAIL)
    phone = _first(contacts, ContactKind.PHONE)
    if is_paused(person, now) and kind not in ANSWERS:
        return Way(Channel.CALL, phone)
    if person.channel is Channel.CALL and (phone or not email):
        return Way(Channel.CALL, phone)
    if person.channel is Channel.POST:
        return Way(Channel.POST, None)
    if person.channel is Channel.TEXT and kind in BY_TEXT and settings().sends_texts:
        mobile = next((one.written for one in contacts if _takes_texts(one)), None)
        if mobile is not None:
            return Way(Channel.TEXT, mobile)
    return Way(Channel.EMAIL, email) if email else Way(Channel.CALL, phone)


def _takes_texts(contact: ContactPoint) -> bool:
    return contact.kind is ContactKind.PHONE and may_be_mobile(contact.written)


def _first(contacts: Sequence[ContactPoint], kind: ContactKind) -> str | None:
    return next((contact.written for contact in contacts if contact.kind is kind), None)
