"""The ways out of the house: a mail server, or the mailbox that development reads."""

from typing import Protocol

from booking.messages.channels.mailbox import Keep, MailboxChannel
from booking.messages.channels.outcomes import Accepted, Outcome, Permanent, Temporary
from booking.messages.channels.smtp import SmtpChannel
from booking.messages.envelope import Envelope
from config import Settings

__all__ = ["Accepted", "EmailChannel", "Outcome", "Permanent", "Temporary", "open_channel"]


class EmailChannel(Protocol):
    """What every way out can do; no fault of the other side is ever raised."""

    def ready(self) -> Temporary | None:
        """Make sure that somebody listens, before the words are made. Returns why not."""

    def deliver(self, envelope: Envelope) -> Outcome:
        """Hand over one letter to one person."""

    def close(self) -> None:
        """Say goodbye; the next letter opens the way anew."""

    def hang_up(self) -> None:
        """End a conversation that does not end by itself; may be called by another thread."""


def open_channel(settings: Settings, keep: Keep) -> EmailChannel:
    """Return the way out that MAIL_URL names; `keep` is where the mailbox puts its letters.

    Refuses: as a fault, the mailbox in production, where letters must reach people.
    """
    if settings.mail_url.startswith("mailbox:"):
        if settings.production:
            raise RuntimeError("mailbox:// delivers to nobody and is for development only")
        return MailboxChannel(keep)
    return SmtpChannel(settings.mail_url, settings.base_url)
