from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booking.rules.wall_time import LONDON, ImpossibleTime, end_date, instants, to_instant, to_local

SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)


def test_half_past_one_stays_half_past_one_in_winter_and_summer() -> None:
    assert to_instant(date(2026, 1, 28), time(13, 30), "Europe/London") == datetime(
        2026, 1, 28, 13, 30, tzinfo=UTC
    )
    assert to_instant(date(2026, 7, 29), time(13, 30), "Europe/London") == datetime(
        2026, 7, 29, 12, 30, tzinfo=UTC
    )


@settings(max_examples=60, deadline=None)
@given(st.dates(date(2000, 1, 1), date(2060, 1, 1)), st.times())
def test_wall_time_never_moves_across_a_clock_change(on: date, at: time) -> None:
    at = at.replace(hour=8 + at.hour % 12)
    instant = to_instant(on, at)
    assert instant.utcoffset() == timedelta(0)
    assert to_local(instant).replace(tzinfo=None) == datetime.combine(on, at)


@pytest.mark.parametrize("at", [time(1), time(1, 30), time(1, 59)])
def test_a_time_the_clocks_jump_over_is_refused(at: time) -> None:
    with pytest.raises(ImpossibleTime, match="on Sunday 29 March 2026"):
        to_instant(SPRING, at)


@pytest.mark.parametrize("at", [time(1), time(1, 30), time(1, 59)])
def test_a_time_that_comes_twice_is_refused(at: time) -> None:
    with pytest.raises(ImpossibleTime, match="comes twice on Sunday 25 October 2026"):
        to_instant(AUTUMN, at)


@pytest.mark.parametrize("on", [SPRING, AUTUMN])
def test_the_hours_around_a_clock_change_are_ordinary(on: date) -> None:
    for at in (time(0, 59), time(2)):
        assert to_local(to_instant(on, at)).time() == at


def test_a_zone_nobody_knows_and_a_date_out_of_the_world_are_refused() -> None:
    for zone in ("Europe/Atlantis", "../etc/passwd", "\0", ""):
        with pytest.raises(ImpossibleTime, match="no time zone"):
            to_instant(SPRING, time(12), zone)
    with pytest.raises(ImpossibleTime, match="too far away"):
        to_instant(date.min, time(0), "Asia/Tokyo")


def test_a_naive_instant_is_a_fault() -> None:
    with pytest.raises(ValueError, match="needs a time zone"):
        to_local(datetime(2026, 1, 1, 12))  # noqa: DTZ001


def test_an_evening_may_end_after_midnight() -> None:
    assert end_date(SPRING, time(19), time(20, 15)) == SPRING
    assert end_date(SPRING, time(22), time(0)) == date(2026, 3, 30)
    with pytest.raises(ImpossibleTime, match="after the start"):
        end_date(SPRING, time(19), time(19))


def test_a_night_across_the_clock_change_is_an_hour_shorter() -> None:
    starts_at, ends_at = instants(date(2026, 3, 28), time(22), time(6), LONDON)
    assert ends_at - starts_at == timedelta(hours=7)
