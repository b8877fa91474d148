from datetime import date, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booking.rules.changes import Change, UnreadableChanges, changes_text, parse_changes


def read_or_sentence(text: str) -> tuple[Change, ...] | str:
    try:
        return parse_changes(text)
    except UnreadableChanges as no:
        return str(no)


def test_each_kind_of_change_is_read() -> None:
    text = (
        "2026-12-30 skip; 2027-03-26 move 2027-03-19; 2026-09-10 cancel; "
        "2026-09-22 until 15:00; 2026-11-04 at Other Hall;"
    )
    assert parse_changes(text) == (
        Change(date(2026, 9, 10), "cancel"),
        Change(date(2026, 9, 22), "until", ends=time(15)),
        Change(date(2026, 11, 4), "at", place="Other Hall"),
        Change(date(2026, 12, 30), "skip"),
        Change(date(2027, 3, 26), "move", moved_to=date(2027, 3, 19)),
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2026-12-30 skip: back on Wednesday 27 January 2027", "back on Wednesday 27 January 2027"),
        ("2026-09-22 until 15:00: a longer day, with a speaker", "a longer day, with a speaker"),
        ("2026-11-04 at Hall 3: the boiler: broken", "the boiler: broken"),
        ("2027-03-26 move 2027-03-19 : Good Friday", "Good Friday"),
        ("2026-12-30 skip", None),
    ],
)
def test_a_public_reason_stands_after_a_colon(text: str, reason: str | None) -> None:
    assert parse_changes(text)[0].reason == reason


def test_nothing_changes_when_nothing_is_written() -> None:
    assert parse_changes("") == parse_changes(" ; ;") == ()


def test_a_date_may_move_and_end_later_and_be_elsewhere() -> None:
    both = parse_changes("2026-09-22 until 15:00; 2026-09-22 move 2026-09-23; 2026-09-22 at Hall 3")
    assert [change.kind for change in both] == ["until", "move", "at"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("30 December skip", "“30 December skip” is not a date and what changes on it."),
        ("2026-12-30", "“2026-12-30” is not a date and what changes on it."),
        ("30/12/2026 skip", "“30/12/2026 skip” needs a date such as 2026-12-30."),
        ("2026-02-30 skip", "“2026-02-30 skip” needs a date such as 2026-12-30."),
        ("2026-03-26 move Friday", "“2026-03-26 move Friday” needs a date such as 2026-12-30."),
        ("2026-03-26 move 2026-03-26", "“2026-03-26 move 2026-03-26” moves to the same date."),
        ("2026-09-22 until late", "“2026-09-22 until late” needs a time such as 15:00."),
        ("2026-09-22 until 25:00", "“2026-09-22 until 25:00” needs a time such as 15:00."),
        ("2026-11-04 at", "“2026-11-04 at” names no place."),
        ("2026-11-04 sing", "“2026-11-04 sing” says neither skip, move, cancel, until nor at."),
        ("2026-12-30 skip:", "“2026-12-30 skip:” gives no reason after its colon."),
        (
            "2026-12-30 skip because",
            "“2026-12-30 skip because” says more than we understand: a reason stands after a colon.",
        ),
        ("2026-12-30 skip; 2026-12-30 cancel", "Two changes of 2026-12-30 contradict each other."),
        (
            "2026-12-30 until 15:00; 2026-12-30 until 16:00",
            "Two changes of 2026-12-30 contradict each other.",
        ),
        ("2026-12-30 move 2027-01-06; 2026-12-23 move 2027-01-06", "Two sessions are moved to 2027-01-06."),
    ],
)
def test_a_fault_is_named_with_its_piece(text: str, sentence: str) -> None:
    with pytest.raises(UnreadableChanges) as no:
        parse_changes(text)
    assert str(no.value) == sentence


def test_a_very_long_piece_is_refused_and_only_its_beginning_shown() -> None:
    with pytest.raises(UnreadableChanges) as no:
        parse_changes("2026-12-30 at " + "x" * 10_000)
    assert len(str(no.value)) < 120


@settings(max_examples=50, deadline=None)
@given(
    st.text(max_size=60) | st.from_regex(r"2026-0[1-9]-1[0-9] (skip|move|until|at|cancel)[ :0-9a-z;]{0,20}")
)
def test_whatever_is_written_is_read_or_refused_with_a_sentence(text: str) -> None:
    read = read_or_sentence(text)
    assert isinstance(read, tuple) or read.endswith(".")


def test_a_date_that_is_kept_on_a_day_off_is_written_and_read_again() -> None:
    kept = parse_changes("2026-12-30 keep; 2027-01-27 skip")
    assert [change.kind for change in kept] == ["keep", "skip"]
    assert changes_text(kept) == "2026-12-30 keep; 2027-01-27 skip"
    with pytest.raises(UnreadableChanges):
        parse_changes("2026-12-30 keep; 2026-12-30 skip")
