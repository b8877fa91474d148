"""A letter in its envelope: exactly one recipient, and headers that nobody can break out of."""

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.charset import QP, Charset
from email.encoders import encode_base64
from email.header import Header
from email.message import EmailMessage, Message
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.policy import SMTP, compat32
from email.utils import format_datetime, formataddr
from functools import lru_cache
from secrets import token_hex

from booking.messages.letters.results import CalendarPart, Letter
from booking.rules.addresses import NotAnEmailAddress, one_address, one_line, phone_key, sender_address
from booking.rules.discreet import holds_forbidden
from booking.rules.verp import bounce_address, mark_of
from config import Settings

_URL = re.compile(r"https?://[!-;=?-~]+", re.ASCII)
# A header stays as it was given: folded, an address or an id would reach some servers in pieces.
_UNFOLDED = compat32.clone(linesep="\r\n", max_line_length=0)
_AS_WRITTEN = SMTP.clone(refold_source="none")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
# Plain ASCII on the wire: not every server on the way can carry eight bits.
_QUOTED = Charset("utf-8")
_QUOTED.body_encoding = QP
_FOLDED_AT = 76
_LONGEST_LINE = 998


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
    message = _enclosed(letter)
    message["From"] = author
    # Raw bytes, where the address itself is not ASCII: only servers that read it so are given it.
    message["To"] = recipient.encode().decode("ascii", "surrogateescape")
    message["Subject"] = _folded("Subject", one_line(letter.subject))
    message["Date"] = format_datetime(now)
    message["Message-ID"] = letter.message_id
    _say_where_answers_go(message, letter, settings)
    # Nobody's holiday answer should come back to the office.
    message["Auto-Submitted"] = "auto-generated"
    return Envelope(sender, recipient, _on_the_wire(message), letter, now)


def _enclosed(letter: Letter) -> Message:
    """Put a letter's words into a message twice, with a calendar as a third way to read it.

    Further calendars are attachments: of two alternatives alike, programs show one.
    """
    body = MIMEMultipart("alternative", boundary=_boundary())
    body.attach(_words(letter.text, "plain"))
    body.attach(_words(letter.html, "html"))
    if letter.calendar is not None:
        body.attach(_calendar(letter.calendar))
    if not letter.more_calendars:
        return body
    whole = MIMEMultipart("mixed", boundary=_boundary(), _subparts=[body])
    for one in letter.more_calendars:
        attached = _calendar(one)
        attached.add_header("Content-Disposition", "attachment", filename=one_line(one.file_name))
        whole.attach(attached)
    return whole


def _words(words: str, subtype: str) -> Message:
    part = MIMENonMultipart("text", subtype)
    part.set_payload(words, _QUOTED)
    return part


def _calendar(part: CalendarPart) -> Message:
    name = one_line(part.file_name)
    enclosed = MIMENonMultipart("text", "calendar", charset="utf-8", method=part.method, name=name)
    enclosed.replace_header("Content-Type", _folded("Content-Type", enclosed["Content-Type"]))
    enclosed.set_payload(part.content)
    encode_base64(enclosed)
    return enclosed


def _boundary() -> str:
    # "=_" stands in no text that is quoted-printable or base64, so nobody has to look for it there.
    return f"=_{token_hex(12)}"


def _folded(name: str, words: str) -> str:
    """Return a header of words in lines as short as mail servers like them."""
    return Header(words, header_name=name, maxlinelen=_FOLDED_AT).encode(linesep="\r\n")


def _on_the_wire(message: Message) -> bytes:
    """Return a message as bytes.

    Refuses: as a ValueError, a header that breaks out of its place, and what no line can hold.
    """
    for part in message.walk():
        for name, value in part.items():
            if _CONTROLS.search(str(value).replace("\r\n ", "")):
                raise ValueError(f"no {name} for a letter")
    content = message.as_bytes(policy=_UNFOLDED)
    if max(len(line) for line in content.split(b"\r\n")) > _LONGEST_LINE:
        raise ValueError("no line for a letter")
    return content


def _sender(letter: Letter, settings: Settings) -> tuple[str, str]:
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
def _author(mail_from: str, name: str) -> tuple[str, str]:
    address, name = sender_address(mail_from), one_line(name)
    if name.isascii():
        return address, formataddr((name, address))
    author = Header(name, "utf-8", header_name="From")
    author.append(f"<{address}>", "us-ascii")
    return address, author.encode(linesep="\r\n")


@lru_cache
def _checked(address: str) -> str:
    return sender_address(address)


def _say_where_answers_go(message: Message, letter: Letter, settings: Settings) -> None:
    # Settings that name no such address stop no letter; its answers then go to its author.
    with suppress(NotAnEmailAddress):
        message["Reply-To"] = _checked(letter.reply_to or settings.help_email)
    if letter.unsubscribe_url:
        if not _URL.fullmatch(letter.unsubscribe_url):
            raise ValueError("no address to unsubscribe at")
        # One click in the reader's own mail program: RFC 8058.
        message["List-Unsubscribe"] = f"<{letter.unsubscribe_url}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
