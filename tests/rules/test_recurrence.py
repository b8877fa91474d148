from datetime import date, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booking.rules.recurrence import (
    Rule,
    UnreadableRule,
    build_rule,
    expand,
    next_dates,
    parse_rule,
    rule_words,
)
from booking.rules.wall_time import to_instant, to_local

WEDNESDAY, THURSDAY, FRIDAY = 2, 3, 4


ANY_TEXT = st.text(max_size=40) | st.from_regex(
    r"FREQ=(WEEKLY|MONTHLY)(;(BYDAY|COUNT|INTERVAL|UNTIL)=[-0-9A-Z,]{0,9}){0,3}", fullmatch=True
)
DAYS = st.dates(date(2020, 1, 1), date(2040, 1, 1))


def dates(text: str, starts_on: str, from_date: str, to_date: str) -> list[str]:
    window = (date.fromisoformat(day) for day in (starts_on, from_date, to_date))
    return [str(on) for on in expand(parse_rule(text), *window)]


def read_or_sentence(text: str) -> Rule | str:
    try:
        return parse_rule(text)
    except UnreadableRule as no:
        return str(no)


def test_the_last_wednesday_is_not_the_fourth() -> None:
    span = ("2026-01-28", "2026-09-01", "2026-10-31")
    assert dates("FREQ=MONTHLY;BYDAY=-1WE", *span) == ["2026-09-30", "2026-10-28"]
    assert dates("FREQ=MONTHLY;BYDAY=4WE", *span) == ["2026-09-23", "2026-10-28"]


def test_the_fourth_friday_falls_on_christmas_day_and_on_good_friday() -> None:
    found = dates("FREQ=MONTHLY;BYDAY=4FR", "2026-01-23", "2026-12-01", "2027-03-31")
    assert found == ["2026-12-25", "2027-01-22", "2027-02-26", "2027-03-26"]


def test_a_course_counts_its_weeks_from_its_own_start() -> None:
    course = ("FREQ=WEEKLY;BYDAY=WE;COUNT=6", "2026-11-04")
    assert dates(*course, "2026-12-01", "2027-12-31") == ["2026-12-02", "2026-12-09"]


def test_a_rule_ends_on_its_last_day_and_not_after() -> None:
    rule = "FREQ=WEEKLY;BYDAY=MO;UNTIL=20260119"
    assert dates(rule, "2026-01-05", "2026-01-01", "2026-03-01") == ["2026-01-05", "2026-01-12", "2026-01-19"]


def test_every_third_month_and_every_second_week_keep_their_step() -> None:
    quarterly = dates("FREQ=MONTHLY;INTERVAL=3;BYDAY=2WE", "2026-02-11", "2026-03-01", "2026-12-31")
    assert quarterly == ["2026-05-13", "2026-08-12", "2026-11-11"]
    fortnightly = dates("FREQ=WEEKLY;INTERVAL=2;BYDAY=TH", "2026-01-08", "2026-03-10", "2026-04-10")
    assert fortnightly == ["2026-03-19", "2026-04-02"]


def test_a_single_date_is_only_itself() -> None:
    assert parse_rule("  ") == Rule()
    assert dates("", "2026-05-01", "2026-01-01", "2026-12-31") == ["2026-05-01"]
    assert dates("", "2026-05-01", "2026-06-01", "2026-12-31") == []


@pytest.mark.parametrize(
    ("text", "starts_on", "change"),
    [
        ("FREQ=WEEKLY;BYDAY=MO", "2026-01-05", (3, 29)),
        ("FREQ=WEEKLY;BYDAY=MO", "2026-01-05", (10, 25)),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TH", "2026-01-08", (3, 29)),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TH", "2026-01-08", (10, 25)),
        ("FREQ=MONTHLY;BYDAY=-1WE", "2026-01-28", (3, 29)),
        ("FREQ=MONTHLY;BYDAY=-1WE", "2026-01-28", (10, 25)),
    ],
)
def test_a_clock_change_moves_no_wall_time(text: str, starts_on: str, change: tuple[int, int]) -> None:
    on = date(2026, *change)
    around = expand(parse_rule(text), date.fromisoformat(starts_on), on - timedelta(32), on + timedelta(32))
    starts = [to_instant(day, time(13, 30)) for day in around]
    assert {to_local(start).time() for start in starts} == {time(13, 30)}
    assert {start.hour for start in starts} == {12, 13}


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from([1, 2, 3, 4, -1]),
    st.integers(0, 6),
    st.integers(1, 12),
    st.dates(date(2020, 1, 1), date(2040, 1, 1)),
)
def test_every_date_of_a_monthly_rule_is_that_weekday(
    nth: int, weekday: int, months: int, start: date
) -> None:
    rule = build_rule("monthly", [weekday], nth, months)
    found = expand(rule, start, start, start + timedelta(900))
    assert found
    assert found == sorted(set(found))
    for on in found:
        assert on.weekday() == weekday
        assert (on + timedelta(7)).month != on.month if nth == -1 else (on.day - 1) // 7 + 1 == nth


@settings(max_examples=40, deadline=None)
@given(
    st.sets(st.integers(0, 6), min_size=1),
    st.booleans(),
    st.integers(1, 30),
    st.dates(date(2020, 1, 1), date(2040, 1, 1)),
)
def test_a_window_never_changes_what_a_rule_means(days: set[int], two: bool, count: int, start: date) -> None:
    rule = build_rule("fortnightly" if two else "weekly", sorted(days), count=count)
    everything = expand(rule, start, start, start + timedelta(900))
    middle, end = start + timedelta(20), start + timedelta(60)
    assert len(everything) == count
    assert expand(rule, start, middle, end) == [on for on in everything if middle <= on <= end]


@settings(max_examples=40, deadline=None)
@given(
    st.text(max_size=40)
    | st.from_regex(
        r"FREQ=(WEEKLY|MONTHLY)(;(BYDAY|COUNT|INTERVAL|UNTIL)=[-0-9A-Z,]{0,9}){0,3}", fullmatch=True
    )
)
def test_whatever_is_written_is_read_or_refused_with_a_sentence(text: str) -> None:
    read = read_or_sentence(text)
    if isinstance(read, str):
        assert read.endswith(".")
    else:
        assert parse_rule(read.text) == read
        assert rule_words(read)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("FREQ=MONTHLY;BYDAY=5WE", "Most months have no fifth Wednesday. Choose first to fourth, or last."),
        ("FREQ=MONTHLY;BYDAY=-2WE", "Choose the first, second, third, fourth or last Wednesday."),
        ("FREQ=MONTHLY;BYDAY=WE", "A monthly rule names one weekday, such as BYDAY=2TH or BYDAY=-1WE."),
        ("FREQ=MONTHLY", "A monthly rule names one weekday, such as BYDAY=2TH or BYDAY=-1WE."),
        ("FREQ=MONTHLY;BYDAY=1WE,3WE", "A monthly rule names one weekday, such as BYDAY=2TH or BYDAY=-1WE."),
        ("FREQ=WEEKLY;BYDAY=1WE", "A weekly rule names weekdays without a number, such as BYDAY=MO,TH."),
        ("FREQ=WEEKLY;BYDAY=XX", "“XX” is not a day of the week."),
        ("FREQ=DAILY", "A rule says FREQ=WEEKLY or FREQ=MONTHLY."),
        ("BYDAY=MO", "A rule says FREQ=WEEKLY or FREQ=MONTHLY."),
        ("FREQ=WEEKLY;BYSETPOS=1", "“BYSETPOS=1” is not a part of a rule that we know."),
        ("every Thursday", "“EVERY THURSDAY” is not a part of a rule that we know."),
        ("FREQ=WEEKLY;FREQ=WEEKLY", "FREQ stands twice in the rule."),
        ("FREQ=WEEKLY;BYDAY=MO,WE,WE", "Wednesday stands twice in the rule."),
        ("FREQ=WEEKLY;COUNT=52000", "COUNT is a number from 1 to 500."),
        ("FREQ=WEEKLY;COUNT=٣", "COUNT is a number."),
        ("FREQ=WEEKLY;INTERVAL=0", "INTERVAL is a number from 1 to 52."),
        ("FREQ=MONTHLY;INTERVAL=12000;BYDAY=1MO", "INTERVAL is a number from 1 to 12."),
        ("FREQ=WEEKLY;UNTIL=30260101", "That date is too far away."),
        ("FREQ=WEEKLY;UNTIL=20260231", "UNTIL is a date, such as UNTIL=20270331."),
        ("FREQ=WEEKLY;UNTIL=soon", "UNTIL is a date, such as UNTIL=20270331."),
        ("FREQ=WEEKLY;COUNT=2;UNTIL=20270101", "Say how many times, or until when: not both."),
        ("FREQ=WEEKLY;WKST=SU", "Weeks begin on Monday here: leave WKST out."),
        ("FREQ=WEEKLY;" * 40, "The rule is too long."),
    ],
)
def test_a_rule_we_do_not_know_is_refused_with_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(UnreadableRule) as no:
        parse_rule(text)
    assert str(no.value) == sentence


def test_a_thousand_years_are_refused() -> None:
    for starts_on, to_date in ((date(1026, 1, 1), date(2026, 1, 1)), (date(2026, 1, 1), date(3026, 1, 1))):
        with pytest.raises(UnreadableRule, match="too far away"):
            expand(parse_rule("FREQ=WEEKLY;BYDAY=MO"), starts_on, starts_on, to_date)
    assert expand(parse_rule("FREQ=WEEKLY"), date(2026, 1, 1), date(2026, 2, 1), date(2026, 1, 1)) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "one date"),
        ("FREQ=MONTHLY;BYDAY=-1WE", "last Wednesday of the month"),
        ("FREQ=MONTHLY;INTERVAL=3;BYDAY=2WE", "second Wednesday, every three months"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TH", "every two weeks on Thursday"),
        ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "Monday to Friday"),
        ("FREQ=WEEKLY;BYDAY=MO", "every Monday"),
        ("FREQ=WEEKLY;BYDAY=TU,MO,FR", "every Monday, Tuesday and Friday"),
        ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU", "every day"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TU,WE,TH,FR,SA,SU", "every two weeks, every day"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TU,WE,TH,FR", "every two weeks, Monday to Friday"),
        ("FREQ=WEEKLY", "every week"),
        ("FREQ=WEEKLY;INTERVAL=3", "every three weeks"),
        ("FREQ=WEEKLY;BYDAY=WE;COUNT=6", "every Wednesday, six times"),
        ("FREQ=WEEKLY;BYDAY=WE;COUNT=1", "every Wednesday, once"),
        ("FREQ=WEEKLY;BYDAY=WE;UNTIL=20270331", "every Wednesday, until Wednesday 31 March 2027"),
    ],
)
def test_a_rule_is_said_as_people_say_it(text: str, said: str) -> None:
    assert rule_words(parse_rule(text)) == said


def test_a_form_builds_the_rules_people_ask_for() -> None:
    assert build_rule("once").text == ""
    assert build_rule("weekly", [THURSDAY]).text == "FREQ=WEEKLY;BYDAY=TH"
    assert build_rule("fortnightly", [FRIDAY, THURSDAY]).text == "FREQ=WEEKLY;INTERVAL=2;BYDAY=TH,FR"
    assert build_rule("monthly", [WEDNESDAY], -1, 2).text == "FREQ=MONTHLY;INTERVAL=2;BYDAY=-1WE"
    assert build_rule("weekly", [0], until=date(2027, 3, 31)).text == "FREQ=WEEKLY;BYDAY=MO;UNTIL=20270331"


@pytest.mark.parametrize(
    ("answers", "field"),
    [
        ({"repeat": "yearly"}, "repeat"),
        ({"repeat": "weekly", "weekdays": [7]}, "weekdays"),
        ({"repeat": "weekly"}, "weekdays"),
        ({"repeat": "monthly", "weekdays": [0, 1], "nth": 1}, "weekdays"),
        ({"repeat": "monthly", "weekdays": [0], "nth": 5}, "nth"),
        ({"repeat": "monthly", "weekdays": [0]}, "nth"),
        ({"repeat": "monthly", "weekdays": [0], "nth": 1, "every": 99}, "every"),
        ({"repeat": "weekly", "weekdays": [0], "count": 0}, "count"),
        ({"repeat": "weekly", "weekdays": [0], "until": date(3000, 1, 1)}, "until"),
        ({"repeat": "weekly", "weekdays": [0], "count": 3, "until": date(2027, 1, 1)}, "until"),
    ],
)
def test_a_form_that_asks_too_much_is_told_at_which_field(answers: dict[str, object], field: str) -> None:
    with pytest.raises(UnreadableRule) as no:
        build_rule(**answers)  # type: ignore[arg-type]
    assert no.value.field == field


def test_the_planner_sees_the_next_six_dates() -> None:
    found = next_dates(parse_rule("FREQ=MONTHLY;INTERVAL=12;BYDAY=-1WE"), date(2026, 1, 28), date(2026, 7, 1))
    assert [on.year for on in found] == [2027, 2028, 2029, 2030, 2031, 2032]
    assert len(next_dates(parse_rule("FREQ=WEEKLY;COUNT=4"), date(2026, 1, 1), date(2026, 1, 1))) == 4
