"""Dates as cards: what a list shows of each, its free places counted in SQL, in a fixed number of queries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from enum import StrEnum
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Executable,
    Integer,
    Row,
    ScalarSelect,
    Select,
    bindparam,
    case,
    func,
    or_,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute, aliased

from booking import policy
from booking.db import db
from booking.models import Booking, Programme, ScheduledSession, Series, Venue
from booking.models.kinds import LIVE, TAKING, BookingState, Enrol, Mode, Pool, SessionState
from booking.queries.bookings import left_to_waiting, names_of_leaders
from booking.queries.date_cards import Card
from booking.rules import booking_window

_MOST_WORDS = 6
_MIDDAY, _FIVE = time(12), time(17)


class TimeOfDay(StrEnum):
    """When on the day somebody is free."""

    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"


@dataclass(frozen=True, slots=True)
class Viewer:
    """For whom something is read; the default is a stranger."""

    person_id: int | None = None
    is_facilitator: bool = False


@dataclass(frozen=True, slots=True)
class Criteria:
    """What somebody looks for, and on which days. `skip` counts dates left out on the first day."""

    programme: str = ""
    mode: Mode | None = None
    nation: str = ""
    time_of_day: TimeOfDay | None = None
    words: str = ""
    from_date: date | None = None
    before: date | None = None
    skip: int = 0


def coming(
    criteria: Criteria,
    viewer: Viewer,
    now: datetime,
    most: int,
    *,
    from_date: date | None = None,
    before: date | None = None,
    skip: int = 0,
    backwards: bool = False,
) -> list[Card]:
    """Return the dates that are not over yet and fit, in order, or from the last one backwards."""
    plain = replace(criteria, from_date=None, before=None, skip=0)
    asked = _asking(plain, viewer.is_facilitator, from_date is not None, before is not None, backwards)
    given = {"now": now, "most": most, "skip": skip, "from_date": from_date, "before": before}
    return _cards(asked, viewer, now, {name: value for name, value in given.items() if value is not None})


def load(session_ids: Sequence[int], viewer: Viewer, now: datetime | None = None) -> list[Card]:
    """Return these dates in order; who may see them was decided before.

    Without `now` the places kept for newcomers are counted as everybody's.
    """
    if not session_ids:
        return []
    order = (ScheduledSession.starts_at, ScheduledSession.id)
    return _cards(_CARDS.where(ScheduledSession.id.in_(session_ids)).order_by(*order), viewer, now)


def ids_of_series(series_id: int, viewer: Viewer, now: datetime, most: int) -> list[int]:
    """Return the ids of the next dates of a series."""
    asked = (
        _ids(viewer.is_facilitator)
        .where(ScheduledSession.series_id == series_id)
        .order_by(ScheduledSession.starts_at, ScheduledSession.id)
    )
    return list(db.session.scalars(asked.limit(most), {"now": now}))


@lru_cache(maxsize=128)
def _asking(
    criteria: Criteria, is_facilitator: bool, has_from_date: bool, has_before: bool, backwards: bool
) -> Executable:
    """Build the question once for each set of filters: putting it together costs more than asking it."""
    wanted = _ids(is_facilitator).where(*_fitting(criteria))
    if has_from_date:
        wanted = wanted.where(ScheduledSession.local_date >= bindparam("from_date"))
    if has_before:
        wanted = wanted.where(ScheduledSession.local_date < bindparam("before"))
    order = [ScheduledSession.starts_at, ScheduledSession.id]
    ordered = [column.desc() for column in order] if backwards else order
    most, skip = bindparam("most", type_=Integer), bindparam("skip", type_=Integer)
    found = wanted.order_by(*ordered).limit(most).offset(skip).subquery()
    return _CARDS.join(found, found.c.id == ScheduledSession.id).order_by(*ordered)


def _ids(is_facilitator: bool) -> Select[Any]:
    return (
        select(ScheduledSession.id)
        .join(ScheduledSession.series)
        .join(Series.programme)
        .outerjoin(ScheduledSession.venue)
        .where(
            ScheduledSession.ends_at > bindparam("now"),
            policy.session_is_shown(),
            policy.series_seen_by(is_facilitator),
        )
    )


def _fitting(criteria: Criteria) -> list[ColumnElement[bool]]:
    fits: list[ColumnElement[bool]] = []
    if criteria.programme:
        fits.append(Programme.key == criteria.programme)
    if criteria.mode:
        fits.append(ScheduledSession.mode.in_((criteria.mode, Mode.HYBRID)))
    if criteria.nation:
        fits.append(func.coalesce(Venue.nation, Series.nation) == criteria.nation)
    if criteria.time_of_day:
        fits.append(_starts_in(criteria.time_of_day))
    return fits + [_holds(word) for word in criteria.words.split()[:_MOST_WORDS]]


def _starts_in(part: TimeOfDay) -> ColumnElement[bool]:
    start = ScheduledSession.start_time
    if part is TimeOfDay.MORNING:
        return start < _MIDDAY
    return start >= _FIVE if part is TimeOfDay.EVENING else (start >= _MIDDAY) & (start < _FIVE)


def _holds(word: str) -> ColumnElement[bool]:
    texts: list[InstrumentedAttribute[str]] = [
        Series.title,
        ScheduledSession.own_title,
        Series.description,
        ScheduledSession.own_description,
        Programme.name,
        Series.nation,
        Venue.name,
        Venue.address,
    ]
    return or_(*(text.icontains(word, autoescape=True) for text in texts))


def _taken(pool: Pool) -> ScalarSelect[int]:
    return (
        select(func.coalesce(func.sum(Booking.party_size), 0))
        .where(Booking.session_id == ScheduledSession.id, Booking.pool == pool, Booking.state.in_(TAKING))
        .correlate(ScheduledSession)
        .scalar_subquery()
    )


def _left(pool: Pool) -> ColumnElement[bool]:
    """Ask whether free places are left to those who wait; of series without a list nothing is asked."""
    return case((Series.waiting_list, left_to_waiting(ScheduledSession.id, pool)), else_=False)


def _taken_by_newcomers() -> ColumnElement[int]:
    """Count what newcomers have taken, where places are kept for them at all: most series keep none."""
    room = ScheduledSession.places_room
    counted = (
        select(func.coalesce(func.sum(Booking.party_size), 0))
        .where(
            Booking.session_id == ScheduledSession.id,
            Booking.state.in_(TAKING),
            # As `policy.newcomers_pool`; written for one row, it needs the row of this date.
            Booking.pool == case((room == 0, Pool.ONLINE), else_=Pool.ROOM),
            Booking.person_id.is_not(None),
            ~policy.has_come(Booking.person_id),
        )
        .correlate(ScheduledSession)
        .scalar_subquery()
    )
    return case((Series.newcomer_places > 0, counted), else_=0)


def _mine() -> ScalarSelect[BookingState]:
    # The live booking is unique by its index; a stranger's id is none.
    return (
        select(Booking.state)
        .where(
            Booking.session_id == ScheduledSession.id,
            Booking.person_id == bindparam("viewer_id"),
            Booking.state.in_(LIVE),
        )
        .correlate(ScheduledSession)
        .limit(1)
        .scalar_subquery()
    )


def _of_course(counted: ColumnElement[Any], *which: ColumnElement[bool]) -> ColumnElement[Any]:
    """Ask something of all the dates of a course that take place; of other series nothing is asked."""
    found = (
        select(counted)
        .select_from(_WEEKS)
        .where(
            _WEEKS.series_id == ScheduledSession.series_id,
            _WEEKS.state == SessionState.PUBLISHED,
            *which,
        )
        .correlate(ScheduledSession)
        .scalar_subquery()
    )
    return case((Series.enrol == Enrol.COURSE, found))


_WEEKS = aliased(ScheduledSession)
# The same as `Series.booked_by_office`, for many at once.
_BY_OFFICE = Series.welcome_call

_CARDS = (
    select(
        ScheduledSession.id,
        ScheduledSession.uid,
        ScheduledSession.series_id,
        Series.key.label("series_key"),
        func.coalesce(func.nullif(ScheduledSession.own_title, ""), Series.title).label("title"),
        Series.discreet_name,
        Programme.name.label("programme"),
        Programme.tone,
        Programme.facilitator_word,
        ScheduledSession.local_date,
        ScheduledSession.start_time,
        ScheduledSession.end_time,
        ScheduledSession.zone,
        ScheduledSession.starts_at,
        ScheduledSession.ends_at,
        ScheduledSession.mode,
        func.coalesce(Venue.name, "").label("venue"),
        func.coalesce(Venue.nation, Series.nation).label("nation"),
        ScheduledSession.state,
        ScheduledSession.public_reason,
        Series.audience,
        _BY_OFFICE.label("by_office"),
        ScheduledSession.schedule_version,
        ScheduledSession.changed_at,
        ScheduledSession.places_room,
        ScheduledSession.places_online,
        _taken(Pool.ROOM).label("taken_room"),
        _taken(Pool.ONLINE).label("taken_online"),
        _mine().label("mine"),
        Series.opens_days_before,
        Series.closes_minutes_before,
        policy.has_come(bindparam("viewer_id", type_=Integer)).label("has_come"),
        (Series.enrol == Enrol.COURSE).label("is_course"),
        Series.single_weeks,
        _of_course(func.count(), _WEEKS.starts_at <= ScheduledSession.starts_at).label("week"),
        _of_course(func.count()).label("weeks"),
        _of_course(func.min(_WEEKS.local_date)).label("starts_on"),
        Series.waiting_list,
        _left(Pool.ROOM).label("left_room"),
        _left(Pool.ONLINE).label("left_online"),
        Series.newcomer_places,
        _taken_by_newcomers().label("taken_by_newcomers"),
    )
    .join(ScheduledSession.series)
    .join(Series.programme)
    .outerjoin(ScheduledSession.venue)
)


def _cards(
    asked: Executable, viewer: Viewer, now: datetime | None, given: Mapping[str, Any] | None = None
) -> list[Card]:
    rows = db.session.execute(asked, {"viewer_id": viewer.person_id, **(given or {})}).all()
    names = names_of_leaders([row[0] for row in rows]) if rows else {}
    # The columns stand in the order of the card's fields; naming each for each row would cost as much again.
    return [Card(*(*row[:-2], names.get(row[0], ()), _kept(row, now))) for row in rows]


def _kept(row: Row[Any, *tuple[Any, ...]], now: datetime | None) -> int:
    wanted, taken_by_newcomers = row.newcomer_places, row.taken_by_newcomers
    if not wanted or now is None:
        return 0
    until = booking_window.newcomers_until(row.starts_at, row.starts_on, row.start_time)
    return booking_window.kept_for_newcomers(wanted, taken_by_newcomers, until, now)
