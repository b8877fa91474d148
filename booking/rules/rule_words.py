"""How a series repeats, as people say it."""

from collections.abc import Callable

from booking.rules.rule_text import ORDINALS, Frequency, Rule
from booking.rules.words import count_words, day_words, number_words, weekday_words

_ALL_WEEK, _WORKING_WEEK = tuple(range(7)), tuple(range(5))


def rule_words(rule: Rule) -> str:
    """Say how a series repeats: "last Wednesday of the month", "6 dates, from … to …"."""
    said = _SAID[rule.frequency](rule)
    if rule.count is not None:
        return f"{said}, once" if rule.count == 1 else f"{said}, {number_words(rule.count)} times"
    if rule.until is not None:
        return f"{said}, until {day_words(rule.until)}"
    return said


def _once_words(rule: Rule) -> str:
    return "one date"


def _listed_words(rule: Rule) -> str:
    if len(rule.dates) == 1:
        return "one date"
    number = count_words(len(rule.dates), "date", "dates")
    return f"{number}, from {day_words(rule.dates[0])} to {day_words(rule.dates[-1])}"


def _weekly_words(rule: Rule) -> str:
    days = _weekdays_words(rule.weekdays)
    stretch = rule.weekdays in (_ALL_WEEK, _WORKING_WEEK)
    if rule.interval == 1:
        return days if stretch else f"every {days or 'week'}"
    every = f"every {number_words(rule.interval)} weeks"
    if not days:
        return every
    return f"{every}, {days}" if stretch else f"{every} on {days}"


def _weekdays_words(weekdays: tuple[int, ...]) -> str:
    if weekdays == _ALL_WEEK:
        return "every day"
    if weekdays == _WORKING_WEEK:
        return f"{weekday_words(0)} to {weekday_words(4)}"
    names = [weekday_words(day) for day in weekdays]
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def _monthly_words(rule: Rule) -> str:
    which = f"{ORDINALS[rule.nth or 1]} {weekday_words(rule.weekdays[0])}"
    if rule.interval == 1:
        return f"{which} of the month"
    return f"{which}, every {number_words(rule.interval)} months"


_SAID: dict[Frequency, Callable[[Rule], str]] = {
    "ONCE": _once_words,
    "WEEKLY": _weekly_words,
    "MONTHLY": _monthly_words,
    "DATES": _listed_words,
}
