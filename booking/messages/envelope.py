"""A letter in its envelope: exactly one recipient, and headers that nobody can break out of."""

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from typing import Any

from booking.messages.letters.results import CalendarPart, Letter
from booking.rules.addresses import NotAnEmailAddress, one_address, one_line, phone_key, sender_address
from booking.rules.discreet import holds_forbidden
from booking.rules.verp import bounce_address, mark_of
from config import Settings

# Folded, these would reach some servers in pieces, and an address to unsubscribe at as nonsense.
_IN_ONE_PIECE = frozenset({"message-id", "to", "reply-to", "list-unsubscribe", "list-unsubscribe-post"})
_LONGEST_LINE = 998
_URL = re.compile(r"https?://[!-;=?-~]+", re.ASCII)


class _Policy(EmailPolicy):
    """Lines as short as mail servers like them, but for headers that are one thing."""

    def fold(self, name: str, value: Any) -> str:
        """Fold a header, or leave it whole."""
        return self._whole(name, value) or super().fold(name, value)

    def fold_binary(self, name: str, value: Any) -> bytes:
        """Fold a header for the wire, or leave it whole."""
        whole = self._whole(name, value)
        return whole.encode("ascii") if whole else super().fold_binary(name, value)

    def _whole(self, name: str, value: str) -> str:
        line = f"{name}: {value}"
        is_whole = name.lower() in _IN_ONE_PIECE and line.isascii() and len(line) <= _LONGEST_LINE
        return line + self.linesep if is_whole else ""


# Longer lines of a body are more than quoted-printable allows.
_POLICY = _Policy(linesep="\r\n", max_line_length=76)


class BadSender(ValueError):
    """The address or name letters come from can't be used: a fault of the set-up, not of a letter."""


@dataclass(frozen=True)
class Envelope:
    """What a mail server is told, and what it is given."""

    sender: str
    recipient: str
    message: EmailMessage
    letter: Letter
    written_at: datetime


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
    message = EmailMessage(policy=_POLICY)
    message["From"] = author
    message["To"] = _named("", recipient)
    message["Subject"] = one_line(letter.subject)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = letter.message_id
    _say_where_answers_go(message, letter, settings)
    # Nobody's holiday answer should come back to the office.
    message["Auto-Submitted"] = "auto-generated"
    # Plain ASCII on the wire: not every server on the way can carry eight bits.
    message.set_content(letter.text, cte="quoted-printable")
    message.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    if letter.calendar is not None:
        _enclose(message, letter.calendar)
    for calendar in letter.more_calendars:
        _attach(message, calendar)
    return Envelope(sender, recipient, message, letter, now)


def _sender(letter: Letter, settings: Settings) -> tuple[str, Address]:
    """Return where a letter comes back to, and who wrote it."""
    try:
        address = sender_address(settings.mail_from)
        back = sender_address(settings.bounce_address) if settings.bounce_address else ""
        if back and mark_of(letter.message_id):
            back = bounce_address(back, letter.message_id)
        return back or address, _named(settings.discreet_sender_name, address)
    except Exception as fault:
        # As with a letter's other headers, Python knows more ways to fail than it names.
        raise BadSender("MAIL_FROM") from fault


def _say_where_answers_go(message: EmailMessage, letter: Letter, settings: Settings) -> None:
    # Settings that name no such address stop no letter; its answers then go to its author.
    with suppress(NotAnEmailAddress):
        message["Reply-To"] = _named("", one_address(letter.reply_to or settings.help_email))
    if letter.unsubscribe_url:
        if not _URL.fullmatch(letter.unsubscribe_url):
            raise ValueError("no address to unsubscribe at")
        # One click in the reader's own mail program: RFC 8058.
        message["List-Unsubscribe"] = f"<{letter.unsubscribe_url}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"


def _named(name: str, address: str) -> Address:
    local, _at, domain = address.rpartition("@")
    return Address(one_line(name), local, domain)


def _enclose(message: EmailMessage, calendar: CalendarPart) -> None:
    message.add_alternative(
        calendar.content.decode(),
        subtype="calendar",
        cte="base64",
        params={"method": calendar.method, "name": calendar.file_name},
    )


def _attach(message: EmailMessage, calendar: CalendarPart) -> None:
    """Put a second file beside the letter: as another alternative, programs would show one of the two."""
    message.add_attachment(
        calendar.content.decode(),
        subtype="calendar",
        cte="base64",
        filename=calendar.file_name,
        params={"method": calendar.method},
    )
