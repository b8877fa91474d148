"""The ways out of the house: mail servers, providers of text messages, and what development reads instead."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from booking.messages.channels.console import ConsoleChannel
from booking.messages.channels.http_text import HttpTextChannel, NoTexts
from booking.messages.channels.mailbox import Keep, MailboxChannel
from booking.messages.channels.outcomes import Accepted, Outcome, Permanent, Temporary
from booking.messages.channels.smtp import SmtpChannel
from booking.messages.envelope import Envelope, TextMessage
from config import Settings

__all__ = [
    "Accepted",
    "EmailChannel",
    "Outcome",
    "Permanent",
    "Temporary",
    "TextChannel",
    "WayOut",
    "open_channel",
    "open_text_channel",
]

Sealed = TypeVar("Sealed", contravariant=True)


class WayOut(Protocol[Sealed]):
    """What every way out can do; no fault of the other side is ever raised."""

    def ready(self) -> Temporary | None:
        """Make sure that somebody listens, before the words are made. Returns why not."""

    def deliver(self, sealed: Sealed, /) -> Outcome:
        """Hand over one message to one person."""

    def close(self) -> None:
        """Say goodbye; the next message opens the way anew."""

    def hang_up(self) -> None:
        """End a conversation that does not end by itself; may be called by another thread."""


EmailChannel = WayOut[Envelope]
TextChannel = WayOut[TextMessage]


def open_channel(settings: Settings, keep: Keep) -> EmailChannel:
    """Return the way out that MAIL_URL names; `keep` is where the mailbox puts its letters.

    Refuses: as a fault, the mailbox in production, where letters must reach people.
    """
    if settings.mail_url.startswith("mailbox:"):
        if settings.production:
            raise RuntimeError("mailbox:// delivers to nobody and is for development only")
        return MailboxChannel(keep)
    return SmtpChannel(settings.mail_url, settings.base_url)


def open_text_channel(settings: Settings, keep: Callable[[TextMessage], None]) -> TextChannel:
    """Return the way out that TEXT_URL names; `keep` is where the console puts its text messages.

    Refuses: as a fault, the console in production, where text messages must reach people.
    """
    if not settings.sends_texts:
        return NoTexts()
    if settings.text_url.startswith("console:"):
        if settings.production:
            raise RuntimeError("console:// delivers to nobody and is for development only")
        return ConsoleChannel(keep)
    return HttpTextChannel(settings.text_url)
