"""Keeping a place for somebody whose session was cancelled, and her answer, in the caller's transaction."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import aliased, joinedload

from booking import policy
from booking.db import db
from booking.models import Booking, Person, ScheduledSession, Series
from booking.models.kinds import LIVE, BookingState, Companions, Enrol, Pool, SessionState
from booking.queries.instead import Stead
from booking.refusals import OfferOver, Refusal
from booking.rules.offers import kept_until, may_be_kept
from booking.rules.tokens import new_nonce
from booking.services.steps import taking, waiting, welcoming
from booking.services.steps.audit import note
from booking.services.steps.places import free_places_for

_AROUND = timedelta(days=45)
# So many dates around a cancelled one are held for each of its pools while places at them are given out.
_MOST_NEAR = 12


# A date and how she would be there.
Place = tuple[ScheduledSession, Pool]


@dataclass(frozen=True)
class Cancelled:
    """A place that is gone, and when the letter about it may be read."""

    booking: Booking
    scheduled: ScheduledSession
    readable_at: datetime


def is_offered() -> ColumnElement[bool]:
    """Return the condition that a place waits for somebody's answer."""
    return Booking.state == BookingState.OFFERED


def dates_near(session_ids: Collection[int], now: datetime) -> set[int]:
    """Return the dates at which places may be kept in the stead of these: they are locked with them."""
    there = db.session.scalars(_with_series().where(ScheduledSession.id.in_(session_ids)))
    return {near.id for scheduled in there.all() for near in _near(scheduled, session_ids, now)}


def offer_instead(
    gone: Cancelled, dates: Collection[int], actor_id: int | None, now: datetime
) -> Booking | None:
    """Keep the nearest place that fits for her, if there is one; her row and these dates are locked."""
    person_id = gone.booking.person_id
    if person_id is None or gone.booking.enrolment_id is not None:
        return None
    person = db.session.get_one(Person, person_id)
    if policy.is_paused(person, now):
        # She asked to be left in peace: a human calls her, and no clock runs out behind her back.
        return None
    for near, pool in _nearest_of(gone, dates):
        until = kept_until(gone.readable_at, near.starts_at)
        if until is not None and _fits(gone.booking, pool, person, near, now):
            return _offer(gone.booking, near, pool, until, actor_id, now)
    return None


def accept(
    booking: Booking, person: Person, scheduled: ScheduledSession, actor_id: int, now: datetime
) -> None:
    """Make an offered place hers; one whose time ran out is taken again if there is room.

    The caller holds the locks of the person and of the session.
    Refuses: what is cancelled, has started or was answered otherwise, and a place that is gone.
    """
    if booking.state in (BookingState.BOOKED, BookingState.PROVISIONAL):
        return
    waits = booking.state is BookingState.WAITING
    if not waits and booking.state not in (BookingState.OFFERED, BookingState.EXPIRED):
        raise OfferOver
    still_hers = booking.state is BookingState.OFFERED
    taking.refuse_unless_open(person, scheduled, now, still_hers or waits)
    if not still_hers:
        taking.refuse_unless_free(
            scheduled, booking.pool, person.id, now, booking.party_size, waits=booking.held_until is not None
        )
    booking.state, booking.state_at = welcoming.first_state(person.id, scheduled), now
    booking.held_until = None
    booking.told_version = scheduled.schedule_version
    db.session.flush()
    note(now, actor_id, "offer taken", f"booking:{booking.id}")
    taking.confirm(booking, person, scheduled, actor_id, now)
    # Whoever else was told of the last place late hears of the next one anew.
    waiting.offer_free_places(scheduled.id, now)


def _near(cancelled: ScheduledSession, leave_out: Collection[int], now: datetime) -> list[ScheduledSession]:
    found = db.session.scalars(
        _with_series()
        .join(ScheduledSession.series)
        .where(
            Series.programme_id == cancelled.series.programme_id,
            Series.enrol == Enrol.EACH,
            ScheduledSession.state == SessionState.PUBLISHED,
            ScheduledSession.starts_at > max(now, cancelled.starts_at - _AROUND),
            ScheduledSession.starts_at < cancelled.starts_at + _AROUND,
            ScheduledSession.id.not_in(leave_out),
        )
        .order_by(ScheduledSession.starts_at, ScheduledSession.id)
    ).all()
    there = [one for one in found if policy.booking_is_open(one, now)]
    first = (_in_turn(cancelled, pool, there)[:_MOST_NEAR] for pool in cancelled.pools)
    return [near for some in first for near, _pool in some]


def _nearest_of(gone: Cancelled, dates: Collection[int]) -> list[Place]:
    """Read the dates under their locks, the best one first."""
    cancelled = gone.scheduled
    there = db.session.scalars(
        _with_series()
        .join(ScheduledSession.series)
        .where(ScheduledSession.id.in_(dates), Series.programme_id == cancelled.series.programme_id)
        .order_by(ScheduledSession.starts_at, ScheduledSession.id)
    )
    around = [one for one in there.all() if abs(one.starts_at - cancelled.starts_at) < _AROUND]
    return _in_turn(cancelled, gone.booking.pool, around)


def _in_turn(cancelled: ScheduledSession, pool: Pool, dates: Sequence[ScheduledSession]) -> list[Place]:
    """Put what she can get to as she is used to before what she can join from home, the nearest first."""
    stead = Stead(cancelled)
    places = [(one, other) for one in dates for other in stead.pools(one, pool)]
    return sorted(places, key=lambda place: (place[1] is not pool, stead.order(place[0])))


def _fits(gone: Booking, pool: Pool, person: Person, near: ScheduledSession, now: datetime) -> bool:
    if _had_one(person.id, near.id) or _is_busy(person.id, near):
        return False
    if gone.party_size > 1 and near.series.companions is Companions.NEVER:
        return False
    try:
        taking.refuse_unless_open(person, near, now)
    except Refusal:
        return False
    free = free_places_for(person.id, near, pool, now)
    enough = may_be_kept(free, _kept_places(near.id, pool), gone.party_size)
    return enough and not _somebody_waits(near.id, pool)


def _kept_places(session_id: int, pool: Pool) -> int:
    """Count the places of a date that wait for the answer of somebody whose session was cancelled."""
    counted = select(func.coalesce(func.sum(Booking.party_size), 0)).where(
        Booking.session_id == session_id, Booking.pool == pool, is_offered()
    )
    return int(db.session.scalar(counted) or 0)


def _had_one(person_id: int, session_id: int) -> bool:
    """Say whether she has a place there, or gave one up: who can't come that day is not asked again."""
    latest = taking.latest_booking(session_id, person_id)
    return latest is not None and (latest.is_live or latest.state is BookingState.GIVEN_UP)


def _is_busy(person_id: int, near: ScheduledSession) -> bool:
    other = aliased(ScheduledSession)
    at_that_time = (
        select(Booking.id)
        .join(other, other.id == Booking.session_id)
        .where(policy.is_hers(person_id), Booking.state.in_(LIVE))
        .where(other.starts_at < near.ends_at, other.ends_at > near.starts_at)
    )
    return db.session.scalar(at_that_time.limit(1)) is not None


def _somebody_waits(session_id: int, pool: Pool) -> bool:
    waiting = select(Booking.id).where(
        Booking.session_id == session_id, Booking.pool == pool, Booking.state == BookingState.WAITING
    )
    return db.session.scalar(waiting.limit(1)) is not None


def _offer(
    gone: Booking, near: ScheduledSession, pool: Pool, until: datetime, actor_id: int | None, now: datetime
) -> Booking:
    offered = Booking(
        session_id=near.id,
        person_id=gone.person_id,
        pool=pool,
        state=BookingState.OFFERED,
        party_size=gone.party_size,
        held_until=until,
        instead_of_id=gone.id,
        created_at=now,
        state_at=now,
        booked_by=actor_id,
        nonce=new_nonce(),
        told_version=near.schedule_version,
    )
    db.session.add(offered)
    db.session.flush()
    note(now, actor_id, "place offered", f"booking:{offered.id}")
    return offered


def _with_series() -> Select[ScheduledSession]:
    return (
        select(ScheduledSession)
        .options(joinedload(ScheduledSession.series), joinedload(ScheduledSession.venue))
        .execution_options(populate_existing=True)
    )
