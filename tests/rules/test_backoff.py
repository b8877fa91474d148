from datetime import UTC, datetime, timedelta

import pytest

from booking.rules.backoff import next_try_at

NOW = datetime(2026, 8, 6, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("attempts", "minutes"),
    [(-1, 1), (0, 1), (1, 1), (2, 2), (3, 5), (4, 15), (5, 30), (6, 60), (10_000, 60)],
)
def test_each_wait_is_longer_than_the_last_and_never_over_an_hour(attempts: int, minutes: int) -> None:
    longest = timedelta(minutes=minutes)
    for salt in range(50):
        assert longest * 0.8 <= next_try_at(attempts, NOW, salt) - NOW <= longest


def test_one_message_always_waits_the_same() -> None:
    assert next_try_at(3, NOW, "message-7") == next_try_at(3, NOW, "message-7")


def test_messages_that_failed_together_do_not_come_back_together() -> None:
    assert len({next_try_at(1, NOW, salt) for salt in range(100)}) == 100
