from datetime import UTC, date, datetime, time, timedelta

import pytest

from booking.rules.reminders import (
    MOST_DAYS_BEFORE,
    USUAL,
    Rhythm,
    is_possible,
    may_be_due,
    reminder_instants,
    reminder_is_due,
    reminder_is_useful,
)
from booking.rules.wall_time import to_instant, to_local

THURSDAY = date(2026, 8, 6)
STARTS = to_instant(THURSDAY, time(13, 30))
TWO_DAYS = to_instant(date(2026, 8, 4), time(10))
MORNING = to_instant(THURSDAY, time(8))
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def test_ann_chooses_both_reminders() -> None:
    due = reminder_instants(THURSDAY, time(13, 30), "Europe/London", two_days_before=True, same_morning=True)
    assert due == {"two_days_before": TWO_DAYS, "same_morning": MORNING}


def test_ben_chooses_none() -> None:
    assert reminder_instants(THURSDAY, time(13, 30), "Europe/London", False, False) == {}


@pytest.mark.parametrize(
    "session_on", [date(2026, 3, 30), date(2026, 3, 29), date(2026, 10, 26), date(2026, 10, 25)]
)
def test_ten_in_the_morning_stays_ten_across_both_clock_changes(session_on: date) -> None:
    due = reminder_instants(session_on, time(11), "Europe/London", True, True)
    before, morning = to_local(due["two_days_before"]), to_local(due["same_morning"])
    assert (before.date(), before.time()) == (session_on - timedelta(days=2), time(10))
    assert (morning.date(), morning.time()) == (session_on, time(8))


@pytest.mark.parametrize("start", [time(6), time(8)])
def test_an_early_session_has_no_reminder_on_its_morning(start: time) -> None:
    assert "same_morning" not in reminder_instants(THURSDAY, start, "Europe/London", True, True)
    assert "same_morning" in reminder_instants(THURSDAY, time(8, 1), "Europe/London", True, True)


def test_a_reminder_goes_when_its_time_has_come_and_not_before() -> None:
    minute = timedelta(minutes=1)
    assert reminder_is_due(TWO_DAYS, STARTS, LONG_AGO, TWO_DAYS)
    assert not reminder_is_due(TWO_DAYS, STARTS, LONG_AGO, TWO_DAYS - minute)
    assert reminder_is_useful(TWO_DAYS, STARTS, LONG_AGO, TWO_DAYS - minute)


def test_somebody_who_booked_late_gets_no_stale_reminder() -> None:
    assert not reminder_is_due(TWO_DAYS, STARTS, TWO_DAYS, TWO_DAYS)
    assert not reminder_is_due(TWO_DAYS, STARTS, TWO_DAYS + timedelta(hours=1), TWO_DAYS + timedelta(hours=1))
    assert reminder_is_due(MORNING, STARTS, TWO_DAYS + timedelta(hours=1), MORNING)


def test_nothing_goes_once_the_session_has_started() -> None:
    assert not reminder_is_useful(MORNING, STARTS, LONG_AGO, STARTS)
    assert not reminder_is_useful(TWO_DAYS, STARTS, LONG_AGO, STARTS + timedelta(days=1))


@pytest.mark.parametrize("due_at", [TWO_DAYS, MORNING])
def test_a_late_reminder_helps_until_the_start(due_at: datetime) -> None:
    starts = to_instant(THURSDAY, time(19))
    assert reminder_is_due(due_at, starts, LONG_AGO, starts - timedelta(seconds=1))
    assert not reminder_is_due(due_at, starts, LONG_AGO, starts)


def test_everybody_has_a_rhythm_of_her_own() -> None:
    rhythm = Rhythm(days_before=7, hour=19, morning_hour=9)
    due = reminder_instants(THURSDAY, time(13, 30), same_morning=True, rhythm=rhythm)
    assert due["two_days_before"] == to_instant(date(2026, 7, 30), time(19))
    assert due["same_morning"] == to_instant(THURSDAY, time(9))


@pytest.mark.parametrize(
    ("start", "hour"),
    [(time(13), 12), (time(12, 59), 8), (time(12), 8), (time(8, 1), 8), (time(8), None), (time(0), None)],
)
def test_a_reminder_on_the_day_leaves_an_hour_or_comes_at_eight(start: time, hour: int | None) -> None:
    due = reminder_instants(THURSDAY, start, same_morning=True, rhythm=Rhythm(morning_hour=12))
    wanted = to_instant(THURSDAY, time(hour)) if hour is not None else None
    assert due.get("same_morning") == wanted


@pytest.mark.parametrize(
    ("rhythm", "possible"),
    [
        (USUAL, True),
        (Rhythm(1, 8, 19), True),
        (Rhythm(14, 19, 8), True),
        (Rhythm(0), False),
        (Rhythm(15), False),
        (Rhythm(2, 7), False),
        (Rhythm(2, 10, 20), False),
    ],
)
def test_reminders_come_within_two_weeks_and_never_at_night(rhythm: Rhythm, possible: bool) -> None:
    assert is_possible(rhythm) is possible


def test_one_of_the_evening_before_still_helps_next_morning() -> None:
    due = to_instant(date(2026, 8, 5), time(19))
    assert reminder_is_due(due, STARTS, LONG_AGO, MORNING)


@pytest.mark.parametrize("days", range(1, MOST_DAYS_BEFORE + 1))
def test_whoever_may_be_due_is_never_passed_over(days: int) -> None:
    """The quick look spares sums only for those that the exact rule would refuse as well."""
    due = reminder_instants(THURSDAY, time(23, 59), rhythm=Rhythm(days_before=days))["two_days_before"]
    starts = to_instant(THURSDAY, time(23, 59))
    for hours in range(-48, 24 * 16, 5):
        now = due + timedelta(hours=hours)
        if reminder_is_due(due, starts, LONG_AGO, now):
            assert may_be_due(THURSDAY, days, to_local(now).date())
