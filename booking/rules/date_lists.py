"""Dates as people type them, one on a line: whatever names a day of a year is understood."""

import re
from datetime import date

from booking.rules.faults import N_, Fault

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ISO = re.compile(r"^(\d{4})-(\d{1,2})-(\d{1,2})$", re.ASCII)
_NUMBERS = re.compile(r"^(\d{1,2})[\s./-]+(\d{1,2})[\s./-]+(\d{2}|\d{4})$", re.ASCII)
_WORDS = re.compile(
    r"^(?:[a-z]{3,9},?\s+)?(\d{1,2})(?:st|nd|rd|th)?(?:\s+of)?\s+([a-z]{3,9}),?\s+(\d{4})$", re.ASCII
)
_LONGEST_LINE = 60
_MOST_LINES = 200


def read_date(text: str) -> date | None:
    """Read one day: "5 January 2027", "Tue 5th Jan 2027", "5/1/2027", "5.1.27" or "2027-01-05"."""
    typed = " ".join(text.lower().split()).strip(" ,;.")
    if len(typed) > _LONGEST_LINE:
        return None
    if match := _ISO.match(typed):
        return _day(int(match[1]), int(match[2]), int(match[3]))
    if match := _NUMBERS.match(typed):
        year = int(match[3])
        return _day(year + 2000 if year < 100 else year, int(match[2]), int(match[1]))
    match = _WORDS.match(typed)
    if match and match[2][:3] in _MONTHS:
        return _day(int(match[3]), _MONTHS.index(match[2][:3]) + 1, int(match[1]))
    return None


def read_dates(text: str) -> tuple[date, ...]:
    """Read a list of days, one a line (or parted by semicolons), in order and each once.

    Refuses: a line that names no day, by its words.
    """
    found: set[date] = set()
    lines = [line.strip() for line in re.split(r"[\n;]", text) if line.strip()]
    if len(lines) > _MOST_LINES:
        raise Fault(N_("That is too many dates."), field="dates")
    for line in lines:
        on = read_date(line)
        if on is None:
            said = line if len(line) <= _LONGEST_LINE else f"{line[: _LONGEST_LINE - 1]}…"
            raise Fault(N_("“%(line)s” is not a date such as 5 January 2027."), field="dates", line=said)
        found.add(on)
    return tuple(sorted(found))


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
