"""What a planned date runs into: days off, the change of the clocks, and what else stands there already."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from booking.rules.holidays import christmas_words, holiday_words
from booking.rules.wall_time import LONDON, zone_of

ClashKind = Literal["holiday", "christmas", "host", "room", "hour"]


@dataclass(frozen=True, slots=True)
class Clash:
    """One thing that a date runs into. Units: `subject_id` is the other session, where there is one."""

    kind: ClashKind
    on: date
    words: str
    subject_id: int | None = None


@dataclass(frozen=True, slots=True)
class ClockChange:
    """A night on which the clocks change; `forward` in spring."""

    on: date
    forward: bool


def days_off(on: date, nation: str) -> list[Clash]:
    """Return the bank holiday of the nation, else the days from 20 December to 3 January.

    Units: England, Scotland, Wales, Northern Ireland, or UK (online), which asks all four and says which.
    Refuses: any other nation.
    """
    holiday = holiday_words(on, nation)
    if holiday is not None:
        return [Clash("holiday", on, holiday)]
    season = christmas_words(on)
    return [] if season is None else [Clash("christmas", on, season)]


def clock_changes(first: date, last: date, zone: str | ZoneInfo = LONDON) -> list[ClockChange]:
    """List the nights between two days, both included, on which the clocks change."""
    where, found = zone_of(zone), []
    before = _offset(first, where)
    for number in range((last - first).days + 1):
        on = first + timedelta(days=number)
        after = _offset(on + timedelta(days=1), where)
        if after != before:
            found.append(ClockChange(on, forward=after > before))
        before = after
    return found


def _offset(on: date, zone: ZoneInfo) -> timedelta:
    """Return how far a zone is from UTC as the day begins."""
    return datetime.combine(on, time(0), zone).utcoffset() or timedelta(0)
