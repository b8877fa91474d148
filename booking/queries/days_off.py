"""Coming dates that fall on a day off, and about which nobody has said yet that they stay."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from booking.db import db
from booking.models import Booking, ScheduledSession, Series, SeriesChange
from booking.models.kinds import LIVE, SessionState
from booking.rules.clashes import Clash, days_off
from booking.rules.holidays import NATIONS
from booking.rules.wall_time import to_local

# No series has dates further ahead, but a course of many years.
_YEARS = 4


@dataclass(frozen=True, slots=True)
class SeriesToDecide:
    """A series with dates on a day off: how many wait, and the first of them."""

    series_id: int
    title: str
    dates: int
    first_on: date


@dataclass(frozen=True, slots=True)
class DateToDecide:
    """A date on a day off. Units: `on` is its rule date; `booked` counts bookings that still stand."""

    session_id: int
    on: date
    local_date: date
    booked: int
    clashes: tuple[Clash, ...]


def how_many(now: datetime) -> int:
    """Count the dates that wait for a word."""
    counted = _asked(now).with_only_columns(func.count(ScheduledSession.id))
    return db.session.scalar(counted) or 0


def series_to_decide(now: datetime, most: int) -> list[SeriesToDecide]:
    """Return the series whose dates wait for a word, the nearest first, at most so many."""
    first_on = func.min(ScheduledSession.local_date)
    asked = (
        _asked(now)
        .with_only_columns(Series.id, Series.title, func.count(ScheduledSession.id), first_on)
        .group_by(Series.id, Series.title)
        .order_by(first_on, func.lower(Series.title), Series.id)
        .limit(most)
    )
    return [SeriesToDecide(*row) for row in db.session.execute(asked)]


def dates_to_decide(series_id: int, now: datetime) -> list[DateToDecide]:
    """Return the dates of a series that wait for a word, in order."""
    booked = (
        select(func.count(Booking.id))
        .where(Booking.session_id == ScheduledSession.id, Booking.state.in_(LIVE))
        .correlate(ScheduledSession)
        .scalar_subquery()
    )
    columns = (ScheduledSession.id, ScheduledSession.rule_date, ScheduledSession.local_date, booked)
    asked = _asked(now).with_only_columns(*columns, Series.nation).where(Series.id == series_id)
    ordered = asked.order_by(ScheduledSession.starts_at, ScheduledSession.id)
    return [
        DateToDecide(session_id, on, local_date, many, tuple(days_off(local_date, nation)))
        for session_id, on, local_date, many, nation in db.session.execute(ordered)
    ]


def _asked(now: datetime) -> Select[*tuple[Any, ...]]:
    """Ask for coming dates of series on a day off of its nation, without a word about that date.

    A single date was chosen for itself, and one that was given another day by hand too.
    """
    answered = and_(
        SeriesChange.series_id == ScheduledSession.series_id,
        SeriesChange.rule_date == ScheduledSession.rule_date,
    )
    return (
        select(ScheduledSession.id)
        .join(Series, Series.id == ScheduledSession.series_id)
        .outerjoin(SeriesChange, answered)
        .where(
            ScheduledSession.starts_at > now,
            ScheduledSession.state != SessionState.CANCELLED,
            func.coalesce(Series.rule, "") != "",
            SeriesChange.id.is_(None),
            ~ScheduledSession.own_facts.contains("local_date"),
            or_(*_off(to_local(now).date())),
        )
    )


def _off(today: date) -> Sequence[ColumnElement[bool]]:
    years = range(today.year, today.year + _YEARS)
    days = {nation: [on for year in years for on in _days_of(nation, year)] for nation in NATIONS}
    return [
        and_(Series.nation == nation, ScheduledSession.local_date.in_(off)) for nation, off in days.items()
    ]


@lru_cache(maxsize=64)
def _days_of(nation: str, year: int) -> tuple[date, ...]:
    every = (date(year, 1, 1) + timedelta(days=number) for number in range(366))
    return tuple(on for on in every if on.year == year and days_off(on, nation))
