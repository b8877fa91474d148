"""A rule of dates as it is written: the part of RFC 5545 that people can say aloud, read and refused."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

from booking.rules.faults import N_, Fault
from booking.rules.words import day_words, weekday_words

Frequency = Literal["ONCE", "WEEKLY", "MONTHLY", "DATES"]

FIRST_YEAR, LAST_YEAR = 2000, 2100
MOST_LISTED = 100
ORDINALS = {1: "first", 2: "second", 3: "third", 4: "fourth", -1: "last"}
_DAY_CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_DAY = re.compile(r"^([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)$", re.ASCII)
_UNTIL = re.compile(r"^(\d{4})(\d{2})(\d{2})$", re.ASCII)
_PARTS = ("FREQ", "INTERVAL", "BYDAY", "COUNT", "UNTIL", "WKST")
_LONGEST_INTERVAL = {"WEEKLY": 52, "MONTHLY": 12}
_MOST_DATES = 500
_LONGEST_TEXT = 200
_LISTED = "RDATE:"
_LIST = re.compile(r"^RDATE(;VALUE=DATE)?:", re.ASCII)


class UnreadableRule(Fault):
    """A rule that this service does not know, or that would never end."""

    field = "rrule"


@dataclass(frozen=True, slots=True)
class Rule:
    """A repetition. Units: weekdays as in `date.weekday()`; `nth` is 1 to 4, or -1 for the last.

    `dates` are the days of a list, in order; a list has nothing else.
    """

    frequency: Frequency = "ONCE"
    interval: int = 1
    weekdays: tuple[int, ...] = ()
    nth: int | None = None
    count: int | None = None
    until: date | None = None
    dates: tuple[date, ...] = ()

    @property
    def text(self) -> str:
        """The rule as RFC 5545 writes it; nothing for a single date."""
        if self.frequency == "ONCE":
            return ""
        if self.frequency == "DATES":
            return _LISTED + ",".join(f"{on:%Y%m%d}" for on in self.dates)
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
    (1TH to 4TH, -1WE); COUNT, or UNTIL as a date. Or a list of dates: RDATE:20270105,20270119.
    Refuses: a fifth weekday, unknown parts, and whatever would go on for a thousand years.
    Source: RFC 5545, 3.3.10 and 3.8.5.2.
    """
    rule = text.strip().upper().removeprefix("RRULE:")
    if not rule:
        return Rule()
    listed = _LIST.match(rule)
    if listed is not None:
        return checked(Rule("DATES", dates=_listed_dates(rule[listed.end() :])))
    if len(rule) > _LONGEST_TEXT:
        raise UnreadableRule(N_("The rule is too long."))
    parts = _parts_of(rule)
    frequency = _frequency_of(parts)
    weekdays, nth = _days_of(frequency, parts.get("BYDAY"))
    if parts.get("WKST", "MO") != "MO":
        raise UnreadableRule(N_("Weeks begin on Monday here: leave WKST out."))
    interval = _number_of(parts, "INTERVAL", _LONGEST_INTERVAL[frequency]) or 1
    count = _number_of(parts, "COUNT", _MOST_DATES)
    return checked(Rule(frequency, interval, weekdays, nth, count, _until_of(parts.get("UNTIL"))))


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
    days = sorted(day for day, _ in found)
    for before, day in zip(days, days[1:], strict=False):
        if before == day:
            raise UnreadableRule(N_("%(day)s stands twice in the rule."), day=weekday_words(day))
    return tuple(days), None


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
    if nth in ORDINALS:
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
    found = _date_of(text)
    if found is None:
        raise UnreadableRule(N_("UNTIL is a date, such as UNTIL=20270331."))
    return found


def _listed_dates(text: str) -> tuple[date, ...]:
    if len(text) > MOST_LISTED * 12:
        raise UnreadableRule(N_("A list has at most %(most)s dates."), most=MOST_LISTED)
    found = []
    for piece in text.split(","):
        on = _date_of(piece.strip())
        if on is None:
            raise UnreadableRule(N_("“%(piece)s” is not a date such as 20270105."), piece=piece[:20])
        found.append(on)
    return tuple(found)


def _date_of(text: str) -> date | None:
    match = _UNTIL.match(text)
    try:
        return date(*map(int, match.groups())) if match else None
    except ValueError:
        return None


def checked(rule: Rule) -> Rule:
    """Return a rule that makes sense. Refuses: what neither a form nor a line of a file may ask for."""
    if rule.frequency == "DATES":
        _check_listed(rule.dates)
    elif rule.frequency != "ONCE":
        _check_number(rule.interval, _LONGEST_INTERVAL[rule.frequency], "every")
    if rule.frequency == "MONTHLY":
        _check_nth(rule.nth, rule.weekdays[0])
    if rule.count is not None:
        _check_number(rule.count, _MOST_DATES, "count")
    if rule.count is not None and rule.until is not None:
        raise UnreadableRule(N_("Say how many times, or until when: not both."), field="until")
    if rule.until is not None and not FIRST_YEAR <= rule.until.year <= LAST_YEAR:
        raise UnreadableRule(N_("That date is too far away."), field="until")
    return rule


def _check_listed(dates: tuple[date, ...]) -> None:
    if not dates:
        raise UnreadableRule(N_("Write at least one date."), field="dates")
    if len(dates) > MOST_LISTED:
        raise UnreadableRule(N_("A list has at most %(most)s dates."), field="dates", most=MOST_LISTED)
    for before, on in zip(dates, dates[1:], strict=False):
        if on == before:
            raise UnreadableRule(N_("%(date)s stands twice in the list."), field="dates", date=day_words(on))
        if on < before:
            raise UnreadableRule(N_("Write the dates in order, the first one first."), field="dates")
    if not FIRST_YEAR <= dates[0].year <= dates[-1].year <= LAST_YEAR:
        raise UnreadableRule(N_("That date is too far away."), field="dates")


def _check_number(number: int, most: int, field: str) -> None:
    if not 1 <= number <= most:
        raise UnreadableRule(N_("Choose a number from 1 to %(most)s."), field=field, most=most)
