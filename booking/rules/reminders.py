"""When a reminder is due, in wall time, and until when it is of use."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from booking.rules.wall_time import LONDON, to_instant

ReminderKind = Literal["two_days_before", "same_morning"]

# "2 days before" unless she asked for earlier or later: the name of the kind stays, as it does in keys.
TWO_DAYS_BEFORE: ReminderKind = "two_days_before"
SAME_MORNING: ReminderKind = "same_morning"

MOST_DAYS_BEFORE = 14
# Nobody's phone lights up because of us before 8am or after 8pm.
FIRST_HOUR, LAST_HOUR = 8, 19


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
    """Say whether a reminder so many days before that date can be due today and still help.

    It spares the sum in instants for those that are surely not; who is near is judged exactly.
    """
    return 0 <= (today - local_date).days + days_before <= days_before


def reminder_is_useful(due_at: datetime, starts_at: datetime, booked_at: datetime, now: datetime) -> bool:
    """Say whether a reminder may still be sent, be it due already or not (see `reminder_is_due`).

    Late is better than never, so it helps until the start. Not one that was due before she booked: she has
    just read what it would say.
    """
    return booked_at < due_at and now < starts_at


def reminder_is_due(due_at: datetime, starts_at: datetime, booked_at: datetime, now: datetime) -> bool:
    """Say whether a reminder should go now: its time has come and it is still useful."""
    return due_at <= now and reminder_is_useful(due_at, starts_at, booked_at, now)


def _hour_that_day(start_time: time, wished: int) -> int | None:
    """Return her hour where it leaves an hour to get ready, else the first one, else none."""
    first, starts = time(FIRST_HOUR), start_time.hour * 60 + start_time.minute
    if wished > FIRST_HOUR and starts >= (wished + 1) * 60:
        return wished
    return FIRST_HOUR if start_time > first else None
