"""How long a place is kept for somebody whose session was cancelled, and how many are."""

from datetime import datetime, timedelta

from booking.rules.quiet_hours import next_allowed

KEPT_FOR = timedelta(hours=24)
# A place that is kept for less would be gone before she has found her glasses.
LEAST = timedelta(hours=2)


def kept_until(readable_at: datetime, starts_at: datetime) -> datetime | None:
    """Return until when a place is kept: a day after her letter may be read, and never past the start.

    It does not run out within the quiet hours. None: there is too little time left to keep it at all.
    """
    until = min(next_allowed(readable_at + KEPT_FOR), starts_at)
    return until if until - readable_at >= LEAST else None


def may_be_kept(free: int | None, kept: int, wanted: int) -> bool:
    """Say whether more places of a date may be kept: at most half of those that nobody has answered for.

    Units: places; `free` None = no limit, `kept` those that wait for an answer already.
    """
    return free is None or (wanted <= free and kept + wanted <= (free + kept) // 2)
