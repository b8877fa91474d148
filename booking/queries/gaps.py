"""Where the season has holes: a month without a programme, a series without a host, one that soon ends."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, extract, func, or_, select

from booking import policy
from booking.db import db
from booking.models import Person, Programme, ScheduledSession, Series, SeriesFacilitator, Venue
from booking.models.kinds import Audience, SessionState
from booking.queries import planner
from booking.rules.wall_time import to_local

MONTHS_AHEAD = 6
# A programme that was in a nation this long ago is missed there.
_REMEMBERED = timedelta(days=366)
ENDS_WITHIN = timedelta(weeks=6)
MOST_SERIES = 40


@dataclass(frozen=True, slots=True)
class MissingMonths:
    """The months ahead in which a programme is nowhere in a nation; `in_draft` are those with a draft.

    Units: a month is its first day.
    """

    programme_id: int
    programme: str
    nation: str
    months: tuple[date, ...]
    in_draft: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class ShortSeries:
    """A series that needs somebody: `dates` to come, the last of those we know on `last_on`."""

    series_id: int
    title: str
    dates: int
    last_on: date


def months_from(first: date, how_many: int) -> tuple[date, ...]:
    """Return the first days of so many months, beginning with the one of a date."""
    whole = [first.year * 12 + first.month - 1 + number for number in range(how_many)]
    return tuple(date(number // 12, number % 12 + 1, 1) for number in whole)


def missing_months(now: datetime) -> list[MissingMonths]:
    """Return each programme and nation that has sessions otherwise and none in some month ahead.

    Units: this month and the five after it, as far as dates are laid.
    """
    today = to_local(now).date()
    months = months_from(today, MONTHS_AHEAD)
    held: dict[tuple[int, str, str], dict[date, SessionState]] = {}
    for programme_id, programme, nation, year, month, state in _months_of(today, months):
        there = held.setdefault((programme_id, programme, nation), {})
        on = date(int(year), int(month), 1)
        # A published date weighs more than a draft.
        if there.get(on) is not SessionState.PUBLISHED:
            there[on] = state
    found = [_missing(key, there, months) for key, there in sorted(held.items(), key=_by_name)]
    return [missing for missing in found if missing is not None]


def series_without_host(now: datetime) -> tuple[int, list[ShortSeries]]:
    """Return how many series have no host, with their dates that nobody leads, and the first of them."""
    hosts = (
        select(SeriesFacilitator.series_id)
        .join(Person, Person.id == SeriesFacilitator.person_id)
        .where(policy.may_lead())
    )
    unled = planner.leading_count() == 0
    asked = _series(now).where(Series.id.not_in(hosts), unled)
    return _some(asked)


def ending_series(now: datetime) -> tuple[int, list[ShortSeries]]:
    """Return how many series with an end have their last date within six weeks, and the first of them."""
    has_end = or_(
        Series.rule.contains("COUNT="), Series.rule.contains("UNTIL="), Series.rule.startswith("RDATE")
    )
    soon = to_local(now).date() + ENDS_WITHIN
    return _some(_series(now).where(has_end).having(func.max(ScheduledSession.local_date) <= soon))


def _by_name(item: tuple[tuple[int, str, str], object]) -> tuple[str, str, int]:
    programme_id, programme, nation = item[0]
    return programme, nation, programme_id


def _missing(
    key: tuple[int, str, str], there: dict[date, SessionState], months: Sequence[date]
) -> MissingMonths | None:
    programme_id, programme, nation = key
    lacking = tuple(month for month in months if there.get(month) is not SessionState.PUBLISHED)
    # What was only ever a draft is missed by nobody yet.
    if not lacking or SessionState.PUBLISHED not in there.values():
        return None
    in_draft = tuple(month for month in lacking if month in there)
    return MissingMonths(programme_id, programme, nation, lacking, in_draft)


def _months_of(today: date, months: Sequence[date]) -> Sequence[Any]:
    year, month = extract("year", ScheduledSession.local_date), extract("month", ScheduledSession.local_date)
    nation = planner.nation_of_date()
    last = months_from(months[-1], 2)[-1]
    asked = (
        select(Programme.id, Programme.name, nation, year, month, ScheduledSession.state)
        .select_from(ScheduledSession)
        .join(Series, Series.id == ScheduledSession.series_id)
        .join(Programme, Programme.id == Series.programme_id)
        .outerjoin(Venue, Venue.id == ScheduledSession.venue_id)
        .where(
            ScheduledSession.local_date >= today - _REMEMBERED,
            ScheduledSession.local_date < last,
            ScheduledSession.state != SessionState.CANCELLED,
            Series.audience != Audience.FACILITATORS,
        )
        .distinct()
    )
    return db.session.execute(asked).all()


def _series(now: datetime) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Series.id,
            Series.title,
            func.count(ScheduledSession.id),
            func.max(ScheduledSession.local_date).label("last_on"),
        )
        .join(ScheduledSession, ScheduledSession.series_id == Series.id)
        .where(ScheduledSession.ends_at > now, ScheduledSession.state != SessionState.CANCELLED)
        .group_by(Series.id)
        .order_by(func.max(ScheduledSession.local_date), func.lower(Series.title), Series.id)
    )


def _some(asked: Select[*tuple[Any, ...]]) -> tuple[int, list[ShortSeries]]:
    total = db.session.scalar(select(func.count()).select_from(asked.order_by(None).subquery())) or 0
    return total, [ShortSeries(*row) for row in db.session.execute(asked.limit(MOST_SERIES))]
