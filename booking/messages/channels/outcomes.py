"""How handing over a letter may end."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Accepted:
    """The other side has taken the letter."""


@dataclass(frozen=True)
class Temporary:
    """Not now. `is_away` says that nobody could be spoken to, so that other letters would fare alike."""

    code: str
    is_away: bool = False


@dataclass(frozen=True)
class Permanent:
    """Never like this: somebody has to look at it."""

    code: str


Outcome = Accepted | Temporary | Permanent
