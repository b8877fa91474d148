import pytest

from booking.rules.shares import percent


@pytest.mark.parametrize(
    ("part", "whole", "share"),
    [(0, 20, 0), (20, 20, 100), (1, 3, 33), (2, 3, 67), (1, 200, 1), (1, 8, 13), (5, 1000, 1)],
)
def test_a_share_is_rounded_as_people_do_it(part: int, whole: int, share: int) -> None:
    assert percent(part, whole) == share


def test_nothing_has_no_shares() -> None:
    assert percent(0, 0) is None
    assert percent(3, 0) is None
