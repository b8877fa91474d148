"""The text messages of development: kept beside its letters, and said where the worker runs."""

import sys
from collections.abc import Callable

from booking.messages.channels.outcomes import Accepted, Outcome, Temporary
from booking.messages.envelope import TextMessage


class ConsoleChannel:
    """Keeps and says what a provider would send. Writing it down is the service's deed, passed in."""

    def __init__(self, keep: Callable[[TextMessage], None]) -> None:
        self._keep = keep

    def ready(self) -> Temporary | None:
        """Say that the console is always there."""
        return None

    def deliver(self, text: TextMessage) -> Outcome:
        """Keep the text message, and say it."""
        self._keep(text)
        sys.stdout.write(f"Text message to {text.recipient}: {text.words}\n")
        sys.stdout.flush()
        return Accepted()

    def close(self) -> None:
        """Do nothing: there is no conversation."""

    def hang_up(self) -> None:
        """Do nothing: there is no conversation."""
