"""How long a place is kept for whoever waits: less as the start comes near, and never into the night."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.rules.quiet_hours import is_quiet
from booking.rules.waiting import (
    LATE_HOLD,
    LEAST_HOLD,
    LEAST_LATE_HOLD,
    is_late,
    last_moment,
    late_until,
    offered_until,
    readable_at,
)

_INSTANTS = st.timedeltas(timedelta(0), timedelta(days=700)).map(
    lambda since: datetime(2026, 1, 1, tzinfo=UTC) + since
)
_AHEAD = st.timedeltas(timedelta(minutes=1), timedelta(days=40))
_NOTICE = st.integers(0, 14 * 24)


def at(words: str) -> datetime:
    return datetime.fromisoformat(words)


@pytest.mark.parametrize(
    ("starts", "until"),
    [
        ("2026-08-13T13:30+01:00", "2026-08-04T12:00+01:00"),
        ("2026-08-05T13:30+01:00", "2026-08-04T10:00+01:00"),
        ("2026-08-04T13:30+01:00", "2026-08-03T18:00+01:00"),
    ],
    ids=["a day", "half a day and its night", "six hours"],
)
def test_the_nearer_the_start_the_shorter_a_place_is_kept(starts: str, until: str) -> None:
    assert offered_until(at("2026-08-03T12:00+01:00"), at(starts), 0) == at(until)


def test_who_needs_two_days_is_not_asked_the_day_before() -> None:
    noon, starts = at("2026-08-03T12:00+01:00"), at("2026-08-04T13:30+01:00")
    assert offered_until(noon, starts, 48) is None
    assert offered_until(noon, starts, 24) == at("2026-08-03T13:30+01:00")


def test_a_letter_of_the_night_waits_for_the_morning_unless_that_is_too_late() -> None:
    night = at("2026-08-03T21:00+01:00")
    assert readable_at(night, at("2026-08-04T13:30+01:00")) == at("2026-08-04T08:00+01:00")
    assert readable_at(night, at("2026-08-04T10:00+01:00")) == night


def test_nobody_is_asked_at_night_for_the_early_morning() -> None:
    night, early = at("2026-08-03T21:00+01:00"), at("2026-08-04T08:30+01:00")
    assert late_until(night, early) is None
    assert offered_until(night, early, 0) is None


def test_a_day_before_the_start_everybody_is_told_at_once() -> None:
    starts = at("2026-08-04T13:30+01:00")
    assert is_late(starts - timedelta(hours=24), starts)
    assert not is_late(starts - timedelta(hours=24, minutes=1), starts)


@given(_INSTANTS, _AHEAD, _NOTICE)
def test_a_place_is_kept_long_enough_never_into_the_night_and_never_too_long(
    read_at: datetime, ahead: timedelta, notice: int
) -> None:
    starts = read_at + ahead
    until = offered_until(read_at, starts, notice)
    if until is not None:
        assert not is_quiet(until)
        assert LEAST_HOLD <= until - read_at <= timedelta(hours=40)
        assert until <= last_moment(starts, notice) < starts


@given(_INSTANTS, _AHEAD, _NOTICE)
def test_a_late_place_is_left_for_a_while_and_never_into_the_night(
    read_at: datetime, ahead: timedelta, notice: int
) -> None:
    starts = read_at + ahead
    until = late_until(read_at, starts, notice)
    if until is not None:
        assert not is_quiet(until)
        assert LEAST_LATE_HOLD <= until - read_at <= timedelta(hours=16)
        assert until <= last_moment(starts, notice) < starts


@given(_INSTANTS, _AHEAD, st.integers(0, 100))
def test_whoever_needs_less_notice_has_at_least_as_long(
    read_at: datetime, ahead: timedelta, notice: int
) -> None:
    patient, hurried = (offered_until(read_at, read_at + ahead, hours) for hours in (notice, notice + 24))
    assert hurried is None or (patient is not None and patient >= hurried)


@given(_INSTANTS, _AHEAD)
def test_in_daytime_with_time_left_somebody_is_asked(read_at: datetime, ahead: timedelta) -> None:
    read_at = read_at.replace(hour=10)
    if ahead >= LATE_HOLD + LEAST_HOLD:
        assert offered_until(read_at, read_at + ahead, 0) is not None
