"""The cases that planners fear, by name and date."""

from datetime import date, datetime, time, timedelta

import pytest

from booking.rules.clashes import days_off
from booking.rules.recurrence import (
    UnreadableRule,
    build_rule,
    expand,
    last_date,
    last_or_fourth,
    next_dates,
    parse_rule,
    rule_words,
)
from booking.rules.wall_time import ImpossibleTime, to_instant, to_local

WEDNESDAY = 2
WEEKLY, FORTNIGHTLY, MONTHLY = "FREQ=WEEKLY", "FREQ=WEEKLY;INTERVAL=2", "FREQ=MONTHLY;BYDAY=-1SU"


@pytest.mark.parametrize("change", [date(2027, 3, 28), date(2027, 10, 31)])
@pytest.mark.parametrize(
    ("rule", "apart"), [(WEEKLY, {7}), (FORTNIGHTLY, {14}), (MONTHLY, {28, 35})], ids=["week", "two", "month"]
)
def test_half_past_one_stays_across_the_change_of_the_clocks(
    rule: str, apart: set[int], change: date
) -> None:
    starts_on = change - timedelta(days=28 if rule != MONTHLY else 36)
    dates = expand(parse_rule(rule), starts_on, starts_on, change + timedelta(days=65))
    assert change in dates
    instants = [to_instant(on, time(13, 30)) for on in dates]
    assert {to_local(at).time() for at in instants} == {time(13, 30)}
    assert {at.hour for at in instants} == {12, 13}
    assert {(two - one).days for one, two in zip(dates, dates[1:], strict=False)} <= apart


def test_last_and_fourth_wednesday_for_three_years() -> None:
    first, until = date(2026, 1, 1), date(2028, 12, 31)
    last, fourth = (expand(parse_rule(f"FREQ=MONTHLY;BYDAY={nth}WE"), first, first, until) for nth in (-1, 4))
    assert len(last) == len(fourth) == 36
    differ = [(four, end) for four, end in zip(fourth, last, strict=True) if four != end]
    assert differ == last_or_fourth(WEDNESDAY, first, months=36)
    assert [four.isoformat()[:7] for four, _end in differ][:4] == ["2026-04", "2026-07", "2026-09", "2026-12"]
    assert {(end - four).days for four, end in differ} == {7}


def test_the_fourth_friday_group_meets_christmas_day_and_good_friday() -> None:
    dates = expand(
        parse_rule("FREQ=MONTHLY;BYDAY=4FR"), date(2026, 1, 1), date(2026, 12, 1), date(2027, 3, 31)
    )
    off = {on: days_off(on, "England") for on in dates}
    assert [(on, clash[0].words) for on, clash in off.items() if clash] == [
        (date(2026, 12, 25), "Christmas Day"),
        (date(2027, 3, 26), "Good Friday"),
    ]


def test_scotland_has_the_second_of_january_and_st_andrews_day_alone() -> None:
    for on in (date(2026, 11, 30), date(2029, 1, 2)):
        assert days_off(on, "Scotland")[0].kind == "holiday"
        assert [clash.kind for clash in days_off(on, "Wales")] in ([], ["christmas"])


def test_northern_ireland_has_st_patricks_day_and_the_twelfth_alone() -> None:
    for on in (date(2027, 3, 17), date(2027, 7, 12)):
        assert days_off(on, "Northern Ireland")[0].kind == "holiday"
        assert days_off(on, "Scotland") == days_off(on, "England") == []
        assert days_off(on, "UK")[0].words.endswith("(Northern Ireland)")


@pytest.mark.parametrize(
    ("on", "said"),
    [
        (date(2027, 3, 28), "The clocks go forward: there is no 1:30am on Sunday 28 March 2027."),
        (date(2027, 10, 31), "The clocks go back: 1:30am comes twice on Sunday 31 October 2027."),
    ],
)
def test_half_past_one_at_night_is_refused_with_a_sentence(on: date, said: str) -> None:
    with pytest.raises(ImpossibleTime) as no:
        to_instant(on, time(1, 30))
    assert str(no.value) == said
    assert to_local(to_instant(on, time(3))).replace(tzinfo=None) == datetime.combine(on, time(3))


def test_a_fifth_wednesday_is_never_planned() -> None:
    with pytest.raises(UnreadableRule, match="Most months have no fifth Wednesday"):
        build_rule("monthly", [WEDNESDAY], 5)


def test_every_three_weeks_and_every_five_months_are_rules_too() -> None:
    assert build_rule("weekly", [WEDNESDAY], every=3).text == "FREQ=WEEKLY;INTERVAL=3;BYDAY=WE"
    assert build_rule("monthly", [WEDNESDAY], 1, every=5).text == "FREQ=MONTHLY;INTERVAL=5;BYDAY=1WE"
    with pytest.raises(UnreadableRule) as no:
        build_rule("weekly", [WEDNESDAY], every=53)
    assert no.value.field == "every"


def test_a_list_of_dates_is_a_rule_of_its_own() -> None:
    listed = build_rule("dates", dates=[date(2027, 1, 19), date(2027, 1, 5), date(2027, 3, 2)])
    assert listed.text == "RDATE:20270105,20270119,20270302"
    assert rule_words(listed) == "3 dates, from Tuesday 5 January 2027 to Tuesday 2 March 2027"
    assert next_dates(listed, date(2027, 1, 5), date(2027, 1, 6)) == [date(2027, 1, 19), date(2027, 3, 2)]
    assert last_date(listed, date(2027, 1, 5)) == date(2027, 3, 2)
    assert rule_words(parse_rule("RDATE;VALUE=DATE:20270105")) == "one date"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("RDATE:20270119,20270105", "Write the dates in order, the first one first."),
        ("RDATE:20270105,20270105", "Tuesday 5 January 2027 stands twice in the list."),
        ("RDATE:20270231", "“20270231” is not a date such as 20270105."),
        ("RDATE:", "“” is not a date such as 20270105."),
        ("RDATE:30270105", "That date is too far away."),
        ("RDATE:" + ",".join(["20270105"] * 101), "A list has at most 100 dates."),
        ("RDATE:" + "9" * 5000, "A list has at most 100 dates."),
    ],
)
def test_a_list_that_makes_no_sense_is_refused_with_a_sentence(text: str, said: str) -> None:
    with pytest.raises(UnreadableRule) as no:
        parse_rule(text)
    assert str(no.value) == said


def test_an_empty_list_is_refused_at_its_field() -> None:
    with pytest.raises(UnreadableRule, match="Write at least one date") as no:
        build_rule("dates")
    assert no.value.field == "dates"
