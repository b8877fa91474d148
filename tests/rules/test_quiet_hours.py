from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booking.rules.quiet_hours import is_quiet, next_allowed
from booking.rules.wall_time import to_instant, to_local

SUMMER = date(2026, 8, 6)


@pytest.mark.parametrize(
    ("at", "quiet"),
    [
        (time(7, 59, 59), True),
        (time(8), False),
        (time(13), False),
        (time(19, 59, 59), False),
        (time(20), True),
    ],
)
def test_it_is_quiet_from_eight_to_eight(at: time, quiet: bool) -> None:
    assert is_quiet(to_instant(SUMMER, at)) is quiet


def test_a_letter_of_the_evening_waits_for_the_morning() -> None:
    assert next_allowed(to_instant(SUMMER, time(20))) == to_instant(date(2026, 8, 7), time(8))
    assert next_allowed(to_instant(SUMMER, time(3))) == to_instant(SUMMER, time(8))


def test_a_letter_of_the_day_goes_at_once() -> None:
    noon = to_instant(SUMMER, time(12))
    assert next_allowed(noon) == noon


@pytest.mark.parametrize(("eve", "hours"), [(date(2026, 3, 28), 11), (date(2026, 10, 24), 13), (SUMMER, 12)])
def test_the_morning_after_a_clock_change_is_still_eight(eve: date, hours: int) -> None:
    evening = to_instant(eve, time(20))
    assert next_allowed(evening) - evening == timedelta(hours=hours)


def test_an_hour_that_comes_twice_is_quiet_both_times() -> None:
    for hour in (0, 1):
        night = datetime(2026, 10, 25, hour, 30, tzinfo=UTC)
        assert next_allowed(night) == datetime(2026, 10, 25, 8, tzinfo=UTC)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 20_000_000))
def test_the_next_allowed_moment_is_never_quiet_never_earlier_and_within_a_night(minute: int) -> None:
    instant = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
    allowed = next_allowed(instant)
    assert not is_quiet(allowed)
    assert timedelta(0) <= allowed - instant <= timedelta(hours=13)
    assert allowed == instant or to_local(allowed).time() == time(8)
