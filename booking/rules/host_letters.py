"""When hosts and the office hear from us: which day or week a letter is about, and until when it helps."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from booking.rules.quiet_hours import QUIET_FROM, next_allowed
from booking.rules.wall_time import to_instant, to_local

ROTA_ON_SUNDAY_AT = time(17)
TOMORROW_AT = time(16)
REGISTER_AT = time(9)
DIGEST_AT = time(8)
# A server that was away over the weekend takes nobody's week from her: so many days after Monday it helps.
_ROTA_HELPS_FOR, _DIGEST_HELPS_FOR = timedelta(days=2), timedelta(days=1)
# After so many days without its register the office is asked to find out.
REGISTER_MISSING_AFTER = timedelta(days=3)
# What is older is on the office's page of registers, and no news.
REGISTER_MISSING_UNTIL = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Window:
    """What a letter is about (the week or day that begins here), when it goes, and until when it helps."""

    about_on: date
    due_at: datetime
    useless_at: datetime


def rota_window(now: datetime) -> Window | None:
    """Return the week whose rota is told now: from Sunday at 5pm until Wednesday evening; else nothing."""
    local = to_local(now)
    monday = _monday(local.date() + timedelta(days=1))
    due_at = rota_told_at(monday)
    useless_at = to_instant(monday + _ROTA_HELPS_FOR, QUIET_FROM)
    return Window(monday, _kindly(due_at, now), useless_at) if due_at <= now < useless_at else None


def rota_told_at(monday: date) -> datetime:
    """Return when the rota of that week is told; who leads a date of it only since then has heard of it."""
    return to_instant(monday - timedelta(days=1), ROTA_ON_SUNDAY_AT)


def tomorrow_windows(now: datetime) -> list[Window]:
    """Return the days whose numbers are told now: tomorrow's from 4pm, and today's where that was missed."""
    local = to_local(now)
    days = [local.date()]
    if local.time() >= TOMORROW_AT:
        days.append(local.date() + timedelta(days=1))
    return [
        Window(
            day,
            _kindly(to_instant(day - timedelta(days=1), TOMORROW_AT), now),
            to_instant(day + timedelta(days=1), time()),
        )
        for day in days
    ]


def register_window(now: datetime) -> Window | None:
    """Return the day whose registers are asked for now: yesterday's, from 9am until the evening."""
    local = to_local(now)
    if not REGISTER_AT <= local.time() < QUIET_FROM:
        return None
    due_at = to_instant(local.date(), REGISTER_AT)
    return Window(local.date() - timedelta(days=1), due_at, to_instant(local.date(), QUIET_FROM))


def digest_window(now: datetime) -> Window | None:
    """Return the week of the office's digest: from Monday at 8am until Tuesday evening; else nothing."""
    monday = _monday(to_local(now).date())
    due_at = to_instant(monday, DIGEST_AT)
    useless_at = to_instant(monday + _DIGEST_HELPS_FOR, QUIET_FROM)
    return Window(monday, _kindly(due_at, now), useless_at) if due_at <= now < useless_at else None


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _kindly(due_at: datetime, now: datetime) -> datetime:
    """Let what was missed wait for the morning: a worker that was down must not wake anybody at night."""
    allowed = next_allowed(now)
    return due_at if allowed <= now else allowed
