"""Who waits in vain: what people wanted and had no room, per series, and per weekday and hour."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, case, distinct, extract, func, select

from booking.db import db
from booking.models import Booking, Person, Programme, ScheduledSession, Series
from booking.models.kinds import BookingState, PersonStatus, Pool, SessionState
from booking.queries.reports import Review

PAGE_LENGTH = 50


class Outcome(StrEnum):
    """What became of a wait; every one but the first excludes the others, and together they are the first."""

    WAITED = "waited"
    IN_VAIN = "in_vain"
    STILL_WAITS = "still_waits"
    NOT_TAKEN = "not_taken"
    GOT_A_PLACE = "got_a_place"


@dataclass(frozen=True)
class Demand:
    """The numbers of one line. Units: waits, one for each person and date; `people` and `dates` once each."""

    waited: int
    in_vain: int
    still_waits: int
    not_taken: int
    got_a_place: int
    people: int
    dates: int


@dataclass(frozen=True)
class SeriesDemand:
    """The numbers of one series."""

    series_id: int
    title: str
    demand: Demand


@dataclass(frozen=True)
class HourDemand:
    """The numbers of what starts at one hour of one weekday. Units: 0 is Monday; London wall time."""

    weekday: int
    hour: int
    demand: Demand


@dataclass(frozen=True)
class Hour:
    """One hour of one weekday. Units: 0 is Monday; London wall time."""

    weekday: int
    hour: int


@dataclass(frozen=True)
class WaitRow:
    """One wait: who, for what, since when, and what became of it."""

    booking_id: int
    session_id: int
    local_date: date
    title: str
    person_id: int
    known_as: str
    pool: Pool
    party_size: int
    waits_since: datetime
    times_offered: int
    became: str

    @property
    def outcome(self) -> Outcome:
        """Return what became of the wait."""
        return Outcome(self.became)


@dataclass(frozen=True)
class Waits:
    """One page of what stands behind a number."""

    total: int
    rows: tuple[WaitRow, ...]


def figures(review: Review) -> Demand:
    """Count every wait of a stretch."""
    return Demand(*db.session.execute(_counting(review)).one())


def by_series(review: Review) -> list[SeriesDemand]:
    """Count each series for which somebody waited, those with most in vain first."""
    found = db.session.execute(_counting(review, Series.id, Series.title)).all()
    lines = [SeriesDemand(row[0], row[1], Demand(*row[2:])) for row in found]
    return sorted(
        lines, key=lambda one: (-one.demand.in_vain, -one.demand.still_waits, one.title, one.series_id)
    )


def by_hour(review: Review) -> list[HourDemand]:
    """Count each hour of the week for which somebody waited, from Monday morning on."""
    found = db.session.execute(_counting(review, _day_of_week(), _hour())).all()
    lines = [HourDemand((int(row[0]) - 1) % 7, int(row[1]), Demand(*row[2:])) for row in found]
    return sorted(lines, key=lambda one: (one.weekday, one.hour))


def rows(review: Review, outcome: Outcome, hour: Hour | None = None, page: int = 1) -> Waits:
    """Return one page of the waits behind a number; `total` is that number.

    Units: pages count from 1, of `PAGE_LENGTH` rows.
    """
    asked = _rows(review, hour)
    if outcome is not Outcome.WAITED:
        asked = asked.where(_became(review.now) == outcome.value)
    total = db.session.scalar(select(func.count()).select_from(asked.order_by(None).subquery())) or 0
    found = db.session.execute(asked.limit(PAGE_LENGTH).offset((page - 1) * PAGE_LENGTH))
    return Waits(total, tuple(WaitRow(*row) for row in found))


def for_export(review: Review) -> Sequence[tuple[object, ...]]:
    """Return every wait of a stretch without names, in the columns of the file."""
    asked = _of_waits(
        select(
            ScheduledSession.local_date,
            ScheduledSession.start_time,
            Series.title,
            Programme.name,
            Booking.pool,
            Booking.party_size,
            Booking.waits_since,
            Booking.times_offered,
            _became(review.now),
            Booking.person_id,
        ),
        review,
    ).join(Programme, Programme.id == Series.programme_id)
    ordered = asked.order_by(ScheduledSession.starts_at, ScheduledSession.id, Booking.id)
    return [tuple(row) for row in db.session.execute(ordered)]


def _became(now: datetime) -> ColumnElement[str]:
    """Say what became of a wait: a place that was offered is no wait in vain, whatever she answered."""
    has_place = Booking.state.in_((BookingState.BOOKED, BookingState.PROVISIONAL))
    waits = Booking.state.in_((BookingState.WAITING, BookingState.OFFERED))
    return case(
        (has_place, Outcome.GOT_A_PLACE.value),
        (waits & (ScheduledSession.starts_at > now), Outcome.STILL_WAITS.value),
        (Booking.times_offered > 0, Outcome.NOT_TAKEN.value),
        else_=Outcome.IN_VAIN.value,
    )


def _counting(review: Review, *groups: Any) -> Select[*tuple[Any, ...]]:
    became = _became(review.now)
    numbers = [
        func.coalesce(func.sum(case((became == outcome.value, 1), else_=0)), 0)
        for outcome in Outcome
        if outcome is not Outcome.WAITED
    ]
    people = func.count(distinct(Booking.person_id))
    dates = func.count(distinct(Booking.session_id))
    asked: Select[*tuple[Any, ...]] = select(*groups, func.count(Booking.id), *numbers, people, dates)
    return _of_waits(asked, review).group_by(*groups) if groups else _of_waits(asked, review)


def _rows(review: Review, hour: Hour | None) -> Select[*tuple[Any, ...]]:
    asked: Select[*tuple[Any, ...]] = select(
        Booking.id,
        Booking.session_id,
        ScheduledSession.local_date,
        func.coalesce(func.nullif(ScheduledSession.own_title, ""), Series.title).label("title"),
        Person.id,
        Person.known_as,
        Booking.pool,
        Booking.party_size,
        Booking.waits_since,
        Booking.times_offered,
        _became(review.now).label("outcome"),
    )
    found = _of_waits(asked, review)
    if hour is not None:
        found = found.where(_day_of_week() == (hour.weekday + 1) % 7, _hour() == hour.hour)
    return found.order_by(
        ScheduledSession.starts_at.desc(), ScheduledSession.id, Booking.waits_since, Booking.id
    )


def _of_waits(asked: Select[*tuple[Any, ...]], review: Review) -> Select[*tuple[Any, ...]]:
    """Join what waits to its date, series and person, and leave out what says nothing of demand.

    Who keeps another date meanwhile has a place; who never confirmed an address may be nobody; a date
    that was cancelled had no place for anybody.
    """
    return (
        asked.select_from(Booking)
        .join(ScheduledSession, ScheduledSession.id == Booking.session_id)
        .join(Series, Series.id == ScheduledSession.series_id)
        .join(Person, Person.id == Booking.person_id)
        .where(
            Booking.waits_since.is_not(None),
            Booking.swap_for_id.is_(None),
            Person.status != PersonStatus.UNPROVEN,
            ScheduledSession.state == SessionState.PUBLISHED,
            ScheduledSession.local_date.between(review.first, review.last),
            *_within(review),
        )
    )


def _within(review: Review) -> list[ColumnElement[bool]]:
    programme = Series.programme_id == review.programme_id
    series = Series.id == review.series_id
    asked = ((review.programme_id, programme), (review.series_id, series))
    return [condition for chosen, condition in asked if chosen is not None]


def _day_of_week() -> ColumnElement[int]:
    # Both databases count from Sunday.
    return extract("dow", ScheduledSession.local_date)


def _hour() -> ColumnElement[int]:
    return extract("hour", ScheduledSession.start_time)
