"""How a series repeats: the part of RFC 5545 that people can say aloud, into dates and into words."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Literal

from dateutil import rrule

from booking.rules.faults import N_, Fault
from booking.rules.words import day_words, number_words, weekday_words

Frequency = Literal["ONCE", "WEEKLY", "MONTHLY"]

_DAY_CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_DAY = re.compile(r"^([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)$")
_UNTIL = re.compile(r"^(\d{4})(\d{2})(\d{2})$")
_ORDINALS = {1: "first", 2: "second", 3: "third", 4: "fourth", -1: "last"}
_ALL_WEEK, _WORKING_WEEK = tuple(range(7)), tuple(range(5))
_PARTS = ("FREQ", "INTERVAL", "BYDAY", "COUNT", "UNTIL", "WKST")
_LONGEST_INTERVAL = {"WEEKLY": 52, "MONTHLY": 12}
_MOST_DATES = 500
_FIRST_YEAR, _LAST_YEAR = 2000, 2100
_LONGEST_TEXT = 200


class UnreadableRule(Fault):
    """A rule that this service does not know, or that would never end."""

    field = "rrule"


@dataclass(frozen=True, slots=True)
class Rule:
    """A repetition. Units: weekdays as in `date.weekday()`; `nth` is 1 to 4, or -1 for the last."""

    frequency: Frequency = "ONCE"
    interval: int = 1
    weekdays: tuple[int, ...] = ()
    nth: int | None = None
    count: int | None = None
    until: date | None = None

    @property
    def text(self) -> str:
        """The rule as RFC 5545 writes it; nothing for a single date."""
        if self.frequency == "ONCE":
            return ""
        parts = [f"FREQ={self.frequency}"]
        if self.interval != 1:
            parts.append(f"INTERVAL={self.interval}")
        if self.weekdays:
            parts.append("BYDAY=" + ",".join(f"{self.nth or ''}{_DAY_CODES[day]}" for day in self.weekdays))
        if self.count is not None:
            parts.append(f"COUNT={self.count}")
        if self.until is not None:
            parts.append(f"UNTIL={self.until:%Y%m%d}")
        return ";".join(parts)


def parse_rule(text: str) -> Rule:
    """Read a rule; an empty one is a single date.

    Units: FREQ=WEEKLY with INTERVAL and BYDAY (MO,TU …), FREQ=MONTHLY with INTERVAL and one BYDAY
    (1TH to 4TH, -1WE); COUNT, or UNTIL as a date.
    Refuses: a fifth weekday, unknown parts, and whatever would go on for a thousand years.
    Source: RFC 5545, 3.3.10.
    """
    rule = text.strip().upper().removeprefix("RRULE:")
    if not rule:
        return Rule()
    if len(rule) > _LONGEST_TEXT:
        raise UnreadableRule(N_("The rule is too long."))
    parts = _parts_of(rule)
    frequency = _frequency_of(parts)
    weekdays, nth = _days_of(frequency, parts.get("BYDAY"))
    if parts.get("WKST", "MO") != "MO":
        raise UnreadableRule(N_("Weeks begin on Monday here: leave WKST out."))
    interval = _number_of(parts, "INTERVAL", _LONGEST_INTERVAL[frequency]) or 1
    count = _number_of(parts, "COUNT", _MOST_DATES)
    return _checked(Rule(frequency, interval, weekdays, nth, count, _until_of(parts.get("UNTIL"))))


def build_rule(
    repeat: str,
    weekdays: Sequence[int] = (),
    nth: int | None = None,
    every_months: int = 1,
    count: int | None = None,
    until: date | None = None,
) -> Rule:
    """Make a rule from what a form asks: once, weekly, fortnightly, or monthly on the nth weekday.

    Units: weekdays as in `date.weekday()`; `nth` is 1 to 4, or -1 for the last.
    Refuses: what `parse_rule` refuses, naming the field.
    """
    if repeat == "once":
        return Rule()
    if repeat not in ("weekly", "fortnightly", "monthly"):
        raise UnreadableRule(N_("Choose how often it repeats."), field="repeat")
    days = tuple(sorted(set(weekdays)))
    if not days or any(day not in range(7) for day in days):
        raise UnreadableRule(N_("Choose a day of the week."), field="weekdays")
    if repeat != "monthly":
        return _checked(Rule("WEEKLY", 2 if repeat == "fortnightly" else 1, days, None, count, until))
    if len(days) != 1:
        raise UnreadableRule(N_("Choose one day of the week."), field="weekdays")
    return _checked(Rule("MONTHLY", every_months, days, nth, count, until))


def expand(rule: Rule, starts_on: date, from_date: date, to_date: date) -> list[date]:
    """List the dates of a series between two days, both included; COUNT counts from `starts_on`.

    Refuses: dates outside 2000 to 2100.
    """
    if to_date < from_date:
        return []
    if rule.frequency == "ONCE":
        return [starts_on] if from_date <= starts_on <= to_date else []
    if not (_FIRST_YEAR <= starts_on.year <= _LAST_YEAR and to_date.year <= _LAST_YEAR):
        raise UnreadableRule(N_("That date is too far away."), field="starts_on")
    first, last = _midnight(max(from_date, starts_on)), _midnight(to_date)
    return [found.date() for found in _occurrences(rule, starts_on).between(first, last, inc=True)]


def next_dates(rule: Rule, starts_on: date, from_date: date, how_many: int = 6) -> list[date]:
    """List the next few dates of a series, for the planner to look at before saving."""
    to_date = date(min(from_date.year + how_many + 1, _LAST_YEAR), 12, 31)
    return expand(rule, starts_on, from_date, to_date)[:how_many]


def rule_words(rule: Rule) -> str:
    """Say how a series repeats: "last Wednesday of the month", "every two weeks on Thursday"."""
    said = {"ONCE": _once_words, "WEEKLY": _weekly_words, "MONTHLY": _monthly_words}[rule.frequency](rule)
    if rule.count is not None:
        return f"{said}, once" if rule.count == 1 else f"{said}, {number_words(rule.count)} times"
    if rule.until is not None:
        return f"{said}, until {day_words(rule.until)}"
    return said


def _parts_of(rule: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    for piece in rule.rstrip(";").split(";"):
        name, equals, value = (word.strip() for word in piece.partition("="))
        if not equals or not value or name not in _PARTS:
            raise UnreadableRule(N_("“%(piece)s” is not a part of a rule that we know."), piece=piece[:40])
        if name in parts:
            raise UnreadableRule(N_("%(name)s stands twice in the rule."), name=name)
        parts[name] = value
    return parts


def _frequency_of(parts: dict[str, str]) -> Literal["WEEKLY", "MONTHLY"]:
    match parts.get("FREQ"):
        case "WEEKLY":
            return "WEEKLY"
        case "MONTHLY":
            return "MONTHLY"
    raise UnreadableRule(N_("A rule says FREQ=WEEKLY or FREQ=MONTHLY."))


def _days_of(frequency: str, text: str | None) -> tuple[tuple[int, ...], int | None]:
    found = [_day_of(piece) for piece in text.split(",")] if text else []
    if frequency == "MONTHLY":
        if len(found) != 1 or found[0][1] is None:
            raise UnreadableRule(N_("A monthly rule names one weekday, such as BYDAY=2TH or BYDAY=-1WE."))
        return (found[0][0],), found[0][1]
    if any(nth is not None for _, nth in found):
        raise UnreadableRule(N_("A weekly rule names weekdays without a number, such as BYDAY=MO,TH."))
    return tuple(sorted({day for day, _ in found})), None


def _day_of(piece: str) -> tuple[int, int | None]:
    match = _DAY.match(piece.strip())
    if match is None:
        raise UnreadableRule(N_("“%(day)s” is not a day of the week."), day=piece[:20])
    day = _DAY_CODES.index(match[2])
    nth = int(match[1]) if match[1] else None
    if nth is not None:
        _check_nth(nth, day)
    return day, nth


def _check_nth(nth: int | None, weekday: int) -> None:
    if nth in _ORDINALS:
        return
    template = N_("Choose the first, second, third, fourth or last %(day)s.")
    if nth == 5:
        template = N_("Most months have no fifth %(day)s. Choose first to fourth, or last.")
    raise UnreadableRule(template, field="nth", day=weekday_words(weekday))


def _number_of(parts: dict[str, str], name: str, most: int) -> int | None:
    if name not in parts:
        return None
    written = parts[name]
    if not (written.isascii() and written.isdigit() and len(written) <= 6):
        raise UnreadableRule(N_("%(name)s is a number."), name=name)
    if not 1 <= int(written) <= most:
        raise UnreadableRule(N_("%(name)s is a number from 1 to %(most)s."), name=name, most=most)
    return int(written)


def _until_of(text: str | None) -> date | None:
    if text is None:
        return None
    match = _UNTIL.match(text)
    try:
        return date(*map(int, match.groups())) if match else _not_a_date()
    except ValueError:
        return _not_a_date()


def _not_a_date() -> date:
    raise UnreadableRule(N_("UNTIL is a date, such as UNTIL=20270331."))


def _checked(rule: Rule) -> Rule:
    """Refuse what no form and no line of a file may ask for, whichever way it came."""
    if rule.frequency != "ONCE":
        _check_number(rule.interval, _LONGEST_INTERVAL[rule.frequency], "every_months")
    if rule.frequency == "MONTHLY":
        _check_nth(rule.nth, rule.weekdays[0])
    if rule.count is not None:
        _check_number(rule.count, _MOST_DATES, "count")
    if rule.count is not None and rule.until is not None:
        raise UnreadableRule(N_("Say how many times, or until when: not both."), field="until")
    if rule.until is not None and not _FIRST_YEAR <= rule.until.year <= _LAST_YEAR:
        raise UnreadableRule(N_("That date is too far away."), field="until")
    return rule


def _check_number(number: int, most: int, field: str) -> None:
    if not 1 <= number <= most:
        raise UnreadableRule(N_("Choose a number from 1 to %(most)s."), field=field, most=most)


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


def _once_words(rule: Rule) -> str:
    return "one date"


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
    which = f"{_ORDINALS[rule.nth or 1]} {weekday_words(rule.weekdays[0])}"
    if rule.interval == 1:
        return f"{which} of the month"
    return f"{which}, every {number_words(rule.interval)} months"
