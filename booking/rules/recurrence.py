"""How a series repeats: a rule into its dates, and what a form asks into a rule."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta

from dateutil import rrule

from booking.rules.faults import N_
from booking.rules.rule_text import FIRST_YEAR, LAST_YEAR, Rule, UnreadableRule, checked, parse_rule
from booking.rules.rule_words import rule_words

__all__ = [
    "Rule",
    "UnreadableRule",
    "build_rule",
    "expand",
    "last_date",
    "last_or_fourth",
    "next_dates",
    "parse_rule",
    "rule_words",
]


def build_rule(
    repeat: str,
    weekdays: Sequence[int] = (),
    nth: int | None = None,
    every: int = 1,
    count: int | None = None,
    until: date | None = None,
    dates: Sequence[date] = (),
) -> Rule:
    """Make a rule from what a form asks: once, weekly, monthly on the nth weekday, or a list of dates.

    Units: weekdays as in `date.weekday()`; `nth` is 1 to 4, or -1 for the last; `every` counts weeks or
    months; dates in any order. "fortnightly" is weekly, every 2.
    Refuses: what `parse_rule` refuses, naming the field.
    """
    if repeat == "once":
        return Rule()
    if repeat == "dates":
        return checked(Rule("DATES", dates=tuple(sorted(dates))))
    if repeat not in ("weekly", "fortnightly", "monthly"):
        raise UnreadableRule(N_("Choose how often it repeats."), field="repeat")
    days = tuple(sorted(set(weekdays)))
    if not days or any(day not in range(7) for day in days):
        raise UnreadableRule(N_("Choose a day of the week."), field="weekdays")
    if repeat != "monthly":
        return checked(Rule("WEEKLY", 2 if repeat == "fortnightly" else every, days, None, count, until))
    if len(days) != 1:
        raise UnreadableRule(N_("Choose one day of the week."), field="weekdays")
    return checked(Rule("MONTHLY", every, days, nth, count, until))


def expand(rule: Rule, starts_on: date, from_date: date, to_date: date) -> list[date]:
    """List the dates of a series between two days, both included; COUNT counts from `starts_on`.

    Refuses: dates outside 2000 to 2100.
    """
    if to_date < from_date:
        return []
    if rule.frequency == "ONCE":
        return [starts_on] if from_date <= starts_on <= to_date else []
    if not (FIRST_YEAR <= starts_on.year <= LAST_YEAR and to_date.year <= LAST_YEAR):
        raise UnreadableRule(N_("That date is too far away."), field="starts_on")
    if rule.frequency == "DATES":
        return [on for on in rule.dates if max(from_date, starts_on) <= on <= to_date]
    first, last = _midnight(max(from_date, starts_on)), _midnight(to_date)
    return [found.date() for found in _occurrences(rule, starts_on).between(first, last, inc=True)]


def next_dates(rule: Rule, starts_on: date, from_date: date, how_many: int = 6) -> list[date]:
    """List the next few dates of a series, for the planner to look at before saving."""
    if rule.frequency in ("ONCE", "DATES"):
        # What is listed one by one may lie any number of years apart.
        return expand(rule, starts_on, from_date, date(LAST_YEAR, 12, 31))[:how_many]
    to_date = date(min(max(from_date, starts_on).year + how_many + 1, LAST_YEAR), 12, 31)
    return expand(rule, starts_on, from_date, to_date)[:how_many]


def last_date(rule: Rule, starts_on: date) -> date | None:
    """Return the last date of a series; None when it goes on."""
    if rule.frequency == "ONCE":
        return starts_on
    if rule.frequency != "DATES" and rule.count is None and rule.until is None:
        return None
    found = expand(rule, starts_on, starts_on, date(LAST_YEAR, 12, 31))
    return found[-1] if found else rule.until or starts_on


def last_or_fourth(weekday: int, from_date: date, months: int = 12) -> list[tuple[date, date]]:
    """List the months in which the fourth and the last such weekday are two days, as (fourth, last).

    Units: weekday as in `date.weekday()`; months count from the one of `from_date`.
    """
    found = []
    for number in range(months):
        years, month = divmod(from_date.month - 1 + number, 12)
        first = date(from_date.year + years, month + 1, 1)
        fourth = first + timedelta(days=(weekday - first.weekday()) % 7 + 21)
        fifth = fourth + timedelta(days=7)
        if fifth.month == fourth.month:
            found.append((fourth, fifth))
    return found


def _occurrences(rule: Rule, starts_on: date) -> rrule.rrule:
    # Naive dates on purpose: a zone would move the date of a late evening over midnight.
    return rrule.rrule(
        rrule.WEEKLY if rule.frequency == "WEEKLY" else rrule.MONTHLY,
        dtstart=_midnight(starts_on),
        interval=rule.interval,
        wkst=rrule.MO,
        byweekday=list(_weekdays(rule)) or None,
        count=rule.count,
        until=None if rule.until is None else _midnight(rule.until),
    )


def _weekdays(rule: Rule) -> Iterator[rrule.weekday]:
    return (rrule.weekday(day, rule.nth) for day in rule.weekdays)


def _midnight(on: date) -> datetime:
    return datetime.combine(on, time(0))
