"""What the office counts: people, attendances and sessions, exact, each number with its rows."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, distinct, extract, func, select

from booking import policy
from booking.db import db
from booking.models import Booking, Programme, ScheduledSession, Series
from booking.models.kinds import ATTENDED, Attendance, BookingState, SessionState
from booking.rules.wall_time import to_local


@dataclass(frozen=True)
class Review:
    """Which sessions are looked at: those whose register is open by `now`.

    Units: London dates, both included.
    """

    first: date
    last: date
    now: datetime
    programme_id: int | None = None
    series_id: int | None = None


@dataclass(frozen=True)
class Figures:
    """The numbers of one stretch; "not recorded" stands by itself and is nobody's absence."""

    sessions: int
    cancelled: int
    people: int
    attendances: int
    unnamed: int
    first_timers: int
    kept: int
    did_not_come: int
    not_recorded: int
    gave_up: int

    @property
    def recorded(self) -> int:
        """Count the places that were booked and then marked, either way: what a share is taken of."""
        return self.kept + self.did_not_come


@dataclass(frozen=True)
class MonthFigures:
    """The numbers of one month; `month` is its first day."""

    month: date
    figures: Figures


@dataclass(frozen=True)
class SeriesFigures:
    """The numbers of one series."""

    series_id: int
    title: str
    figures: Figures


class Counted(StrEnum):
    """The numbers that lead to their rows."""

    PEOPLE = "people"
    FIRST_TIMERS = "first_timers"
    ATTENDANCES = "attendances"
    KEPT = "kept"
    DID_NOT_COME = "did_not_come"
    NOT_RECORDED = "not_recorded"
    GAVE_UP = "gave_up"
    SESSIONS = "sessions"
    CANCELLED = "cancelled"


# What counts ----------------------------------------------------------------------------------------

_PUBLISHED = ScheduledSession.state == SessionState.PUBLISHED
_CANCELLED = ScheduledSession.state == SessionState.CANCELLED
_STANDS = Booking.state == BookingState.BOOKED
CAME = and_(Booking.attendance.in_(ATTENDED), Booking.state != BookingState.CANCELLED)
_WALKED_IN = Booking.attendance == Attendance.WALKED_IN
_CONDITION_OF: dict[Counted, ColumnElement[bool]] = {
    Counted.ATTENDANCES: CAME,
    Counted.KEPT: CAME & ~_WALKED_IN,
    Counted.DID_NOT_COME: _STANDS & (Booking.attendance == Attendance.DID_NOT_COME),
    Counted.GAVE_UP: (Booking.state == BookingState.GIVEN_UP) & ~Booking.attendance.in_(ATTENDED),
    Counted.CANCELLED: _CANCELLED,
}


def condition_of(counted: Counted, now: datetime) -> ColumnElement[bool]:
    """Return what makes a booking or a session count as this number.

    A date that is about to begin has not taken place, and nobody's mark is missing before its end.
    """
    if counted is Counted.SESSIONS:
        return _PUBLISHED & (ScheduledSession.starts_at <= now)
    if counted is Counted.NOT_RECORDED:
        is_over = ScheduledSession.ends_at <= now
        return _STANDS & _PUBLISHED & is_over & (Booking.attendance == Attendance.NOT_RECORDED)
    return _CONDITION_OF[counted]


def figures(review: Review) -> Figures:
    """Count everything of a stretch."""
    return _figures_of(db.session.execute(_counting(review)).one())


def by_month(review: Review) -> list[MonthFigures]:
    """Count each month of a stretch; a month without sessions stands there with noughts."""
    year = extract("year", ScheduledSession.local_date).label("year")
    month = extract("month", ScheduledSession.local_date).label("month")
    counted = {
        (int(row.year), int(row.month)): _figures_of(row)
        for row in db.session.execute(_counting(review, year, month))
    }
    return [
        MonthFigures(first, counted.get((first.year, first.month), Figures(*[0] * 10)))
        for first in _months(review.first, min(review.last, to_local(review.now).date()))
    ]


def by_series(review: Review) -> list[SeriesFigures]:
    """Count each series of a stretch, by title."""
    title, series_id = Series.title.label("title"), Series.id.label("series_id")
    found = db.session.execute(_counting(review, title, series_id))
    return [SeriesFigures(row.series_id, row.title, _figures_of(row)) for row in found]


def programmes() -> list[tuple[int, str]]:
    """List the programmes by name, for a filter."""
    found = db.session.execute(select(Programme.id, Programme.name).order_by(Programme.name, Programme.id))
    return [(row.id, row.name) for row in found]


def discreet_names() -> list[tuple[str, str]]:
    """List each programme's name with the one that may stand on a lock screen."""
    found = db.session.execute(
        select(Programme.name, Programme.discreet_name).order_by(Programme.name, Programme.id)
    )
    return [(row.name, row.discreet_name) for row in found]


def all_series() -> list[tuple[int, str]]:
    """List every series by title, for a filter."""
    found = db.session.execute(select(Series.id, Series.title).order_by(Series.title, Series.id))
    return [(row.id, row.title) for row in found]


# How it is asked -------------------------------------------------------------------------------------


def scope(review: Review) -> list[ColumnElement[bool]]:
    """Return the conditions that a session, joined to its series, belongs to what is looked at."""
    asked = [
        ScheduledSession.local_date >= review.first,
        ScheduledSession.local_date <= review.last,
        ScheduledSession.starts_at <= review.now + policy.REGISTER_OPENS_BEFORE,
        ScheduledSession.state != SessionState.DRAFT,
    ]
    if review.programme_id is not None:
        asked.append(Series.programme_id == review.programme_id)
    if review.series_id is not None:
        asked.append(Series.id == review.series_id)
    return asked


def firsts() -> Subquery:
    """Return when each person came to anything for the first time, whatever the filters say."""
    return (
        select(Booking.person_id, func.min(ScheduledSession.starts_at).label("first_at"))
        .join(ScheduledSession, ScheduledSession.id == Booking.session_id)
        .where(CAME, Booking.person_id.is_not(None))
        .group_by(Booking.person_id)
        .subquery("firsts")
    )


def _counting(review: Review, *keys: ColumnElement[Any]) -> Select[*tuple[Any, ...]]:
    first_times = firsts()
    came_first = CAME & (ScheduledSession.starts_at == first_times.c.first_at)
    numbers = (
        _distinct(ScheduledSession.id, condition_of(Counted.SESSIONS, review.now)).label("sessions"),
        _distinct(ScheduledSession.id, _CANCELLED).label("cancelled"),
        _distinct(Booking.person_id, CAME).label("people"),
        how_many(CAME).label("attendances"),
        how_many(CAME & Booking.person_id.is_(None)).label("unnamed"),
        _distinct(Booking.person_id, came_first).label("first_timers"),
        *(
            how_many(condition_of(counted, review.now)).label(counted.value)
            for counted in (Counted.KEPT, Counted.DID_NOT_COME, Counted.NOT_RECORDED, Counted.GAVE_UP)
        ),
    )
    return (
        select(*keys, *numbers)
        .select_from(ScheduledSession)
        .join(Series, Series.id == ScheduledSession.series_id)
        .outerjoin(Booking, Booking.session_id == ScheduledSession.id)
        .outerjoin(first_times, first_times.c.person_id == Booking.person_id)
        .where(*scope(review))
        .group_by(*keys)
        .order_by(*keys)
    )


def _distinct(column: Any, condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count(distinct(case((condition, column))))


def how_many(condition: ColumnElement[bool]) -> ColumnElement[int]:
    """Return the count of bookings that fulfil a condition."""
    return func.count(case((condition, Booking.id)))


def _figures_of(row: Any) -> Figures:
    return Figures(**{name: getattr(row, name) for name in Figures.__dataclass_fields__})


def _months(first: date, last: date) -> list[date]:
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    numbers = range(first.year * 12 + first.month - 1, first.year * 12 + first.month - 1 + max(count, 0))
    return [date(number // 12, number % 12 + 1, 1) for number in numbers]
