"""The rows that stand behind the office's numbers, and the ones that leave in a file."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from booking.db import db
from booking.models import Booking, Person, Programme, ScheduledSession, Series
from booking.models.kinds import Attendance, BookingState, Pool
from booking.queries.reports import CAME, Counted, Review, condition_of, firsts, how_many, scope

PAGE_LENGTH = 50
OF_SESSIONS = (Counted.SESSIONS, Counted.CANCELLED)


@dataclass(frozen=True)
class PersonRow:
    """Somebody who came, and how often in this stretch."""

    person_id: int
    known_as: str
    visits: int
    last_on: date


@dataclass(frozen=True)
class BookingRow:
    """One place of one person; nobody's name where somebody walked in without one."""

    booking_id: int
    session_id: int
    local_date: date
    title: str
    person_id: int | None
    known_as: str
    pool: Pool
    state: BookingState
    attendance: Attendance


@dataclass(frozen=True)
class SessionRow:
    """One date, and what its register says in numbers."""

    session_id: int
    local_date: date
    title: str
    attendances: int
    not_recorded: int


Row = PersonRow | BookingRow | SessionRow


@dataclass(frozen=True)
class Rows:
    """One page of what stands behind a number."""

    total: int
    rows: tuple[Row, ...]


def rows(review: Review, counted: Counted, page: int = 1) -> Rows:
    """Return one page of the rows behind a number; `total` is that number.

    Units: pages count from 1, of `PAGE_LENGTH` rows.
    """
    asked, read = _asked(review, counted)
    total = db.session.scalar(select(func.count()).select_from(asked.order_by(None).subquery()))
    found = db.session.execute(asked.limit(PAGE_LENGTH).offset((page - 1) * PAGE_LENGTH))
    return Rows(total or 0, tuple(read(row) for row in found))


def _asked(review: Review, counted: Counted) -> tuple[Select[*tuple[Any, ...]], Callable[[Any], Row]]:
    if counted is Counted.PEOPLE:
        return _people(review), lambda row: PersonRow(*row)
    if counted in OF_SESSIONS:
        return _sessions(review, counted), lambda row: SessionRow(*row)
    return _bookings(review, counted), lambda row: BookingRow(*row)


def for_export(review: Review) -> list[tuple[object, ...]]:
    """Return every booking of a stretch without names, in the columns of the file."""
    asked = (
        select(
            ScheduledSession.local_date,
            Series.title,
            Programme.name,
            Booking.pool,
            Booking.state,
            Booking.attendance,
            Booking.person_id,
        )
        .join(ScheduledSession, ScheduledSession.id == Booking.session_id)
        .join(Series, Series.id == ScheduledSession.series_id)
        .join(Programme, Programme.id == Series.programme_id)
        .where(*scope(review))
        .order_by(ScheduledSession.starts_at, ScheduledSession.id, Booking.id)
    )
    return [tuple(row) for row in db.session.execute(asked)]


def _of_bookings(asked: Select[*tuple[Any, ...]], review: Review) -> Select[*tuple[Any, ...]]:
    return (
        asked.select_from(Booking)
        .join(ScheduledSession, ScheduledSession.id == Booking.session_id)
        .join(Series, Series.id == ScheduledSession.series_id)
        .outerjoin(Person, Person.id == Booking.person_id)
        .where(*scope(review))
    )


def _people(review: Review) -> Select[*tuple[Any, ...]]:
    asked: Select[*tuple[Any, ...]] = select(
        Person.id,
        Person.known_as,
        func.count(Booking.id).label("visits"),
        func.max(ScheduledSession.local_date).label("last_on"),
    )
    return (
        _of_bookings(asked, review)
        .where(CAME, Person.id.is_not(None))
        .group_by(Person.id, Person.known_as)
        .order_by(func.lower(Person.known_as), Person.id)
    )


def _bookings(review: Review, counted: Counted) -> Select[*tuple[Any, ...]]:
    columns: Select[*tuple[Any, ...]] = select(
        Booking.id,
        Booking.session_id,
        ScheduledSession.local_date,
        _title().label("title"),
        Booking.person_id,
        func.coalesce(Person.known_as, Booking.walk_in_name).label("known_as"),
        Booking.pool,
        Booking.state,
        Booking.attendance,
    )
    asked = _of_bookings(columns, review)
    first_times = counted is Counted.FIRST_TIMERS
    asked = _once_each(asked) if first_times else asked.where(condition_of(counted, review.now))
    return asked.order_by(
        ScheduledSession.starts_at.desc(), ScheduledSession.id, func.lower(Person.known_as), Booking.id
    )


def _once_each(asked: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """Keep one booking a person: two sessions that began at the same moment are still one first time."""
    first_times = firsts()
    chosen = (
        select(func.min(Booking.id))
        .join(ScheduledSession, ScheduledSession.id == Booking.session_id)
        .join(first_times, first_times.c.person_id == Booking.person_id)
        .where(CAME, ScheduledSession.starts_at == first_times.c.first_at)
        .group_by(Booking.person_id)
    )
    return asked.where(Booking.id.in_(chosen))


def _sessions(review: Review, counted: Counted) -> Select[*tuple[Any, ...]]:
    asked: Select[*tuple[Any, ...]] = (
        select(
            ScheduledSession.id,
            ScheduledSession.local_date,
            _title().label("title"),
            how_many(CAME).label("attendances"),
            how_many(condition_of(Counted.NOT_RECORDED, review.now)).label("not_recorded"),
        )
        .join(Series, Series.id == ScheduledSession.series_id)
        .outerjoin(Booking, Booking.session_id == ScheduledSession.id)
        .where(*scope(review), condition_of(counted, review.now))
        .group_by(ScheduledSession.id, Series.id)
        .order_by(ScheduledSession.starts_at.desc(), ScheduledSession.id)
    )
    return asked


def _title() -> ColumnElement[str]:
    return func.coalesce(func.nullif(ScheduledSession.own_title, ""), Series.title)
