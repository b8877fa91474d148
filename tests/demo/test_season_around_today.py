"""The sample season lies around the day on which somebody looks at it."""

from datetime import date, timedelta

import pytest

from booking.demo.season import FILE, HORIZON, YEAR, occasions, plans_around
from booking.rules.timetable import SeriesPlan, check_plan, read_timetable

DAYS = [date(2026, 2, 3), date(2026, 11, 22), date(2027, 6, 1), date(2028, 2, 29), date(2031, 12, 25)]


def plan_of(key: str, today: date) -> SeriesPlan:
    return next(plan for plan in plans_around(today) if plan.key == key)


@pytest.mark.parametrize("today", DAYS)
def test_every_course_begins_two_to_eight_weeks_ahead(today: date) -> None:
    courses = [plan for plan in plans_around(today) if plan.enrol == "course"]
    assert courses
    for plan in courses:
        assert timedelta(weeks=2) <= plan.starts_on - today <= timedelta(weeks=8)


@pytest.mark.parametrize("today", DAYS)
def test_a_course_keeps_its_weekday_and_its_changes_go_with_it(today: date) -> None:
    before = next(plan for plan in read_timetable(FILE.read_text()).plans if plan.key == "tai-chi")
    moved = plan_of("tai-chi", today)
    by = moved.starts_on - before.starts_on
    assert by.days % 7 == 0
    assert [change.on for change in moved.changes] == [change.on + by for change in before.changes]
    check_plan(moved)


@pytest.mark.parametrize("today", DAYS)
def test_everything_else_has_gone_on_for_a_year_with_the_same_rhythm(today: date) -> None:
    before = {plan.key: plan for plan in read_timetable(FILE.read_text()).plans}
    for plan in plans_around(today):
        if plan.enrol != "course":
            assert plan.starts_on <= today - YEAR
            assert (before[plan.key].starts_on - plan.starts_on).days % 364 == 0


def test_manchester_meets_on_last_wednesdays_but_not_between_the_years() -> None:
    today = date(2026, 11, 22)
    dates = [each.local_date for each in occasions(plan_of("manchester", today), today, today + HORIZON)]
    assert dates[:3] == [date(2026, 11, 25), date(2027, 1, 27), date(2027, 2, 24)]


def test_a_date_that_was_moved_keeps_the_date_of_its_rule() -> None:
    today = date(2026, 11, 22)
    carlisle = occasions(plan_of("carlisle", today), today, today + HORIZON)
    moved = next(each for each in carlisle if each.local_date == date(2027, 3, 19))
    assert moved.rule_date == date(2027, 3, 26)
    assert "Good Friday" in moved.reason
