"""The season as the office plans it: dates with their places and hosts, whatever their state."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, func, select

from booking import policy
from booking.db import db
from booking.models import Booking, Person, Programme, ScheduledSession, Series, SessionFacilitator, Venue
from booking.models.kinds import KEPT, TAKING, BookingState, Enrol, Mode, Pool, SessionState
from booking.queries.bookings import names_of_leaders

PAGE_LENGTH = 30
# What one cell of a table shows; the rest is counted and stands behind a link.
MOST_IN_A_CELL = 4
MOST_OF_A_DAY = 12


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which dates are looked at. Units: London dates, both included; None and "" leave it open."""

    first: date | None = None
    last: date | None = None
    # Only what is not over at this instant.
    not_over: datetime | None = None
    over: datetime | None = None
    programme_id: int | None = None
    series_id: int | None = None
    venue_id: int | None = None
    host_id: int | None = None
    nation: str = ""
    state: SessionState | None = None


@dataclass(frozen=True, slots=True)
class PlannedDate:
    """One date as a planner sees it. Units: places None = no limit, 0 = no such pool."""

    id: int
    uid: str
    series_id: int
    title: str
    discreet_name: str
    programme: str
    tone: str
    facilitator_word: str
    local_date: date
    start_time: time
    end_time: time
    zone: str
    starts_at: datetime
    ends_at: datetime
    mode: Mode
    venue: str
    nation: str
    state: SessionState
    differs: bool
    public_reason: str
    schedule_version: int
    changed_at: datetime
    places_room: int | None
    places_online: int | None
    taken_room: int
    taken_online: int
    # Those of the places taken that wait for somebody's answer, and until when the last of them does.
    kept_room: int
    kept_online: int
    kept_until: datetime | None
    min_facilitators: int
    leading: int
    is_course: bool
    led_by: tuple[str, ...] = ()

    @property
    def hosts_missing(self) -> int:
        """Return how many more hosts it needs; a date that does not take place needs none."""
        off = self.state is SessionState.CANCELLED
        return 0 if off else max(0, self.min_facilitators - self.leading)

    def places(self, pool: Pool) -> int | None:
        """Return how many places a pool has. Units: 0 = no such pool, None = no limit."""
        return self.places_room if pool is Pool.ROOM else self.places_online

    def taken(self, pool: Pool) -> int:
        """Return how many places of a pool are taken."""
        return self.taken_room if pool is Pool.ROOM else self.taken_online


@dataclass(frozen=True, slots=True)
class Day:
    """The first dates of a day, and how many there are in all."""

    on: date
    total: int
    dates: tuple[PlannedDate, ...]


def page_of(wanted: Wanted, page: int, backwards: bool = False) -> tuple[int, list[PlannedDate]]:
    """Return how many dates there are, and one page of them in the order of time, or backwards.

    Units: pages count from 1, of `PAGE_LENGTH` dates.
    """
    total = db.session.scalar(_ids(wanted).with_only_columns(func.count(ScheduledSession.id))) or 0
    order = [ScheduledSession.starts_at, ScheduledSession.id]
    ordered = [column.desc() for column in order] if backwards else order
    skipped = (page - 1) * PAGE_LENGTH
    found = _ids(wanted).order_by(*ordered).limit(PAGE_LENGTH).offset(skipped).subquery()
    return total, _dates(_DATES.join(found, found.c.id == ScheduledSession.id).order_by(*ordered))


def by_day(wanted: Wanted, most: int) -> dict[date, Day]:
    """Return the days that have dates, each with its first few."""
    place = func.row_number().over(
        partition_by=ScheduledSession.local_date, order_by=(ScheduledSession.starts_at, ScheduledSession.id)
    )
    total = func.count(ScheduledSession.id).over(partition_by=ScheduledSession.local_date)
    counted = _ids(wanted).add_columns(place.label("place"), total.label("total")).subquery()
    found = select(counted.c.id, counted.c.total).where(counted.c.place <= most).subquery()
    asked = _DATES.join(found, found.c.id == ScheduledSession.id)
    totals = dict(db.session.execute(select(found.c.id, found.c.total)).all())
    days: dict[date, list[PlannedDate]] = {}
    for planned in _dates(asked.order_by(ScheduledSession.starts_at, ScheduledSession.id)):
        days.setdefault(planned.local_date, []).append(planned)
    return {on: Day(on, totals[dates[0].id], tuple(dates)) for on, dates in days.items()}


def load(ids: Sequence[int]) -> dict[int, PlannedDate]:
    """Return these dates by their ids, in the order of time."""
    if not ids:
        return {}
    order = (ScheduledSession.starts_at, ScheduledSession.id)
    found = _dates(_DATES.where(ScheduledSession.id.in_(ids)).order_by(*order))
    return {planned.id: planned for planned in found}


def everything(wanted: Wanted, most: int) -> list[PlannedDate]:
    """Return the dates in the order of time, at most so many: for a calendar, never for a page."""
    order = (ScheduledSession.starts_at, ScheduledSession.id)
    found = _ids(wanted).order_by(*order).limit(most).subquery()
    return _dates(_DATES.join(found, found.c.id == ScheduledSession.id).order_by(*order))


def programmes() -> list[tuple[int, str]]:
    """List every programme by name, for a filter."""
    rows = db.session.execute(select(Programme.id, Programme.name).order_by(Programme.name, Programme.id))
    return [(row.id, row.name) for row in rows]


def ids_of(wanted: Wanted) -> Select[int]:
    """Return the ids of the dates wanted, as a question that others may go on asking."""
    return _ids(wanted)


def short_of_hosts() -> ColumnElement[bool]:
    """Return the condition that a date to take place has fewer hosts than its series asks for."""
    on = ScheduledSession.state != SessionState.CANCELLED
    return on & (leading_count() < Series.min_facilitators)


def leading_count() -> ScalarSelect[int]:
    """Count those who lead a date and may: nobody who died, left or gave the role back."""
    return (
        select(func.count(SessionFacilitator.id))
        .join(Person, Person.id == SessionFacilitator.person_id)
        .where(SessionFacilitator.session_id == ScheduledSession.id, policy.may_lead())
        .correlate(ScheduledSession)
        .scalar_subquery()
    )


def nation_of_date() -> ColumnElement[str]:
    """Return where a date takes place: its venue's nation, else its series'."""
    return func.coalesce(Venue.nation, Series.nation)


def _ids(wanted: Wanted) -> Select[Any]:
    return (
        select(ScheduledSession.id)
        .join(Series, Series.id == ScheduledSession.series_id)
        .outerjoin(Venue, Venue.id == ScheduledSession.venue_id)
        .where(*_fitting(wanted))
    )


def _fitting(wanted: Wanted) -> list[ColumnElement[bool]]:
    asked = {name: value for name in _FITS if (value := getattr(wanted, name)) not in (None, "")}
    return [_FITS[name](value) for name, value in asked.items()]


_FITS: dict[str, Callable[[Any], ColumnElement[bool]]] = {
    "first": lambda first: ScheduledSession.local_date >= first,
    "last": lambda last: ScheduledSession.local_date <= last,
    "not_over": lambda now: ScheduledSession.ends_at > now,
    "over": lambda now: ScheduledSession.ends_at <= now,
    "programme_id": lambda programme_id: Series.programme_id == programme_id,
    "series_id": lambda series_id: ScheduledSession.series_id == series_id,
    "venue_id": lambda venue_id: ScheduledSession.venue_id == venue_id,
    "host_id": policy.leads,
    "nation": lambda nation: nation_of_date() == nation,
    "state": lambda state: ScheduledSession.state == state,
}


def _places(pool: Pool, states: Sequence[BookingState]) -> ScalarSelect[int]:
    return (
        select(func.coalesce(func.sum(Booking.party_size), 0))
        .where(Booking.session_id == ScheduledSession.id, Booking.pool == pool, Booking.state.in_(states))
        .correlate(ScheduledSession)
        .scalar_subquery()
    )


def _kept_until() -> ScalarSelect[datetime | None]:
    return (
        select(func.max(Booking.held_until))
        .where(Booking.session_id == ScheduledSession.id, Booking.state.in_(KEPT))
        .correlate(ScheduledSession)
        .scalar_subquery()
    )


_DATES = (
    select(
        ScheduledSession.id,
        ScheduledSession.uid,
        ScheduledSession.series_id,
        func.coalesce(func.nullif(ScheduledSession.own_title, ""), Series.title).label("title"),
        Series.discreet_name,
        Programme.name,
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
        nation_of_date().label("nation"),
        ScheduledSession.state,
        ScheduledSession.differs,
        ScheduledSession.public_reason,
        ScheduledSession.schedule_version,
        ScheduledSession.changed_at,
        ScheduledSession.places_room,
        ScheduledSession.places_online,
        _places(Pool.ROOM, TAKING).label("taken_room"),
        _places(Pool.ONLINE, TAKING).label("taken_online"),
        _places(Pool.ROOM, KEPT).label("kept_room"),
        _places(Pool.ONLINE, KEPT).label("kept_online"),
        _kept_until().label("kept_until"),
        Series.min_facilitators,
        leading_count().label("leading"),
        (Series.enrol == Enrol.COURSE).label("is_course"),
    )
    .join(Series, Series.id == ScheduledSession.series_id)
    .join(Programme, Programme.id == Series.programme_id)
    .outerjoin(Venue, Venue.id == ScheduledSession.venue_id)
)


def _dates(asked: Select[*tuple[Any, ...]]) -> list[PlannedDate]:
    rows = db.session.execute(asked).all()
    names = names_of_leaders([row[0] for row in rows])
    # The columns stand in the order of the date's fields.
    return [PlannedDate(*(*row, names.get(row[0], ()))) for row in rows]
