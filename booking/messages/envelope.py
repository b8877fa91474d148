"""A letter in its envelope: exactly one recipient, and headers that nobody can break out of."""

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import lru_cache

from booking.messages.letters.results import Letter
from booking.messages.mime import as_bytes, folded, in_one_piece
from booking.rules.addresses import NotAnEmailAddress, one_address, one_line, phone_key, sender_address
from booking.rules.discreet import holds_forbidden
from booking.rules.verp import bounce_address, mark_of
from config import Settings

_URL = re.compile(r"https?://[!-;=?-~]+", re.ASCII)
_AS_WRITTEN = SMTP.clone(refold_source="none")


class BadSender(ValueError):
    """The address or name letters come from can't be used: a fault of the set-up, not of a letter."""


@dataclass(frozen=True)
class Envelope:
    """What a mail server is told, and what it is given."""

    sender: str
    recipient: str
    content: bytes
    letter: Letter
    written_at: datetime

    @property
    def message(self) -> EmailMessage:
        """Read the letter back, as whoever receives it does."""
        return message_from_bytes(self.content, policy=_AS_WRITTEN)


@dataclass(frozen=True)
class TextMessage:
    """What a provider of text messages is given."""

    sender: str
    # As +447700900123.
    recipient: str
    words: str
    # Fixed for the row, as a letter's Message-ID: the provider knows a second copy by it.
    reference: str
    written_at: datetime


def worded(letter: Letter, settings: Settings, now: datetime) -> TextMessage:
    """Make the text message of a letter.

    Refuses: as a ValueError, a recipient that is not one phone number, and words that are none or that
    may not stand on a lock screen.
    """
    words = one_line(letter.short)
    if not words or holds_forbidden(words):
        raise ValueError("no words for a text message")
    return TextMessage(settings.text_from, phone_key(letter.recipient), words, letter.message_id, now)


def sealed(letter: Letter, settings: Settings, now: datetime) -> Envelope:
    """Put a letter into its envelope.

    Refuses: as a ValueError, a recipient that is not exactly one address, and a line break in a header;
    as a BadSender, settings that name no sender.
    """
    sender, author = _sender(letter, settings)
    recipient = one_address(letter.recipient)
    headers = [
        author,
        in_one_piece("To", recipient),
        folded("Subject", one_line(letter.subject)),
        in_one_piece("Date", format_datetime(now)),
        in_one_piece("Message-ID", letter.message_id),
        *_where_answers_go(letter, settings),
        # Nobody's holiday answer should come back to the office.
        in_one_piece("Auto-Submitted", "auto-generated"),
    ]
    return Envelope(sender, recipient, as_bytes(headers, letter), letter, now)


def _sender(letter: Letter, settings: Settings) -> tuple[str, bytes]:
    """Return where a letter comes back to, and who wrote it."""
    try:
        address, author = _author(settings.mail_from, settings.discreet_sender_name)
        back = _checked(settings.bounce_address) if settings.bounce_address else ""
        if back and mark_of(letter.message_id):
            back = bounce_address(back, letter.message_id)
        return back or address, author
    except Exception as fault:
        # As with a letter's other headers, Python knows more ways to fail than it names.
        raise BadSender("MAIL_FROM") from fault


@lru_cache
def _author(mail_from: str, name: str) -> tuple[str, bytes]:
    address = sender_address(mail_from)
    local, _at, domain = address.rpartition("@")
    return address, folded("From", str(Address(one_line(name), local, domain)))


@lru_cache
def _checked(address: str) -> str:
    return sender_address(address)


def _where_answers_go(letter: Letter, settings: Settings) -> list[bytes]:
    headers = []
    # Settings that name no such address stop no letter; its answers then go to its author.
    with suppress(NotAnEmailAddress):
        headers.append(in_one_piece("Reply-To", _checked(letter.reply_to or settings.help_email)))
    if letter.unsubscribe_url:
        if not _URL.fullmatch(letter.unsubscribe_url):
            raise ValueError("no address to unsubscribe at")
        # One click in the reader's own mail program: RFC 8058.
        headers.append(in_one_piece("List-Unsubscribe", f"<{letter.unsubscribe_url}>"))
        headers.append(in_one_piece("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"))
    return headers
