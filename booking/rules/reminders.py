"""When a reminder is due, in wall time, and when one would come too late to be of use."""

from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from booking.rules.wall_time import LONDON, to_instant

ReminderKind = Literal["two_days_before", "same_morning"]

TWO_DAYS_BEFORE: ReminderKind = "two_days_before"
SAME_MORNING: ReminderKind = "same_morning"

_TEN, _EIGHT = time(10), time(8)
_ONE_DAY = timedelta(days=1)
# A worker that was down should still remind: late is better than never, until it stops being a help.
_TWO_DAYS_STALE_AFTER = timedelta(hours=24)
_MORNING_STALE_AFTER = timedelta(hours=8)


def reminder_instants(
    local_date: date,
    start_time: time,
    zone: str | ZoneInfo = LONDON,
    two_days_before: bool = True,
    same_morning: bool = False,
) -> dict[ReminderKind, datetime]:
    """Say when the chosen reminders of a session are due: 2 days before at 10am, that morning at 8am.

    A session that starts at 8am or earlier has no reminder on its morning.
    Units: aware instants in UTC, each turned from wall time on its own date.
    """
    due: dict[ReminderKind, datetime] = {}
    if two_days_before:
        due[TWO_DAYS_BEFORE] = to_instant(local_date - timedelta(days=2), _TEN, zone)
    if same_morning and start_time > _EIGHT:
        due[SAME_MORNING] = to_instant(local_date, _EIGHT, zone)
    return due


def reminder_is_useful(due_at: datetime, starts_at: datetime, booked_at: datetime, now: datetime) -> bool:
    """Say whether a reminder may still be sent, be it due already or not (see `reminder_is_due`).

    Not one that was due before she booked, not after the start, not one due too long ago:
    24 hours for the reminder two days before, 8 hours for the one on the morning.
    """
    stale_after = _MORNING_STALE_AFTER if starts_at - due_at < _ONE_DAY else _TWO_DAYS_STALE_AFTER
    return booked_at < due_at and now < starts_at and now - due_at <= stale_after


def reminder_is_due(due_at: datetime, starts_at: datetime, booked_at: datetime, now: datetime) -> bool:
    """Say whether a reminder should go now: its time has come and it is still useful."""
    return due_at <= now and reminder_is_useful(due_at, starts_at, booked_at, now)
