"""The mailbox of development: letters stay in the database, where `/mailbox` shows them."""

from collections.abc import Callable

from booking.messages.channels.outcomes import Accepted, Outcome, Temporary
from booking.messages.envelope import Envelope

Keep = Callable[[Envelope], None]


class MailboxChannel:
    """Keeps what others would send. Writing it down is the service's deed, which is passed in."""

    def __init__(self, keep: Keep) -> None:
        self._keep = keep

    def ready(self) -> Temporary | None:
        """Say that the mailbox is always there."""
        return None

    def deliver(self, envelope: Envelope) -> Outcome:
        """Put the letter into the mailbox."""
        self._keep(envelope)
        return Accepted()

    def close(self) -> None:
        """Do nothing: there is no conversation."""

    def hang_up(self) -> None:
        """Do nothing: there is no conversation."""
