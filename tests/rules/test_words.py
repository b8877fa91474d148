from datetime import date, time, timedelta

import pytest

from booking.rules import words

THURSDAY = date(2026, 8, 6)


def test_a_date_is_said_in_full() -> None:
    assert words.day_words(THURSDAY) == "Thursday 6 August 2026"
    assert words.day_words_short(THURSDAY) == "Thursday 6 August"
    assert words.month_words(THURSDAY) == "August 2026"


@pytest.mark.parametrize("month", range(1, 13))
def test_no_month_is_ever_shortened(month: int) -> None:
    assert words.day_words(date(2026, month, 1)).split()[2] == f"{date(2026, month, 1):%B}"


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (time(13, 30), "1:30pm"),
        (time(11), "11am"),
        (time(12), "midday"),
        (time(0), "midnight"),
        (time(12, 5), "12:05pm"),
        (time(0, 15), "12:15am"),
        (time(23, 59), "11:59pm"),
    ],
)
def test_a_time_is_said_as_the_nhs_says_it(at: time, said: str) -> None:
    assert words.time_words(at) == said


def test_a_session_runs_from_when_to_when() -> None:
    assert words.span_words(time(13, 30), time(17)) == "1:30pm to 5pm"
    assert words.span_words(time(11), time(12)) == "11am to midday"


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (210, "3 hours 30 minutes"),
        (45, "45 minutes"),
        (60, "1 hour"),
        (61, "1 hour 1 minute"),
        (0, "0 minutes"),
    ],
)
def test_a_length_is_said_in_hours_and_minutes(minutes: int, said: str) -> None:
    assert words.length_words(minutes) == said


def test_only_today_and_tomorrow_have_a_word() -> None:
    days = [date(2026, 8, day) for day in (5, 6, 7, 8)]
    assert [words.relative_day(on, THURSDAY) for on in days] == [None, "Today", "Tomorrow", None]


@pytest.mark.parametrize(
    ("delta", "said"),
    [
        (timedelta(minutes=40), "in 40 minutes"),
        (timedelta(seconds=10), "in 1 minute"),
        (timedelta(minutes=60), "in 1 hour"),
        (timedelta(hours=3, minutes=10), "in 3 hours"),
        (timedelta(hours=24), "in 1 day"),
        (timedelta(days=2, hours=1), "in 2 days"),
        (timedelta(0), "now"),
        (timedelta(days=-3), "now"),
    ],
)
def test_how_long_until_is_said_roughly(delta: timedelta, said: str) -> None:
    assert words.until_words(delta) == said


def test_one_place_is_not_one_places() -> None:
    assert words.count_words(1, "place", "places") == "1 place"
    assert words.count_words(0, "place", "places") == "0 places"
    assert words.count_words(1200, "place", "places") == "1,200 places"
    assert (words.number_words(3), words.number_words(12)) == ("three", "12")
