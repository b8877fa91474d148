"""Days off and clock changes, as the planner is told of them."""

from datetime import date

import pytest

from booking.rules.clashes import Clash, ClockChange, clock_changes, days_off


@pytest.mark.parametrize(
    ("on", "nation", "words"),
    [
        ("2027-01-02", "Scotland", "New Year Holiday"),
        ("2027-01-04", "Scotland", "New Year Holiday (substitute day)"),
        ("2026-11-30", "Scotland", "Saint Andrew's Day"),
        ("2027-03-17", "Northern Ireland", "Saint Patrick's Day"),
        ("2027-07-12", "Northern Ireland", "Battle of the Boyne"),
        ("2026-12-25", "England", "Christmas Day"),
        ("2027-03-26", "Wales", "Good Friday"),
        ("2027-03-29", "Wales", "Easter Monday"),
    ],
)
def test_each_nation_has_days_off_of_its_own(on: str, nation: str, words: str) -> None:
    (clash,) = days_off(date.fromisoformat(on), nation)
    assert words in clash.words


@pytest.mark.parametrize(
    ("on", "nation"),
    [
        ("2026-11-30", "Wales"),
        ("2026-11-30", "England"),
        ("2027-03-17", "Scotland"),
        ("2027-07-12", "England"),
        ("2027-03-29", "Scotland"),
        ("2027-03-01", "Wales"),
    ],
)
def test_a_holiday_of_another_nation_is_none(on: str, nation: str) -> None:
    assert days_off(date.fromisoformat(on), nation) == []


def test_online_any_of_the_four_counts_and_it_is_said_which() -> None:
    (clash,) = days_off(date(2027, 7, 12), "UK")
    assert clash.kind == "holiday"
    assert clash.words.endswith("(Northern Ireland)")


def test_wales_keeps_the_days_of_england() -> None:
    year = [date.fromordinal(date(2027, 1, 1).toordinal() + number) for number in range(365)]
    assert [days_off(on, "Wales") for on in year] == [days_off(on, "England") for on in year]


def test_the_days_around_christmas_are_named_from_20_december_to_3_january() -> None:
    named = [on for on in (19, 20, 24, 31) if days_off(date(2026, 12, on), "England")]
    assert named == [20, 24, 31]
    assert days_off(date(2027, 1, 3), "England") == [
        Clash("christmas", date(2027, 1, 3), "Christmas and New Year")
    ]
    assert days_off(date(2027, 1, 4), "England") == []


def test_the_nights_of_the_clock_are_named_with_their_direction() -> None:
    assert clock_changes(date(2027, 1, 1), date(2027, 12, 31)) == [
        ClockChange(date(2027, 3, 28), forward=True),
        ClockChange(date(2027, 10, 31), forward=False),
    ]
    assert clock_changes(date(2027, 3, 28), date(2027, 3, 28)) == [ClockChange(date(2027, 3, 28), True)]
    assert clock_changes(date(2027, 3, 29), date(2027, 10, 30)) == []
    assert clock_changes(date(2027, 3, 29), date(2027, 3, 1)) == []
