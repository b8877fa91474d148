"""Waiting lists: where somebody stands, who is asked about a free place, and where the worker looks."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, case, exists, func, select, true
from sqlalchemy.orm import aliased, joinedload

from booking import policy
from booking.db import db
from booking.models import Booking, Person, PersonRole, ScheduledSession, Series
from booking.models.kinds import (
    TAKING,
    Audience,
    BookingState,
    Enrol,
    PersonStatus,
    Pool,
    Role,
    SessionState,
    Who,
)
from booking.queries.places import Room
from booking.rules import waiting as rules
from booking.rules.quiet_hours import next_allowed
from booking.rules.wall_time import to_local

# When somebody joined a waiting list, and which of two who did so at once came first.
Rank = tuple[datetime, int]


@dataclass(frozen=True)
class Turn:
    """Where somebody stands on a waiting list. Units: `ahead` counts who could be asked before her."""

    ahead: int

    @property
    def is_next(self) -> bool:
        """Say whether nobody would be asked before her."""
        return self.ahead == 0


@dataclass(frozen=True)
class Ask:
    """Somebody who would be asked about a free place now.

    Units: `read_at` is when she can read of it, `until` how long it is kept, or left to those told late.
    """

    booking: Booking
    person: Person
    read_at: datetime
    until: datetime
    is_late: bool


def waits() -> ColumnElement[bool]:
    """Return the condition that somebody is on a waiting list, offers made from it included."""
    offered = (Booking.state == BookingState.OFFERED) & Booking.waits_since.is_not(None)
    return (Booking.state == BookingState.WAITING) | offered


def turn_of(booking: Booking, now: datetime) -> Turn:
    """Return where a booking stands among those who wait for the same pool of the same date."""
    rank = func.coalesce(Booking.queue_at, Booking.created_at)
    hers = booking.queue_at or booking.created_at
    before = (rank < hers) | ((rank == hers) & (Booking.id < booking.id))
    counted = select(func.count()).where(
        Booking.session_id == booking.session_id,
        Booking.pool == booking.pool,
        waits(),
        could_be_asked(now),
        before,
    )
    return Turn(db.session.scalar(counted) or 0)


def rank_of(booking: Booking) -> Rank:
    """Return where a booking stands in its queue: the lower of two is asked first."""
    return booking.queue_at or booking.created_at, booking.id


def first_in_turn(session_id: int, pool: Pool) -> Booking | None:
    """Return whoever has waited longest for a pool, or was moved up."""
    return db.session.scalar(
        select(Booking)
        .where(Booking.session_id == session_id, Booking.pool == pool, Booking.state == BookingState.WAITING)
        .order_by(func.coalesce(Booking.queue_at, Booking.created_at), Booking.id)
        .limit(1)
    )


def before(first: Booking) -> datetime:
    """Return a rank before that of whoever is first."""
    return (first.queue_at or first.created_at) - timedelta(microseconds=1)


def in_turn(session_id: int, pool: Pool) -> Select[Booking]:
    """Return the bookings that wait for a pool, first come first, rested ones too."""
    return (
        select(Booking)
        .where(Booking.session_id == session_id, Booking.pool == pool, Booking.state == BookingState.WAITING)
        .options(joinedload(Booking.person))
        .order_by(func.coalesce(Booking.queue_at, Booking.created_at), Booking.id)
        .execution_options(populate_existing=True)
    )


def whom_to_ask(scheduled: ScheduledSession, pool: Pool, now: datetime) -> list[Ask]:
    """Return who is to be asked about the free places of a pool, in turn; the sweep and the doctor ask, too.

    A party that does not fit is passed over and keeps its rank, and so is whoever rests, wants to be left in
    peace, or would hear of it too late.
    """
    if scheduled.state is not SessionState.PUBLISHED or now >= scheduled.starts_at:
        return []
    room = Room(scheduled, pool, now)
    if room.left == 0:
        return []
    found = []
    for booking in db.session.scalars(in_turn(scheduled.id, pool)).all():
        ask = _ask(booking, scheduled, now)
        if ask is None or not room.fits(ask.person.id, booking.party_size):
            continue
        found.append(ask)
        if not ask.is_late:
            room.give(ask.person.id, booking.party_size)
    return found


def together(booking: Booking) -> Select[Booking]:
    """Return the bookings that are one wait with this one: of a course every week, else itself alone."""
    series = select(ScheduledSession.series_id).where(ScheduledSession.id == booking.session_id)
    return (
        select(Booking)
        .join(Booking.session)
        .join(ScheduledSession.series)
        .where(Booking.person_id == booking.person_id, Booking.waits_since == booking.waits_since)
        .where(ScheduledSession.series_id == series.scalar_subquery())
        .where((Series.enrol == Enrol.COURSE) | (Booking.id == booking.id))
        .order_by(ScheduledSession.starts_at, Booking.id)
    )


def courses_waited_for(now: datetime) -> list[int]:
    """Return the courses, in id order, that somebody may wait for as a whole."""
    found = (
        select(ScheduledSession.series_id)
        .join(Booking, Booking.session_id == ScheduledSession.id)
        .join(Series, Series.id == ScheduledSession.series_id)
        .where(Series.enrol == Enrol.COURSE, Booking.state == BookingState.WAITING, ~Booking.rests)
        .where(ScheduledSession.starts_at > now)
    )
    return list(db.session.scalars(found.distinct().order_by(ScheduledSession.series_id)))


def waits_for_all_of_it(booking: Booking, scheduled: ScheduledSession) -> bool:
    """Say whether this week alone is no use to her: she waits for the course as a whole."""
    if not scheduled.series.is_course:
        return False
    waiting = together(booking).where(Booking.state == BookingState.WAITING)
    return not scheduled.series.single_dates or len(db.session.scalars(waiting).all()) > 1


def may_be_asked(person: Person, now: datetime) -> bool:
    """Say whether somebody who waits could be asked at all just now: she is proven, and not left in peace."""
    return policy.may_book(person) and not policy.is_paused(person, now)


def is_for_her(person: Person, series: Series) -> bool:
    """Say whether a series is still shown to somebody who waits, and meant for her: else no yes counts."""
    is_host = series.audience is Audience.FACILITATORS and _is_host(person.id)
    return policy.may_see(series, is_host) and policy.is_meant_for(series, person.who, is_host)


def _is_host(person_id: int) -> bool:
    role = PersonRole.role == Role.FACILITATOR
    asked = select(PersonRole.id).where(PersonRole.person_id == person_id, role)
    return db.session.scalar(asked.limit(1)) is not None


def could_be_asked(now: datetime) -> ColumnElement[bool]:
    """Return `may_be_asked` with `is_for_her` as a condition on bookings: a turn counts nobody else."""
    today = to_local(now).date()
    in_peace = (Person.status == PersonStatus.PAUSED) & (
        Person.paused_until.is_(None) | (Person.paused_until > today)
    )
    there, series = aliased(ScheduledSession), aliased(Series)
    hosts = select(PersonRole.person_id).where(PersonRole.role == Role.FACILITATOR)
    is_meant = case(
        (series.audience == Audience.PATIENTS, Person.who == Who.PATIENT),
        (series.audience == Audience.FACILITATORS, Person.id.in_(hosts)),
        else_=true(),
    )
    return exists().where(
        Person.id == Booking.person_id,
        Person.status.in_(policy.PROVEN),
        ~in_peace,
        there.id == Booking.session_id,
        series.id == there.series_id,
        is_meant,
    )


def _ask(booking: Booking, scheduled: ScheduledSession, now: datetime) -> Ask | None:
    person = booking.person
    if waits_for_all_of_it(booking, scheduled):
        return None
    if person is None or not may_be_asked(person, now) or not is_for_her(person, scheduled.series):
        return None
    read_at = rules.readable_at(now, scheduled.starts_at)
    late = rules.is_late(read_at, scheduled.starts_at)
    # What she let go while it was kept for one after the other is news for everybody in the last hours.
    if booking.rests and not (late and not rules.was_late(booking.state_at, scheduled.starts_at)):
        return None
    if late and (not booking.tells_late or booking.held_until is not None):
        return None
    keeps = rules.late_until if late else rules.offered_until
    until = keeps(read_at, scheduled.starts_at, person.notice_hours)
    return Ask(booking, person, read_at, until, late) if until is not None else None


def lists_of(person_id: int) -> list[int]:
    """Return the dates, in id order, at which this person waits or has an offer; her row is held."""
    asked = select(Booking.session_id).where(policy.is_hers(person_id), waits())
    return list(db.session.scalars(asked.order_by(Booking.session_id)))


def somebody_waits(session_ids: Collection[int]) -> list[int]:
    """Return those of these dates at which somebody waits, in id order."""
    asked = select(Booking.session_id).where(
        Booking.session_id.in_(session_ids), Booking.state == BookingState.WAITING
    )
    return list(db.session.scalars(asked.distinct().order_by(Booking.session_id)))


def weeks_by_course(session_ids: Collection[int]) -> dict[int, list[int]]:
    """Return every date of each course of which these dates are weeks; nothing for other dates."""
    these = (
        select(ScheduledSession.series_id)
        .join(ScheduledSession.series)
        .where(ScheduledSession.id.in_(session_ids), Series.enrol == Enrol.COURSE)
        .distinct()
    )
    series_ids = db.session.scalars(these.order_by(ScheduledSession.series_id)).all()
    weeks: dict[int, list[int]] = {series_id: [] for series_id in series_ids}
    if weeks:
        every = (
            select(ScheduledSession.series_id, ScheduledSession.id)
            .where(ScheduledSession.series_id.in_(series_ids))
            .order_by(ScheduledSession.starts_at, ScheduledSession.id)
        )
        for series_id, week in db.session.execute(every):
            weeks[series_id].append(week)
    return weeks


def sessions_begun(now: datetime) -> list[int]:
    """Return the dates, in id order, that have begun while somebody still waits or is asked."""
    return _dates(waits() & Booking.waits_since.is_not(None) & (ScheduledSession.starts_at <= now))


def sessions_to_offer(now: datetime) -> list[int]:
    """Return the dates, in id order, at which somebody would be asked about a place that is free now."""
    could_be = (
        (Booking.state == BookingState.WAITING)
        & (~Booking.rests | (Booking.tells_late & (ScheduledSession.starts_at <= _late_by(now))))
        & Booking.held_until.is_(None)
        & (ScheduledSession.starts_at > now)
        & (ScheduledSession.state == SessionState.PUBLISHED)
    )
    return [one for one in _dates(could_be & _has_room()) if is_stranded(one, now)]


def _late_by(now: datetime) -> datetime:
    """Return before when a date starts, at the latest, of which news goes to everybody at once."""
    return next_allowed(now) + rules.LATE


def is_stranded(session_id: int, now: datetime) -> bool:
    """Say whether a place of a date is free though somebody who waits could be asked about it."""
    scheduled = db.session.get_one(
        ScheduledSession,
        session_id,
        options=[joinedload(ScheduledSession.series)],
        populate_existing=True,
    )
    return any(whom_to_ask(scheduled, pool, now) for pool in scheduled.pools)


def _has_room() -> ColumnElement[bool]:
    """Return the condition, over booking and session, that her party would fit, whoever else is asked."""
    other = aliased(Booking)
    taken = (
        select(func.coalesce(func.sum(other.party_size), 0))
        .where(other.session_id == Booking.session_id, other.pool == Booking.pool, other.state.in_(TAKING))
        .scalar_subquery()
    )
    places = case(
        (Booking.pool == Pool.ROOM, ScheduledSession.places_room), else_=ScheduledSession.places_online
    )
    return places.is_(None) | (places - taken >= Booking.party_size)


def _dates(condition: ColumnElement[bool]) -> list[int]:
    found = select(Booking.session_id).join(Booking.session).where(condition)
    return list(db.session.scalars(found.distinct().order_by(Booking.session_id)))
