"""How handing over a letter or a text message may end."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Accepted:
    """The other side has taken it."""


@dataclass(frozen=True)
class Temporary:
    """Not now. `is_away` says that nobody could be spoken to, so that others would fare alike."""

    code: str
    is_away: bool = False

    @property
    def why(self) -> str:
        """Tell a code that everybody would get from an answer about one message."""
        return f"{self.code} to all" if self.is_away and self.code.isdigit() else self.code


@dataclass(frozen=True)
class Permanent:
    """Never like this: somebody has to look at it. `nobody_there` says that it is the address."""

    code: str
    nobody_there: bool = False


Outcome = Accepted | Temporary | Permanent
