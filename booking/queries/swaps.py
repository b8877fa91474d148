"""Better dates than the one she has: which there are, where there is room, and for which she waits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from booking import policy
from booking.db import db
from booking.models import Booking, ScheduledSession, Series
from booking.models.kinds import TAKING, BookingState, Enrol, Pool, SessionState
from booking.queries import bookings
from booking.queries.bookings import MyBooking
from booking.queries.instead import Stead
from booking.queries.people import herself

MOST_DATES = 12
_KEPT = (BookingState.BOOKED, BookingState.PROVISIONAL)
_WAITS = (BookingState.WAITING, BookingState.OFFERED)


@dataclass(frozen=True)
class BetterPlace:
    """One other date and how she would be there. Units: `free` None = no limit."""

    session: ScheduledSession
    pool: Pool
    has_room: bool
    waits: bool

    @property
    def value(self) -> str:
        """Return what the form says when she chooses it."""
        return f"{self.session.id}:{self.pool.value}"


@dataclass(frozen=True)
class Better:
    """The place she keeps, the dates that have room now, and those she could wait for."""

    kept: MyBooking
    with_room: tuple[BetterPlace, ...]
    full: tuple[BetterPlace, ...]
    tells_late: bool


def better_dates(booking_id: int, person_id: int, is_facilitator: bool, now: datetime) -> Better:
    """Return the dates she might rather have than the one of this place of hers, the same series first.

    Refuses: what is not hers.
    """
    kept = bookings.mine(booking_id, person_id)
    waits = {booking.session_id: booking for booking in _waits_for(booking_id)}
    places = []
    for scheduled, pool in _others(kept, person_id, is_facilitator, now):
        choice = bookings.place_choice(scheduled.id, person_id, is_facilitator, now)
        hers = waits.get(scheduled.id)
        if choice.mine is not None and hers is None:
            continue
        free = choice.free.get(pool, 0)
        has_room = free is None or free >= kept.booking.party_size
        if has_room or scheduled.series.waiting_list:
            waits_here = hers is not None and hers.pool is pool
            places.append(BetterPlace(scheduled, pool, has_room and not waits_here, waits_here))
    return Better(
        kept=kept,
        with_room=tuple(place for place in places if place.has_room),
        full=tuple(place for place in places if not place.has_room),
        tells_late=any(booking.tells_late for booking in waits.values()),
    )


def may_be_swapped(row: MyBooking, now: datetime) -> bool:
    """Say whether a place may still be kept until a better date comes free, or changed for one."""
    booking, scheduled = row.booking, row.session
    stands = booking.state in _KEPT and scheduled.state is SessionState.PUBLISHED
    return stands and booking.enrolment_id is None and now < scheduled.starts_at


def kept_for(booking: Booking, now: datetime) -> ScheduledSession | None:
    """Return the date whose place she gives up by taking this one; None: she gives up nothing."""
    if booking.swap_for_id is None:
        return None
    return db.session.scalar(
        select(ScheduledSession)
        .join(Booking, Booking.session_id == ScheduledSession.id)
        .where(
            Booking.id == booking.swap_for_id,
            Booking.state.in_(TAKING),
            ScheduledSession.state == SessionState.PUBLISHED,
            ScheduledSession.starts_at > now,
        )
        .options(joinedload(ScheduledSession.series).joinedload(Series.programme))
    )


def changed_from(booking: Booking) -> ScheduledSession | None:
    """Return the date whose place she gave up when she took this one; None: she gave up nothing."""
    if booking.swap_for_id is None:
        return None
    return db.session.scalar(
        select(ScheduledSession)
        .join(Booking, Booking.session_id == ScheduledSession.id)
        .where(Booking.id == booking.swap_for_id, Booking.state == BookingState.GIVEN_UP)
        .options(joinedload(ScheduledSession.series).joinedload(Series.programme))
    )


def taken_instead(given_up: Booking) -> ScheduledSession | None:
    """Return the date she has a place at since she changed away from this one."""
    return db.session.scalar(
        select(ScheduledSession)
        .join(Booking, Booking.session_id == ScheduledSession.id)
        .where(
            Booking.swap_for_id == given_up.id,
            Booking.state == BookingState.BOOKED,
            ScheduledSession.state == SessionState.PUBLISHED,
        )
        .options(joinedload(ScheduledSession.series).joinedload(Series.programme))
        .order_by(Booking.id.desc())
        .limit(1)
    )


def _waits_for(kept_id: int) -> Sequence[Booking]:
    asked = select(Booking).where(Booking.swap_for_id == kept_id, Booking.state.in_(_WAITS))
    return db.session.scalars(asked.order_by(Booking.id)).all()


def _others(
    kept: MyBooking, person_id: int, is_facilitator: bool, now: datetime
) -> list[tuple[ScheduledSession, Pool]]:
    """Return the coming dates she could get to as she is used to, the same series first, then in time."""
    found = db.session.scalars(
        select(ScheduledSession)
        .join(ScheduledSession.series)
        .where(
            Series.programme_id == kept.session.series.programme_id,
            Series.enrol == Enrol.EACH,
            policy.series_seen_by(is_facilitator),
            ScheduledSession.state == SessionState.PUBLISHED,
            ScheduledSession.starts_at > now,
            ScheduledSession.id != kept.session.id,
        )
        .options(
            joinedload(ScheduledSession.series).joinedload(Series.programme),
            joinedload(ScheduledSession.venue),
        )
        .order_by(ScheduledSession.starts_at, ScheduledSession.id)
    ).all()
    stead, who = Stead(kept.session), herself(person_id).who
    pool = kept.booking.pool
    there = [
        one
        for one in found
        if policy.is_meant_for(one.series, who, is_facilitator)
        and policy.booking_is_open(one, now)
        and pool in stead.pools(one, pool)
    ]
    first = sorted(there, key=stead.order)[:MOST_DATES]
    return [(one, pool) for one in sorted(first, key=lambda one: (one.starts_at, one.id))]
