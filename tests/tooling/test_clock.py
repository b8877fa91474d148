"""A test says what time it is, and the next one has the real clock back."""

from collections.abc import Callable
from datetime import UTC, datetime

from booking import clock


def test_the_clock_stands_where_it_was_put(clock_at: Callable[[str], datetime]) -> None:
    clock_at("2026-08-06T13:30+01:00")
    assert clock.now() == datetime(2026, 8, 6, 12, 30, tzinfo=UTC)
    clock_at("2026-08-06T14:30+01:00")
    assert clock.now() == datetime(2026, 8, 6, 13, 30, tzinfo=UTC)


def test_the_real_clock_is_back() -> None:
    assert abs((clock.now() - datetime.now(UTC)).total_seconds()) < 5
