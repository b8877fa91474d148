"""What holds for every rule, however it is asked for: some hundred cases each time, 10,000 by `make soak`."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from booking.rules.changes import Change, changes_text, parse_changes
from booking.rules.clashes import clock_changes
from booking.rules.csv_cells import plain_cell, quoted_cell
from booking.rules.next_season import Stretch, again
from booking.rules.recurrence import (
    Rule,
    build_rule,
    expand,
    last_date,
    last_or_fourth,
    next_dates,
    parse_rule,
    rule_words,
)
from booking.rules.wall_time import LONDON, ImpossibleTime, to_instant, to_local

pytestmark = pytest.mark.properties

DAYS = st.dates(date(2020, 1, 1), date(2040, 12, 31))
LENGTHS = st.integers(0, 800).map(lambda days: timedelta(days=days))
TIMES = st.times().map(lambda at: at.replace(second=0, microsecond=0, tzinfo=None))
WORDS = st.text(
    st.characters(blacklist_categories=("Cc", "Cs", "Co", "Zl", "Zp")), min_size=1, max_size=40
).map(lambda text: " ".join(text.split()))


@st.composite
def endings(draw: st.DrawFn) -> dict[str, object]:
    """Nothing, how many times, or until when."""
    return draw(
        st.just({})
        | st.integers(1, 60).map(lambda count: {"count": count})
        | DAYS.map(lambda until: {"until": until})
    )


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    """Every rule that a form can make."""
    repeat = draw(st.sampled_from(["once", "weekly", "fortnightly", "monthly", "dates"]))
    if repeat == "once":
        return build_rule("once")
    if repeat == "dates":
        return build_rule("dates", dates=list(draw(st.sets(DAYS, min_size=1, max_size=12))))
    if repeat == "monthly":
        nth, every = draw(st.sampled_from([1, 2, 3, 4, -1])), draw(st.integers(1, 12))
        return build_rule("monthly", [draw(st.integers(0, 6))], nth, every, **draw(endings()))
    weekdays = sorted(draw(st.sets(st.integers(0, 6), min_size=1)))
    return build_rule(repeat, weekdays, every=draw(st.integers(1, 52)), **draw(endings()))


def fits(rule: Rule, starts_on: date, on: date) -> bool:
    """Say whether a date is one of the rule, worked out without the library that expands it."""
    if on < starts_on or (rule.until and on > rule.until):
        return False
    match rule.frequency:
        case "ONCE":
            return on == starts_on
        case "DATES":
            return on in rule.dates
        case "WEEKLY":
            weeks = (on - timedelta(on.weekday()) - (starts_on - timedelta(starts_on.weekday()))).days // 7
            return on.weekday() in rule.weekdays and weeks % rule.interval == 0
    months = (on.year - starts_on.year) * 12 + on.month - starts_on.month
    last = (on + timedelta(7)).month != on.month
    placed = last if rule.nth == -1 else (on.day - 1) // 7 + 1 == rule.nth
    return on.weekday() == rule.weekdays[0] and placed and months % rule.interval == 0


@given(rules(), DAYS, DAYS, LENGTHS)
def test_every_listed_date_fits_the_rule_and_no_other_does(
    rule: Rule, starts_on: date, first: date, length: timedelta
) -> None:
    listed = expand(rule, starts_on, first, first + length)
    every = [first + timedelta(days=number) for number in range(length.days + 1)]
    fitting = [on for on in every if fits(rule, starts_on, on)]
    if rule.count is None:
        assert listed == fitting
    else:
        assert listed == fitting[: len(listed)]
        assert len(expand(rule, starts_on, starts_on, date(2100, 12, 31))) <= rule.count


@given(rules(), DAYS, DAYS, LENGTHS, LENGTHS)
def test_a_window_in_two_halves_has_the_same_dates(
    rule: Rule, starts_on: date, first: date, one: timedelta, two: timedelta
) -> None:
    middle, last = first + one, first + one + two
    halves = expand(rule, starts_on, first, middle) + expand(rule, starts_on, middle + timedelta(1), last)
    assert halves == expand(rule, starts_on, first, last) == expand(rule, starts_on, first, last)
    assert halves == sorted(set(halves))


@given(rules())
def test_what_is_written_is_read_and_written_the_same(rule: Rule) -> None:
    assert parse_rule(rule.text) == rule
    assert parse_rule(rule.text).text == rule.text
    assert rule_words(rule)


@given(rules(), DAYS, TIMES)
def test_wall_time_never_moves(rule: Rule, starts_on: date, at: time) -> None:
    nights = {change.on for change in clock_changes(starts_on, starts_on + timedelta(800))}
    for on in expand(rule, starts_on, starts_on, starts_on + timedelta(800)):
        try:
            assert to_local(to_instant(on, at)).replace(tzinfo=None) == datetime.combine(on, at)
        except ImpossibleTime:
            # Only on those two nights, and only in the hour that is skipped or comes twice.
            assert on in nights
            assert at.hour == 1


@given(DAYS, LENGTHS)
def test_the_clocks_change_exactly_where_the_offset_does(first: date, length: timedelta) -> None:
    changes = {change.on: change.forward for change in clock_changes(first, first + length)}
    for number in range(length.days + 1):
        on = first + timedelta(days=number)
        before = datetime.combine(on, time(0), LONDON).utcoffset()
        after = datetime.combine(on, time(12), LONDON).utcoffset()
        assert (on in changes) == (before != after)
        assert on not in changes or changes[on] == (before is not None and after > before)  # type: ignore[operator]


@given(rules(), DAYS, DAYS)
def test_the_next_six_are_the_first_six_and_the_last_is_the_last(
    rule: Rule, starts_on: date, today: date
) -> None:
    every = expand(rule, starts_on, starts_on, date(2100, 12, 31))
    coming = [on for on in every if on >= today]
    assert next_dates(rule, starts_on, today) == coming[:6]
    ends = last_date(rule, starts_on)
    assert (ends is None) == (rule.frequency in ("WEEKLY", "MONTHLY") and not (rule.count or rule.until))
    assert ends is None or not every or ends == every[-1]


@given(st.integers(0, 6), DAYS)
def test_fourth_and_last_differ_by_a_week_where_they_differ(weekday: int, today: date) -> None:
    explained = last_or_fourth(weekday, today)
    for fourth, last in explained:
        assert (fourth.weekday(), last - fourth) == (weekday, timedelta(7))
        assert fourth.month == last.month != (last + timedelta(7)).month
    assert len(explained) in (4, 5)


@st.composite
def changes(draw: st.DrawFn) -> tuple[Change, ...]:
    """Some exceptions, each on its own date, with any words."""
    found = []
    for on in sorted(draw(st.sets(st.dates(date(2026, 1, 1), date(2026, 6, 30)), max_size=5))):
        reason = draw(st.none() | WORDS) or None
        kind = draw(st.sampled_from(["skip", "cancel", "move", "until", "at"]))
        rest = {
            "move": {"moved_to": on + timedelta(days=300 + len(found))},
            "until": {"ends": draw(TIMES)},
            "at": {"place": draw(WORDS.filter(bool))},
        }.get(kind, {})
        found.append(Change(on, kind, reason=reason, **rest))
    targets = [change.moved_to for change in found if change.moved_to]
    assume(len(targets) == len(set(targets)))
    return tuple(found)


@given(changes())
def test_exceptions_come_back_as_they_were_written(there: tuple[Change, ...]) -> None:
    assert parse_changes(changes_text(there)) == there


@given(st.text(max_size=20) | st.from_regex(r"'{0,3}[=+@-].{0,5}", fullmatch=True))
def test_a_cell_comes_back_and_is_never_run(text: str) -> None:
    assume("\0" not in text)
    cell = quoted_cell(text)
    assert plain_cell(cell) == text
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))


@given(rules(), DAYS, DAYS, st.integers(1, 400), st.integers(1, 300))
def test_a_season_again_keeps_weekday_and_place_in_the_month(
    rule: Rule, starts_on: date, first: date, length: int, gap: int
) -> None:
    last = first + timedelta(days=length)
    stretch = Stretch(first, last, last + timedelta(days=gap))
    found = again(rule, starts_on, stretch)
    assert (found is None) == (expand(rule, starts_on, first, last) == [])
    if found is not None:
        assert found.starts_on >= stretch.new_first
        assert found.starts_on.weekday() == found.was_on.weekday()
        assert expand(found.rule, found.starts_on, found.starts_on, found.starts_on) == [found.starts_on]
