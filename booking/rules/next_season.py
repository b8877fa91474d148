"""A season again: where each series begins in the next one, on the same weekday and as far in."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from booking.rules.faults import N_, Fault
from booking.rules.recurrence import Rule, expand, last_date
from booking.rules.rule_text import FIRST_YEAR, LAST_YEAR

LONGEST = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Stretch:
    """The season that is copied, both days included, and the day on which the new one begins."""

    first: date
    last: date
    new_first: date


@dataclass(frozen=True, slots=True)
class Again:
    """How a series would go on in the new season; `goes_on` says that it does so anyway."""

    was_on: date
    starts_on: date
    rule: Rule
    goes_on: bool


def checked_stretch(stretch: Stretch, today: date) -> Stretch:
    """Return a stretch that makes sense.

    Refuses: an end before the start, more than 400 days, a new season in the past or before the old one.
    """
    for field, on in (("first", stretch.first), ("last", stretch.last), ("new_first", stretch.new_first)):
        if not FIRST_YEAR <= on.year <= LAST_YEAR - 2:
            raise Fault(N_("That date is too far away."), field=field)
    if stretch.last < stretch.first:
        raise Fault(N_("Choose a day that is not before the first one."), field="last")
    if stretch.last - stretch.first > LONGEST:
        raise Fault(N_("Choose a season of at most 400 days."), field="last")
    if stretch.new_first <= stretch.first:
        raise Fault(N_("The new season begins after the old one."), field="new_first")
    if stretch.new_first < today:
        raise Fault(N_("Choose a day that is not over."), field="new_first")
    return stretch


def again(rule: Rule, starts_on: date, stretch: Stretch) -> Again | None:
    """Say how a series would be in the new season; None when it has no date in the old one."""
    dates = expand(rule, starts_on, stretch.first, stretch.last)
    if not dates:
        return None
    new_start = _same_of_month(rule, dates[0], stretch) if rule.nth else _same_of_week(dates[0], stretch)
    last = last_date(rule, starts_on)
    return Again(dates[0], new_start, _rule_again(rule, dates[0], new_start, last), goes_on=last is None)


def _same_of_week(was_on: date, stretch: Stretch) -> date:
    """Return the same weekday, as many weeks into the new season as it was into the old one."""
    offset = timedelta(days=(was_on - stretch.first).days // 7 * 7)
    begins = stretch.new_first + offset
    return begins + timedelta(days=(was_on.weekday() - begins.weekday()) % 7)


def _same_of_month(rule: Rule, was_on: date, stretch: Stretch) -> date:
    """Return the same weekday of the month (first to fourth, last), as many months into the season."""
    months = (was_on.year - stretch.first.year) * 12 + was_on.month - stretch.first.month
    number = stretch.new_first.year * 12 + stretch.new_first.month - 1 + months
    every_month = replace(rule, interval=1, count=None, until=None)
    begins = max(date(number // 12, number % 12 + 1, 1), stretch.new_first)
    return expand(every_month, begins, begins, begins + timedelta(days=62))[0]


def _rule_again(rule: Rule, was_on: date, starts_on: date, last: date | None) -> Rule:
    """Return the rule with as many dates as it had from there on; a course keeps its count."""
    if rule.frequency == "DATES":
        by = starts_on - was_on
        return replace(rule, dates=tuple(on + by for on in rule.dates if on >= was_on))
    if rule.until is None or last is None:
        return rule
    number = len(expand(rule, was_on, was_on, last))
    endless = replace(rule, until=None)
    found = expand(endless, starts_on, starts_on, date(LAST_YEAR, 12, 31))[:number]
    return replace(rule, until=found[-1])
