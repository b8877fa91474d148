"""Until when a course can be joined: its weeks are counted over every date that takes place."""

from collections.abc import Sequence
from datetime import datetime

from booking.rules.booking_window import closes_at


def week_to_join_in(starts: Sequence[datetime], closes_minutes_before: int, now: datetime) -> int | None:
    """Return the number of the first week that can still be booked, or None when all have begun.

    Units: `starts` are the starts of the dates that take place, in order; the first week is 1.
    """
    for number, starts_at in enumerate(starts, start=1):
        if now < closes_at(starts_at, closes_minutes_before):
            return number
    return None
