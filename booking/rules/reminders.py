"""When a reminder is due, in wall time, and when one would come too late to be of use."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from booking.rules.wall_time import LONDON, to_instant, to_local

ReminderKind = Literal["two_days_before", "same_morning"]

# "2 days before" unless she asked for earlier or later: the name of the kind stays, as it does in keys.
TWO_DAYS_BEFORE: ReminderKind = "two_days_before"
SAME_MORNING: ReminderKind = "same_morning"

MOST_DAYS_BEFORE = 14
# Nobody's phone lights up because of us before 8am or after 8pm.
FIRST_HOUR, LAST_HOUR = 8, 19

# A worker that was down should still remind: late is better than never, until it stops being a help.
_STALE_AFTER = timedelta(hours=24)
_SAME_DAY_STALE_AFTER = timedelta(hours=8)
# Who is reminded a week before is still helped by a reminder that comes late, up to two days before.
_LATEST_OF_AN_EARLY_ONE = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How many days before and at which full hours somebody is reminded, in wall time."""

    days_before: int = 2
    hour: int = 10
    morning_hour: int = 8


USUAL = Rhythm()


def is_possible(rhythm: Rhythm) -> bool:
    """Say whether somebody may be reminded so: 1 to 14 days before, between 8am and 8pm."""
    hours = (rhythm.hour, rhythm.morning_hour)
    in_hours = all(FIRST_HOUR <= hour <= LAST_HOUR for hour in hours)
    return in_hours and 1 <= rhythm.days_before <= MOST_DAYS_BEFORE


def reminder_instants(
    local_date: date,
    start_time: time,
    zone: str | ZoneInfo = LONDON,
    two_days_before: bool = True,
    same_morning: bool = False,
    rhythm: Rhythm = USUAL,
) -> dict[ReminderKind, datetime]:
    """Say when the chosen reminders of a session are due: 2 days before at 10am, that morning at 8am.

    A session that starts at 8am or earlier has no reminder on its day.
    Units: aware instants in UTC, each turned from wall time on its own date.
    """
    due: dict[ReminderKind, datetime] = {}
    if two_days_before:
        before = local_date - timedelta(days=rhythm.days_before)
        due[TWO_DAYS_BEFORE] = to_instant(before, time(rhythm.hour), zone)
    hour = _hour_that_day(start_time, rhythm.morning_hour)
    if same_morning and hour is not None:
        due[SAME_MORNING] = to_instant(local_date, time(hour), zone)
    return due


def may_be_due(local_date: date, days_before: int, today: date) -> bool:
    """Say whether a reminder so many days before that date can be due today and not be stale.

    It spares the sum in instants for those that are surely not; who is near is judged exactly.
    """
    late = (today - local_date).days + days_before
    return 0 <= late <= max(1, days_before - _LATEST_OF_AN_EARLY_ONE.days)


def reminder_is_useful(due_at: datetime, starts_at: datetime, booked_at: datetime, now: datetime) -> bool:
    """Say whether a reminder may still be sent, be it due already or not (see `reminder_is_due`).

    Not one that was due before she booked, not after the start, not one due too long ago: 8 hours for one
    that comes on the day itself, 24 hours for one before it, until two days before for earlier ones.
    """
    return booked_at < due_at and now < starts_at and now - due_at <= _stale_after(due_at, starts_at)


def reminder_is_due(due_at: datetime, starts_at: datetime, booked_at: datetime, now: datetime) -> bool:
    """Say whether a reminder should go now: its time has come and it is still useful."""
    return due_at <= now and reminder_is_useful(due_at, starts_at, booked_at, now)


def _hour_that_day(start_time: time, wished: int) -> int | None:
    """Return her hour where it leaves an hour to get ready, else the first one, else none."""
    first, starts = time(FIRST_HOUR), start_time.hour * 60 + start_time.minute
    if wished > FIRST_HOUR and starts >= (wished + 1) * 60:
        return wished
    return FIRST_HOUR if start_time > first else None


def _stale_after(due_at: datetime, starts_at: datetime) -> timedelta:
    if to_local(due_at).date() == to_local(starts_at).date():
        return _SAME_DAY_STALE_AFTER
    return max(_STALE_AFTER, starts_at - due_at - _LATEST_OF_AN_EARLY_ONE)
