"""The file of a season: read whole, or refused with every bad row named."""

from datetime import date, time
from pathlib import Path

import pytest

from booking.rules.timetable import UnreadableTimetable, decode, read_timetable
from tests.schedule.lines import line, online, season

SAMPLE = Path(__file__).parents[2] / "booking" / "demo" / "season.csv"
BAD_CELLS = [
    ("key", "Manchester Tea", "key: only a–z"),
    ("key", "breast-cancer-tea", "The key stands in web addresses"),
    ("name", "", "name: is missing"),
    ("name", "x" * 201, "name: is longer than 200 characters"),
    ("name", "=1+1", "name: begins with “=”"),
    ("name", "Tea\nand cake", "name: holds a line break"),
    ("name", "Tea\x00", "name: holds an unseen character"),
    ("mode", "by carrier pigeon", "mode: “by carrier pigeon” is none of"),
    ("place", "", "place: is missing"),
    ("nation", "Atlantis", "nation: “Atlantis” is none of"),
    ("rrule", "FREQ=MONTHLY;BYDAY=5WE", "fifth"),
    ("rrule", "FREQ=HOURLY", "A rule says FREQ=WEEKLY or FREQ=MONTHLY."),
    ("dtstart", "2026-02-30", "dtstart: “2026-02-30” is no date"),
    ("dtstart", "1850-01-30", "dtstart: “1850-01-30” is no date"),
    ("start", "25:00", "start: “25:00” is no time"),
    ("end", "13:00", "The end must be after the start."),
    ("places_room", "-4", "places_room: a number from 1"),
    ("places_room", "99999999999999", "places_room: a number from 1"),
    ("places_online", "3", "places_online: this mode has no such places"),
    ("audience", "men", "audience: “men” is none of"),
    ("movement_check", "maybe", "movement_check: “maybe” is none of"),
    ("meeting_url", "javascript:alert(1)", "meeting_url: is no web address"),
    ("discreet_name", "Breast group", "The discreet name holds a health word."),
    ("changes", "2026-12-31 skip", "2026-12-31 is not a date of this series."),
    ("changes", "2026-12-30 until 13:00", "On 2026-12-30 the end must be after the start."),
    ("changes", "2026-12-30 move 2027-01-27", "2027-01-27 is already a date of this series."),
    ("changes", "2026-12-30 vanish", "says neither skip, move, cancel, until nor at"),
]


@pytest.mark.parametrize(("column", "cell", "reason"), BAD_CELLS)
def test_a_bad_cell_is_named_by_line_and_reason(column: str, cell: str, reason: str) -> None:
    read = read_timetable(season(line(key="good"), line(**{column: cell})))
    assert [problem.line for problem in read.problems] == [3]
    assert reason in str(read.problems[0])


def test_every_bad_row_is_named_not_just_the_first() -> None:
    read = read_timetable(season(line(key="a", start="x"), line(key="b"), line(key="c", nation="x")))
    assert [problem.line for problem in read.problems] == [2, 4]


def test_the_line_of_a_row_is_where_it_begins_in_the_file() -> None:
    text = season(line(key="a", notes="one\ntwo\nthree"), line(key="b", start="x"))
    assert [problem.line for problem in read_timetable(text).problems] == [5]


def test_two_rows_with_one_key_are_refused() -> None:
    (problem,) = read_timetable(season(line(), line())).problems
    assert str(problem) == "Line 3: The key “manchester” stands in line 2 already."


def test_a_blank_number_of_places_is_no_limit_where_the_mode_has_that_pool() -> None:
    plans = read_timetable(season(line(places_room=""), online(key="b", places_online=""))).plans
    assert [(plan.places_room, plan.places_online) for plan in plans] == [(None, 0), (0, None)]


def test_an_online_series_has_no_place() -> None:
    (problem,) = read_timetable(season(online(place="Leeds"))).problems
    assert "an online series has none" in problem.reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "The file is empty."),
        ("\n\n", "The file is empty."),
        (season(line()).replace(",", ";"), "parted by semicolons"),
        (season(line()).replace(",", "\t"), "parted by tabs"),
        (season(line()).split("\r\n")[0] + "\n", "a header and no rows"),
        ("key,name\na,b\n", "The header lacks programme, mode, place"),
        (season(line(colour="red")), "The header has colour, unknown here."),
        (season(line()).replace("rrule", "nation"), "The header lacks rrule"),
        (season(line()) + '"never closed', "The row can't be read"),
        (season(line()) + "too,few\n", "The row has 2 cells"),
        ("x" * 2_000_001, "The file is too large."),
    ],
)
def test_what_is_no_timetable_is_refused_in_words(text: str, reason: str) -> None:
    assert reason in " ".join(str(problem) for problem in read_timetable(text).problems)


def test_the_header_may_have_spaces_and_capitals() -> None:
    header, *rest = season(line()).splitlines()
    assert not read_timetable("\n".join([header.upper().replace(",", " , "), *rest])).problems


def test_a_byte_order_mark_is_not_minded() -> None:
    raw = b"\xef\xbb\xbf" + season(line()).encode()
    assert len(read_timetable(decode(raw)).plans) == 1


@pytest.mark.parametrize(("raw", "line_number"), [(b"key\n\xe9", 2), ("key".encode("utf-16"), 1)])
def test_a_wrong_encoding_is_named_by_line(raw: bytes, line_number: int) -> None:
    with pytest.raises(UnreadableTimetable) as refused:
        decode(raw)
    assert refused.value.line == line_number
    assert "CSV UTF-8" in str(refused.value)


def test_the_sample_season_has_no_fault() -> None:
    read = read_timetable(decode(SAMPLE.read_bytes()))
    assert read.problems == ()
    assert len(read.plans) == 25


def test_the_sample_season_has_the_changes_that_its_notes_describe() -> None:
    plans = {plan.key: plan for plan in read_timetable(decode(SAMPLE.read_bytes())).plans}
    changes = {
        key: [(c.on, c.kind, c.moved_to or c.ends) for c in plan.changes] for key, plan in plans.items()
    }
    assert changes["manchester"] == [(date(2026, 12, 30), "skip", None)]
    assert changes["carlisle"] == [
        (date(2026, 12, 25), "skip", None),
        (date(2027, 3, 26), "move", date(2027, 3, 19)),
    ]
    assert changes["leeds"] == [(date(2027, 1, 26), "until", time(15))]
    assert [kind for _, kind, _ in changes["online-morning"]] == ["cancel"]
    assert [kind for _, kind, _ in changes["tai-chi"]] == ["at"]
    assert plans["northern-ireland"].grant
    assert not changes["edinburgh"]
