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


@dataclass(frozen=True)
class Permanent:
    """Never like this: somebody has to look at it. `nobody_there` says that it is the address."""

    code: str
    nobody_there: bool = False


Outcome = Accepted | Temporary | Permanent
