"""A letter in its envelope: exactly one recipient, and headers that nobody can break out of."""

from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from booking.messages.letters.results import CalendarPart, Letter
from booking.rules.addresses import one_address, one_line, sender_address
from config import Settings

# The default of 78 would fold a Message-ID or a long address into pieces that some servers refuse.
_POLICY = SMTP.clone(max_line_length=200)


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


def sealed(letter: Letter, settings: Settings, now: datetime) -> Envelope:
    """Put a letter into its envelope.

    Refuses: as a ValueError, a recipient that is not exactly one address, and a line break in a header;
    as a BadSender, settings that name no sender.
    """
    sender, author = _sender(settings)
    recipient = one_address(letter.recipient)
    message = EmailMessage(policy=_POLICY)
    message["From"] = author
    message["To"] = _named("", recipient)
    message["Subject"] = one_line(letter.subject)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = letter.message_id
    # Nobody's holiday answer should come back to the office.
    message["Auto-Submitted"] = "auto-generated"
    # Plain ASCII on the wire: not every server on the way can carry eight bits.
    message.set_content(letter.text, cte="quoted-printable")
    message.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    if letter.calendar is not None:
        _enclose(message, letter.calendar)
    return Envelope(sender, recipient, message, letter, now)


def _sender(settings: Settings) -> tuple[str, Address]:
    try:
        address = sender_address(settings.mail_from)
        return address, _named(settings.discreet_sender_name, address)
    except Exception as fault:
        # As with a letter's other headers, Python knows more ways to fail than it names.
        raise BadSender("MAIL_FROM") from fault


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
