"""What short answers mean for a tutor, and how long they are true."""

from datetime import UTC, datetime

import pytest

from booking.rules.movement import QUESTIONS, answers_behind, flags_of, still_counts, wants_call

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("question", "answer", "flags"),
    [
        ("stay_seated", "yes", ("seated",)),
        ("stay_seated", "no", ()),
        ("floor", "no", ("no_floor",)),
        ("floor", "yes", ()),
        ("spine_hips", "yes", ("spine_hips",)),
        ("arm", "yes", ("arm_care",)),
        ("unsteady", "yes", ("balance",)),
        ("talk_first", "yes", ()),
        ("diagnosis", "yes", ()),
    ],
)
def test_an_answer_becomes_what_a_tutor_keeps_in_mind(
    question: str, answer: str, flags: tuple[str, ...]
) -> None:
    assert flags_of({question: answer}) == flags


@pytest.mark.parametrize("answer", ["", "skip", "YES", "maybe"])
def test_a_skipped_question_says_nothing(answer: str) -> None:
    skipped = dict.fromkeys(QUESTIONS, answer)
    assert flags_of(skipped) == ()
    assert not wants_call(skipped)


def test_only_the_last_question_asks_for_a_call() -> None:
    assert wants_call({"talk_first": "yes"})
    assert not wants_call(dict.fromkeys(QUESTIONS, "yes") | {"talk_first": "no"})


def test_flags_show_the_answers_behind_them_and_no_others() -> None:
    answers = {"floor": "no", "arm": "yes"}
    assert answers_behind(flags_of(answers)) == answers
    assert answers_behind(()) == {}


@pytest.mark.parametrize(
    ("answered_at", "counts"),
    [
        ("2026-11-22T11:00+00:00", True),
        ("2026-05-23T00:00+01:00", True),
        ("2026-05-22T23:59+01:00", False),
        ("2026-05-22T12:00+01:00", False),
        ("2025-11-22T12:00+00:00", False),
    ],
)
def test_she_is_asked_again_after_six_calendar_months(answered_at: str, counts: bool) -> None:
    assert still_counts(datetime.fromisoformat(answered_at), NOON) is counts


def test_the_last_days_of_august_are_true_until_the_end_of_february() -> None:
    answered = datetime(2026, 8, 31, 12, tzinfo=UTC)
    assert still_counts(answered, datetime(2027, 2, 28, 12, tzinfo=UTC))
    assert not still_counts(answered, datetime(2027, 3, 1, 12, tzinfo=UTC))
