"""How long a place that came free is kept for whoever waits, and when it is too late to ask."""

from datetime import datetime, time, timedelta

from booking.rules.quiet_hours import is_quiet, next_allowed
from booking.rules.wall_time import LONDON, to_instant, to_local

# In the last hours everybody who wants to hear of a place is told at once: the first yes has it.
LATE = timedelta(hours=24)
# Whoever is asked later than this could not get there; her own wish may be for more.
LEAST_NOTICE = timedelta(hours=1)
# A place that is kept for less would be gone before she has found her glasses.
LEAST_HOLD = timedelta(hours=1)
# Whoever left the list by a slip of the finger comes back to where she was.
BACK_WITHIN = timedelta(minutes=30)
LATE_HOLD = timedelta(hours=2)
# Nobody was promised a place that several were told of: strangers wait a little, that is all.
LEAST_LATE_HOLD = timedelta(minutes=15)
# A time that runs out at night goes on until she has had her breakfast.
_MORNING = timedelta(hours=2)
# One that can't, because the morning is too late for her, ends while she is still up.
_EVENING = time(19, 30)
# Hours between the letter and the start, and how many of them the place is kept.
_HOLDS = (
    (timedelta(hours=72), timedelta(hours=24)),
    (timedelta(hours=48), timedelta(hours=12)),
)
_SHORT_HOLD = timedelta(hours=6)


def readable_at(now: datetime, starts_at: datetime) -> datetime:
    """Return when a letter about a free place is sent: at once, at night at 8am unless that is too late."""
    morning = next_allowed(now)
    return now if starts_at - morning < LATE_HOLD + LEAST_NOTICE else morning


def is_late(read_at: datetime, starts_at: datetime) -> bool:
    """Say whether everybody who wants to hear late is asked at once, instead of one after the other."""
    return starts_at - read_at <= LATE


def was_late(at: datetime, starts_at: datetime) -> bool:
    """Say whether news of a place went to everybody at once already, as this moment passed."""
    return is_late(readable_at(at, starts_at), starts_at)


def last_moment(starts_at: datetime, notice_hours: int) -> datetime:
    """Return after when somebody is not asked any more: an hour before the start, or as long as she needs."""
    return starts_at - max(LEAST_NOTICE, timedelta(hours=notice_hours))


def offered_until(read_at: datetime, starts_at: datetime, notice_hours: int) -> datetime | None:
    """Return until when a place is kept for one person; None: there is no sense in asking her any more.

    It never runs out within the quiet hours, and never after the last moment at which a yes helps her.
    Source: the waiting list of the product: 24 hours, less as the start comes near.
    """
    left = starts_at - read_at
    hold = next((hold for least, hold in _HOLDS if left >= least), _SHORT_HOLD)
    until = _clear_of_night(read_at + hold, last_moment(starts_at, notice_hours))
    return until if until - read_at >= LEAST_HOLD else None


def late_until(read_at: datetime, starts_at: datetime, notice_hours: int = 0) -> datetime | None:
    """Return until when a place is left to those who were told of it late; None: too late for her.

    It never runs out within the quiet hours either.
    """
    until = _clear_of_night(read_at + LATE_HOLD, last_moment(starts_at, notice_hours))
    return until if until - read_at >= LEAST_LATE_HOLD else None


def _clear_of_night(until: datetime, last: datetime) -> datetime:
    """Put a time that runs out at night off to the morning, or forward to the evening before."""
    if is_quiet(until):
        until = next_allowed(until) + _MORNING
    until = min(until, last)
    return _evening_before(until) if is_quiet(until) else until


def _evening_before(instant: datetime) -> datetime:
    local = to_local(instant, LONDON)
    day = local.date() if local.time() > _EVENING else local.date() - timedelta(days=1)
    return to_instant(day, _EVENING)
