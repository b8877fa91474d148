"""Which letters of one person go now, which together, and which wait for the morning."""

from datetime import UTC, datetime, timedelta

import pytest

from booking.rules.letters_a_day import Due, Turn, next_morning, today, turn_of

NOON = datetime(2026, 8, 24, 11, tzinfo=UTC)
MORNING = datetime(2026, 8, 25, 7, tzinfo=UTC)
NIGHT = datetime(2026, 8, 24, 21, tzinfo=UTC)
LATER, TONIGHT = MORNING + timedelta(days=1), MORNING - timedelta(hours=12)


def counted(number: int, until: datetime = LATER, **facts: object) -> Due:
    return Due(number, "counted", booking_id=number, useless_at=until, **facts)  # type: ignore[arg-type]


def change(number: int, until: datetime = LATER, **facts: object) -> Due:
    return Due(number, "change", **({"booking_id": number, "useless_at": until} | facts))  # type: ignore[arg-type]


def of(due: list[Due], gone: int = 0, now: datetime = NOON) -> Turn:
    return turn_of(due[0], due, gone, now, MORNING)


def test_the_first_of_a_day_goes_alone_and_the_second_takes_the_others_with_it() -> None:
    three = [counted(1), counted(2), counted(3)]
    assert of(three) == Turn((1,))
    assert of(three[1:], gone=1) == Turn((2, 3))


def test_after_two_what_still_helps_waits_and_the_rest_goes_as_one_letter() -> None:
    due = [counted(1), counted(2, TONIGHT), counted(3), counted(4, TONIGHT)]
    assert of(due, gone=2) == Turn((2, 4), waits=(1, 3))


def test_nothing_is_counted_of_what_she_asked_for_herself() -> None:
    assert of([Due(1), counted(2)], gone=9) == Turn((1,))


def test_changes_that_are_due_together_are_one_letter_however_many_went() -> None:
    assert of([change(1), counted(2), change(3)], gone=5) == Turn((1, 3))


def test_a_change_does_not_ride_past_an_earlier_message_about_the_same_place() -> None:
    assert of([change(1), Due(2, booking_id=7), change(3, booking_id=7), change(4)]) == Turn((1, 4))


@pytest.mark.parametrize("facts", [{"is_fresh": False}, {"is_free": False}])
def test_what_may_have_left_before_or_is_held_joins_nothing(facts: dict[str, bool]) -> None:
    assert of([change(1), change(2, **facts), change(3)]) == Turn((1, 3))


def test_what_may_have_left_before_is_repeated_as_it_was() -> None:
    assert of([change(1, is_fresh=False), change(2)]) == Turn((1,))


def test_news_goes_by_itself_and_never_in_the_place_of_what_she_needs() -> None:
    news = Due(1, "news")
    assert of([news, counted(2)]) == Turn((1,))
    assert of([counted(2), news], gone=1) == Turn((2,))
    assert of([news, counted(2)], gone=1) == Turn(waits=(1,))
    assert of([news], gone=1) == Turn((1,))
    assert of([news], gone=2) == Turn(waits=(1,))


def test_at_night_only_what_concerns_the_next_day_goes() -> None:
    soon = NIGHT + timedelta(hours=20)
    assert of([counted(1), counted(2, MORNING)], now=NIGHT) == Turn((2,), waits=(1,))
    assert of([change(1, soon), change(2, LATER + timedelta(days=3))], now=NIGHT) == Turn((1,), waits=(2,))


def test_what_is_told_by_itself_keeps_quiet_hours_and_takes_nothing_with_it() -> None:
    soon, far = (Due(1, "told", useless_at=NIGHT + timedelta(hours=hours)) for hours in (20, 90))
    assert of([far, Due(2, "told"), change(3)], gone=5) == Turn((1,))
    assert of([soon, far], now=NIGHT) == Turn((1,))
    assert of([far, soon], now=NIGHT) == Turn(waits=(1,))


@pytest.mark.parametrize(
    ("now", "morning"),
    [
        ("2026-08-24T10:00+01:00", "2026-08-25T08:00+01:00"),
        ("2026-08-24T23:30+01:00", "2026-08-25T08:00+01:00"),
        ("2026-08-25T02:00+01:00", "2026-08-25T08:00+01:00"),
        ("2026-08-25T08:00+01:00", "2026-08-26T08:00+01:00"),
        ("2026-10-24T10:00+01:00", "2026-10-25T08:00+00:00"),
        ("2027-03-27T10:00+00:00", "2027-03-28T08:00+01:00"),
    ],
)
def test_the_next_morning_is_8am_on_the_clocks_of_london(now: str, morning: str) -> None:
    assert next_morning(datetime.fromisoformat(now)) == datetime.fromisoformat(morning)


@pytest.mark.parametrize(("day", "hours"), [("2026-08-24", 24), ("2026-10-25", 25), ("2027-03-28", 23)])
def test_a_day_is_as_long_as_the_clocks_make_it(day: str, hours: int) -> None:
    begins_at, ends_at = today(datetime.fromisoformat(f"{day}T12:00+00:00"))
    assert ends_at - begins_at == timedelta(hours=hours)
