"""Waiting lists as the office sees them: who waits for a date, since when, and who was moved up and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased

from booking import policy
from booking.db import db
from booking.models import Booking, Person, QueueMove, ScheduledSession, Series
from booking.models.kinds import BookingState, PersonStatus, Pool, SessionState
from booking.queries.bookings import free_by_pool
from booking.queries.newcomers import kept_places
from booking.queries.waiting import waits
from booking.refusals import NotFound

MOST_SHOWN = 20


@dataclass(frozen=True)
class Waiter:
    """Somebody on a waiting list, or with an offer from it. Units: `party_size` counts her as well."""

    booking_id: int
    person_id: int
    full_name: str
    known_as: str
    status: PersonStatus
    pool: Pool
    state: BookingState
    party_size: int
    waits_since: datetime | None
    held_until: datetime | None
    rests: bool
    tells_late: bool
    times_offered: int
    notice_hours: int
    swap_for_id: int | None

    @property
    def is_asked(self) -> bool:
        """Say whether her answer is waited for."""
        return self.state is BookingState.OFFERED or self.held_until is not None

    @property
    def is_unproven(self) -> bool:
        """Say whether she has not confirmed her address yet, so that nothing is offered to her."""
        return self.status not in policy.PROVEN


def is_anybodys(scheduled: ScheduledSession, pool: Pool, now: datetime) -> bool:
    """Say whether a place of a pool is there for whoever says yes first, on the waiting list or not."""
    if scheduled.state is not SessionState.PUBLISHED or now >= scheduled.starts_at:
        return False
    free = free_by_pool(scheduled).get(pool, 0)
    return free is None or free > kept_places(scheduled, pool, now)


@dataclass(frozen=True)
class Move:
    """Somebody was moved up: who, when, by whom, and why."""

    booking_id: int
    known_as: str
    moved_at: datetime
    by: str
    reason: str


@dataclass(frozen=True)
class OpenOffer:
    """A place that waits for an answer. Units: `held_until` is None while the office has to reach her."""

    booking_id: int
    session_id: int
    person_id: int
    known_as: str
    title: str
    local_date: date
    state: BookingState
    held_until: datetime | None
    waits_since: datetime | None

    @property
    def is_from_queue(self) -> bool:
        """Say whether she waited for it, as against a place kept in a cancelled one's stead."""
        return self.waits_since is not None


@dataclass(frozen=True)
class Offers:
    """The first few of the open offers, and how many there are."""

    total: int
    rows: tuple[OpenOffer, ...]


def queue_of(session_id: int) -> list[Waiter]:
    """Return everybody who waits for a date, the room first, in the order of their turn."""
    asked: Select[*tuple[Any, ...]] = (
        select(
            Booking.id,
            Person.id,
            Person.full_name,
            Person.known_as,
            Person.status,
            Booking.pool,
            Booking.state,
            Booking.party_size,
            Booking.waits_since,
            Booking.held_until,
            Booking.rests,
            Booking.tells_late,
            Booking.times_offered,
            Person.notice_hours,
            Booking.swap_for_id,
        )
        .join(Person, Person.id == Booking.person_id)
        .where(Booking.session_id == session_id, waits())
        .order_by(
            Booking.pool == Pool.ONLINE, func.coalesce(Booking.queue_at, Booking.created_at), Booking.id
        )
    )
    return [Waiter(*row) for row in db.session.execute(asked)]


def one_waiter(booking_id: int) -> tuple[int, Waiter | None]:
    """Return the date that somebody waits or waited for, and her turn while she has one.

    Refuses: a booking that never was on a waiting list.
    """
    session_id = db.session.scalar(
        select(Booking.session_id).where(Booking.id == booking_id, Booking.waits_since.is_not(None))
    )
    if session_id is None:
        raise NotFound
    return session_id, next((one for one in queue_of(session_id) if one.booking_id == booking_id), None)


def moves_of(session_id: int) -> list[Move]:
    """Return who was moved up on the waiting list of a date, the latest first."""
    who, by = aliased(Person), aliased(Person)
    asked = (
        select(QueueMove.booking_id, who.known_as, QueueMove.moved_at, by.known_as, QueueMove.reason)
        .join(Booking, Booking.id == QueueMove.booking_id)
        .outerjoin(who, who.id == Booking.person_id)
        .join(by, by.id == QueueMove.moved_by)
        .where(Booking.session_id == session_id)
        .order_by(QueueMove.id.desc())
    )
    return [Move(row[0], row[1] or "", row[2], row[3], row[4]) for row in db.session.execute(asked)]


def how_many_wait(session_id: int) -> dict[Pool, int]:
    """Return how many people wait for each pool of a date, those who were made an offer included."""
    asked = (
        select(Booking.pool, func.count(Booking.id))
        .where(Booking.session_id == session_id, waits())
        .group_by(Booking.pool)
        .order_by(Booking.pool)
    )
    return {row[0]: row[1] for row in db.session.execute(asked)}


def open_offers(now: datetime) -> Offers:
    """Return the places that wait for somebody's answer, the one that runs out first on top."""
    told_late = (Booking.state == BookingState.WAITING) & (Booking.held_until > now)
    asked = (
        _offers()
        .where((Booking.state == BookingState.OFFERED) | told_late, ScheduledSession.starts_at > now)
        .order_by(func.coalesce(Booking.held_until, ScheduledSession.starts_at), Booking.id)
    )
    total = db.session.scalar(select(func.count()).select_from(asked.order_by(None).subquery())) or 0
    return Offers(total, _rows(db.session.execute(asked.limit(MOST_SHOWN)).all()))


def _offers() -> Select[*tuple[Any, ...]]:
    asked: Select[*tuple[Any, ...]] = (
        select(
            Booking.id,
            Booking.session_id,
            Person.id,
            Person.known_as,
            func.coalesce(func.nullif(ScheduledSession.own_title, ""), Series.title).label("title"),
            ScheduledSession.local_date,
            Booking.state,
            Booking.held_until,
            Booking.waits_since,
        )
        .join(ScheduledSession, ScheduledSession.id == Booking.session_id)
        .join(Series, Series.id == ScheduledSession.series_id)
        .join(Person, Person.id == Booking.person_id)
    )
    return asked


def _rows(found: Sequence[Any]) -> tuple[OpenOffer, ...]:
    return tuple(OpenOffer(*row) for row in found)
