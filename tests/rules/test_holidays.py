from datetime import date

import pytest

from booking.rules.holidays import UnknownNation, clash_words
from booking.rules.recurrence import expand, parse_rule

EVERYWHERE = ["England", "Scotland", "Wales", "Northern Ireland", "UK"]


@pytest.mark.parametrize("nation", EVERYWHERE)
def test_christmas_day_and_good_friday_are_holidays_everywhere(nation: str) -> None:
    assert clash_words(date(2026, 12, 25), nation) == "Christmas Day"
    assert clash_words(date(2027, 3, 26), nation) == "Good Friday"


def test_the_fourth_friday_of_carlisle_meets_two_holidays() -> None:
    fridays = expand(
        parse_rule("FREQ=MONTHLY;BYDAY=4FR"), date(2026, 1, 23), date(2026, 9, 1), date(2027, 4, 30)
    )
    clashes = {on: clash for on in fridays if (clash := clash_words(on, "England"))}
    assert clashes == {date(2026, 12, 25): "Christmas Day", date(2027, 3, 26): "Good Friday"}


def test_each_nation_has_holidays_of_its_own() -> None:
    assert clash_words(date(2026, 3, 17), "Northern Ireland") is not None
    assert clash_words(date(2026, 3, 17), "England") is None
    assert clash_words(date(2026, 4, 6), "England") == "Easter Monday"
    assert clash_words(date(2026, 4, 6), "Scotland") is None


def test_an_online_session_asks_all_four_nations() -> None:
    assert clash_words(date(2026, 4, 6), "UK") == "Easter Monday (England, Wales and Northern Ireland)"
    assert clash_words(date(2026, 11, 30), "UK") == "Saint Andrew's Day (Scotland)"


def test_the_weeks_around_christmas_are_flagged_though_no_holiday() -> None:
    flagged = [date(2026, 12, 20), date(2026, 12, 30), date(2027, 1, 3)]
    assert {clash_words(on, "Wales") for on in flagged} == {"Christmas and New Year"}
    assert clash_words(date(2026, 12, 19), "Wales") is None
    assert clash_words(date(2027, 1, 4), "Wales") is None
    assert clash_words(date(2027, 1, 4), "Scotland") is not None


def test_an_ordinary_day_clashes_with_nothing() -> None:
    assert [clash_words(date(2026, 8, 6), nation) for nation in EVERYWHERE] == [None] * 5


@pytest.mark.parametrize("nation", ["", "Atlantis", "england", "ENG"])
def test_a_nation_nobody_knows_is_refused(nation: str) -> None:
    with pytest.raises(UnknownNation, match="Choose England"):
        clash_words(date(2026, 8, 6), nation)
