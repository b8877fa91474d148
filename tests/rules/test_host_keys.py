"""The dates that a key names are found in it again, and no key is too long for its column."""

import pytest

from booking.rules.host_keys import keys_of, named, packed, series_of, unpacked

A_YEAR_OF_WEEKS = list(range(739_123, 739_123 + 52 * 7, 7))
SCATTERED = [number * number + 100_000 for number in range(60)]


@pytest.mark.parametrize("numbers", [[], [7], [7, 8], [7, 9, 12], A_YEAR_OF_WEEKS, SCATTERED])
def test_what_is_packed_is_unpacked(numbers: list[int]) -> None:
    assert unpacked(packed(reversed(numbers))) == numbers


def test_weeks_of_a_year_are_a_few_letters() -> None:
    assert packed(A_YEAR_OF_WEEKS) == "739123+7x51"


def test_what_does_not_fit_into_one_key_goes_into_several() -> None:
    stem = "host:1234:changed:2026-08-20T10:30:00.123456+01:00:77:0"
    keys = keys_of(stem, SCATTERED)
    assert len(keys) > 1
    assert all(len(key) <= 180 for key in keys)
    assert [number for key in keys for number in named(key)] == SCATTERED


def test_a_copy_of_a_letter_names_what_the_letter_named() -> None:
    assert named("again12:host:5:gone:9:2026-08-20T10:30:00+01:00:0#739123+7") == [739_123, 739_130]
    assert series_of("again12:host:5:gone:9:2026-08-20T10:30:00+01:00:0#739123+7") == 9
    assert named("host:5:given:9") == []
