"""The hours in which nobody's phone should light up because of us: 8pm to 8am."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from booking.rules.wall_time import LONDON, to_instant, to_local

QUIET_FROM, QUIET_UNTIL = time(20), time(8)


def is_quiet(instant: datetime, zone: str | ZoneInfo = LONDON) -> bool:
    """Say whether an instant falls in the quiet hours: 8pm does, 8am does not any more."""
    shown = to_local(instant, zone).time()
    return shown >= QUIET_FROM or shown < QUIET_UNTIL


def next_allowed(instant: datetime, zone: str | ZoneInfo = LONDON) -> datetime:
    """Return the instant itself, or 8 o'clock in the morning when it is quiet.

    Units: an aware instant, in UTC when it was put off.
    """
    if not is_quiet(instant, zone):
        return instant
    local = to_local(instant, zone)
    morning = local.date() if local.time() < QUIET_UNTIL else local.date() + timedelta(days=1)
    return to_instant(morning, QUIET_UNTIL, zone)
