"""Single cells of a season's file: text in, a value out, or a no that names the column."""

import re
import unicodedata
from collections.abc import Collection
from datetime import date, time
from typing import NoReturn, TypeVar
from urllib.parse import urlsplit

from booking.rules.addresses import clean_text
from booking.rules.csv_cells import plain_cell
from booking.rules.faults import N_, Fault
from booking.rules.wall_time import LONDON_NAME, ImpossibleTime, zone_of

MOST_PLACES = 10_000
_LONGEST_CELL = 5_000
_FORMULA_STARTS = ("=", "+", "-", "@")
_NUMBER = re.compile(r"[+-]?\d+", re.ASCII)
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TIME = re.compile(r"\d{1,2}:\d{2}", re.ASCII)
_FIRST_YEAR, _LAST_YEAR = 2000, 2100


Blank = TypeVar("Blank", int, None)


class BadCell(Fault):
    """One cell that says nothing we understand."""


def clean(name: str, text: str, several_lines: bool = False) -> str:
    """Return a cell without the space around it, and without the quote that kept it from being run.

    Refuses: what a spreadsheet would run as a formula, unseen characters, and whole books.
    """
    if any(unicodedata.category(char) in ("Cc", "Cs") and char not in "\n\r\t" for char in text):
        _bad(name, N_("%(name)s: holds an unseen character."))
    stripped = clean_text(text, len(text) * 4)
    if not several_lines and "\n" in stripped:
        _bad(name, N_("%(name)s: holds a line break."))
    if stripped.startswith(_FORMULA_STARTS) and not _NUMBER.fullmatch(stripped):
        _bad(name, N_("%(name)s: begins with “%(sign)s”, which a spreadsheet would run."), sign=stripped[0])
    if len(stripped) > _LONGEST_CELL:
        _bad(name, N_("%(name)s: is too long."))
    return plain_cell(stripped)


def needed(name: str, text: str, longest: int) -> str:
    """Return a text that must not be blank. Refuses: a blank one, and one that is too long."""
    return at_most(name, text, longest) or _bad(name, N_("%(name)s: is missing."))


def at_most(name: str, text: str, longest: int) -> str:
    """Return a text. Units: `longest` in characters. Refuses: a longer one."""
    if len(text) > longest:
        _bad(name, N_("%(name)s: is longer than %(longest)s characters."), longest=longest)
    return text


def slug(name: str, text: str) -> str:
    """Return a key as it stands in web addresses. Refuses: all but a–z, 0–9 and single hyphens."""
    if len(text) > 80 or not _SLUG.fullmatch(text):
        _bad(name, N_("%(name)s: only a–z, 0–9 and single hyphens, at most 80."))
    return text


def one_of(name: str, text: str, known: Collection[str]) -> str:
    """Return the known word that is meant; case, spaces and underscores are not minded."""
    meant = _plain(text)
    for word in known:
        if _plain(word) == meant:
            return word
    said = ", ".join(word.replace("_", " ") for word in known)
    return _bad(name, N_("%(name)s: “%(text)s” is none of %(known)s."), text=text[:40], known=said)


def yes_or_no(name: str, text: str) -> bool:
    """Return whether a cell says yes. Refuses: all but yes and no."""
    return one_of(name, text, ("yes", "no")) == "yes"


def places(name: str, text: str, has_pool: bool) -> int | None:
    """Return how many places a pool has. Units: None = no limit, 0 = no such pool."""
    if not has_pool:
        if text not in ("", "0"):
            _bad(name, N_("%(name)s: this mode has no such places. Leave it blank."))
        return 0
    if not text:
        return None
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
    if not 1 <= number <= MOST_PLACES:
        _bad(name, N_("%(name)s: a number from 1 to %(most)s, or blank for no limit."), most=MOST_PLACES)
    return number


def number(name: str, text: str, least: int, most: int, blank: Blank) -> int | Blank:
    """Return a whole number, or what a blank cell means. Refuses: all but a number within the bounds."""
    if not text:
        return blank
    if text.isascii() and text.isdigit() and len(text) < 9 and least <= int(text) <= most:
        return int(text)
    return _bad(name, N_("%(name)s: a number from %(least)s to %(most)s, or blank."), least=least, most=most)


def some_of(name: str, text: str, known: Collection[str]) -> tuple[str, ...]:
    """Return the known words that are meant, parted by ";", in their own order. Refuses: any other."""
    meant = {one_of(name, piece.strip(), known) for piece in text.split(";") if piece.strip()}
    return tuple(word for word in known if word in meant)


def zone(name: str, text: str) -> str:
    """Return the zone of the season's wall time. Refuses: a name that is none, and any other zone.

    Pages and letters say a time without its zone, so that any other one would be told wrongly.
    """
    try:
        known = zone_of(at_most(name, text, 40)).key
    except ImpossibleTime:
        _bad(name, N_("%(name)s: there is no time zone called “%(text)s”."), text=text[:40])
    if known != LONDON_NAME:
        _bad(name, N_("%(name)s: times are London time here. Leave it blank."))
    return known


def day(name: str, text: str) -> date:
    """Return a date. Refuses: all but a date such as 2026-01-28, from 2000 to 2100."""
    try:
        found = date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        found = None
    if found is None or not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        _bad(name, N_("%(name)s: “%(text)s” is no date such as 2026-01-28."), text=text[:40])
    return found


def time_of_day(name: str, text: str) -> time:
    """Return a time of day. Refuses: all but a time such as 13:30."""
    try:
        if _TIME.fullmatch(text):
            hour, minute = text.split(":")
            return time(int(hour), int(minute))
    except ValueError:
        pass
    return _bad(name, N_("%(name)s: “%(text)s” is no time such as 13:30."), text=text[:40])


def address(name: str, text: str) -> str:
    """Return a web address, or nothing. Refuses: all but http and https with a host."""
    if not text:
        return ""
    try:
        parts = urlsplit(text)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"\s", text)
    except ValueError:
        usable = False
    if not usable or len(text) > 500:
        _bad(name, N_("%(name)s: is no web address that begins with https://."))
    return text


def _plain(word: str) -> str:
    return re.sub(r"[\s_]+", " ", word.strip().casefold())


def _bad(name: str, template: str, **values: object) -> NoReturn:
    raise BadCell(template, field=name, name=name, **values)
