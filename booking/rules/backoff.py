"""How long a message waits before it is tried again, so that a mail server gets time to recover."""

from datetime import datetime, timedelta
from hashlib import sha256

_WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 15, 30, 60))
_LARGEST_JITTER = 0.2
LONGEST_REST = _WAITS[-1]
# From this attempt on every rest is the longest one.
RESTS_LONGEST_FROM = len(_WAITS)


def next_try_at(attempts: int, now: datetime, salt: str | int) -> datetime:
    """Say when to try again after so many attempts: 1, 2, 5, 15, 30 minutes, then every hour.

    Each wait is shortened by up to a fifth, always the same for one salt, so that the messages that
    failed together do not all come back together.
    """
    wait = _WAITS[min(max(attempts, 1), len(_WAITS)) - 1]
    first_bytes = sha256(f"{salt}|{attempts}".encode(errors="replace")).digest()[:4]
    share = int.from_bytes(first_bytes, "big") / 2**32
    return now + wait * (1 - _LARGEST_JITTER * share)
