"""Waiting for a course as a whole: every week to come is asked about together, under all their locks."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from booking.db import db
from booking.messages import outbox
from booking.models import Booking, Person, ScheduledSession
from booking.models.kinds import LIVE, TAKING, BookingState, Channel, MessageKind, Pool
from booking.queries.places import Room
from booking.queries.waiting import may_be_asked, together
from booking.refusals import Refusal
from booking.rules import waiting as rules
from booking.services.steps import courses, taking, waiting
from booking.services.steps.audit import note
from booking.services.steps.locks import lock_sessions

_BY_A_HUMAN = (Channel.CALL, Channel.POST)
_ASKED = (BookingState.WAITING, BookingState.OFFERED)


@dataclass(frozen=True)
class Turn:
    """Somebody for whom every week to come has room now, and until when they are kept."""

    person: Person
    weeks: tuple[Booking, ...]
    read_at: datetime
    until: datetime


def next_turn(series_id: int, now: datetime) -> Turn | None:
    """Return who is to be asked about a whole course next; looking writes nothing."""
    waiting_now = _waits_of(series_id)
    if not waiting_now:
        return None
    try:
        weeks = courses.weeks_to_take(courses.weeks_of_series(series_id), now)
    except Refusal:
        return None
    for turn in waiting_now:
        found = _asked(turn, weeks, now)
        if found is not None:
            return found
    return None


def offer_course(series_id: int, now: datetime, locked: Collection[int]) -> int:
    """Offer a whole course to everybody in turn for whom there is room; return how many were asked.

    The caller holds the locks of `locked`; a week outside them is left to the worker's next look around.
    """
    db.session.flush()
    asked = 0
    while (turn := next_turn(series_id, now)) is not None:
        to_come = {week.id for week in courses.weeks_of_series(series_id) if week.starts_at > now}
        if not to_come <= set(locked):
            break
        _offer(turn, now)
        db.session.flush()
        asked += 1
    return asked


def join(
    person: Person, weeks: Sequence[ScheduledSession], pool: Pool, actor_id: int, now: datetime
) -> list[Booking]:
    """Let somebody wait for each of these weeks at which she has nothing yet, all with one turn."""
    hers = _live_of(person.id, weeks)
    joined = []
    for week in weeks:
        if week.id in hers:
            continue
        booking = taking.take(person.id, week, pool, actor_id, now, state=BookingState.WAITING)
        booking.waits_since = booking.queue_at = now
        joined.append(booking)
    db.session.flush()
    return joined


def weeks_with(booking_id: int, now: datetime) -> set[int]:
    """Return the dates that answering this booking can touch: every coming week, if she waits for a course.

    The caller holds the person's row, under which alone she joins and leaves a list.
    """
    booking = db.session.get_one(Booking, booking_id, populate_existing=True)
    if len(together_of(booking)) == 1:
        return {booking.session_id}
    series_id = db.session.get_one(ScheduledSession, booking.session_id).series_id
    return {booking.session_id, *courses.coming_ids(series_id, now)}


def together_of(booking: Booking) -> list[Booking]:
    """Return the bookings that are one wait with this one, itself too; only of a course are there more."""
    if booking.waits_since is None:
        return [booking]
    return list(db.session.scalars(together(booking).execution_options(populate_existing=True)))


def accept(turn: Sequence[Booking], person: Person, actor_id: int, now: datetime) -> None:
    """Put her on the course with all its weeks. Refuses: as booking a course does."""
    series_id = db.session.get_one(ScheduledSession, turn[0].session_id).series_id
    weeks = courses.weeks_to_take(courses.weeks_of_series(series_id), now)
    taking.refuse_unless_open(person, weeks[0], now, True)
    enrolment, booked = courses.enrol(person, weeks, turn[0].pool, actor_id, now)
    note(now, actor_id, "course booked", f"enrolment:{enrolment.id}")
    courses.say(MessageKind.COURSE_BOOKED, enrolment, booked[0], person, now)


def back_in_the_queue(turn: Sequence[Booking], why: str, now: datetime) -> None:
    """Let the offer of a course go without losing her turn."""
    for booking in turn:
        if booking.state is BookingState.OFFERED:
            waiting.back_in_the_queue(booking, why, now)


def lock_course(series_id: int, now: datetime) -> Collection[int]:
    """Hold every coming week of a course and return them."""
    return lock_courses([series_id], now)


def lock_courses(series_ids: Collection[int], now: datetime) -> Collection[int]:
    """Hold every coming week of these courses and return them."""
    weeks = {week for series_id in series_ids for week in courses.coming_ids(series_id, now)}
    lock_sessions(weeks)
    return weeks


def _waits_of(series_id: int) -> list[list[Booking]]:
    """Return those who wait for a whole course, each with her weeks, first come first."""
    rank = func.coalesce(Booking.queue_at, Booking.created_at)
    rows = db.session.scalars(
        select(Booking)
        .join(Booking.session)
        .where(ScheduledSession.series_id == series_id, Booking.state == BookingState.WAITING, ~Booking.rests)
        .where(Booking.waits_since.is_not(None), Booking.person_id.is_not(None))
        .options(joinedload(Booking.person))
        .order_by(rank, ScheduledSession.starts_at, Booking.id)
        .execution_options(populate_existing=True)
    ).all()
    turns: dict[tuple[int | None, datetime | None], list[Booking]] = {}
    for row in rows:
        turns.setdefault((row.person_id, row.waits_since), []).append(row)
    return [turn for turn in turns.values() if len(turn) > 1]


def _asked(turn: list[Booking], weeks: Sequence[ScheduledSession], now: datetime) -> Turn | None:
    person, pool = turn[0].person, turn[0].pool
    if person is None or not may_be_asked(person, now):
        return None
    read_at = rules.readable_at(now, weeks[0].starts_at)
    until = rules.offered_until(read_at, weeks[0].starts_at, person.notice_hours)
    if until is None or not _has_room(turn[0], person.id, pool, weeks, now):
        return None
    to_come = {week.id for week in weeks}
    meant = tuple(booking for booking in turn if booking.session_id in to_come)
    return Turn(person, meant, read_at, until) if meant else None


def _has_room(
    first: Booking, person_id: int, pool: Pool, weeks: Sequence[ScheduledSession], now: datetime
) -> bool:
    hers = _live_of(person_id, weeks)
    for week in weeks:
        booking = hers.get(week.id)
        if booking is not None and booking.state in TAKING:
            continue
        if pool not in week.pools or not Room(week, pool, now).fits(person_id, first.party_size):
            return False
    return True


def _offer(turn: Turn, now: datetime) -> None:
    first = turn.weeks[0]
    for booking in turn.weeks:
        booking.state, booking.state_at, booking.held_until = BookingState.OFFERED, now, turn.until
        booking.times_offered += 1
        note(now, None, "place offered", f"booking:{booking.id}")
    scheduled = db.session.get_one(ScheduledSession, first.session_id)
    message = outbox.post(
        MessageKind.OFFERED,
        person=turn.person,
        booking=first,
        now=now,
        key=f"booking:{first.id}:offered:{first.times_offered}",
        due_at=turn.read_at,
        useless_at=turn.until,
        schedule_version=scheduled.schedule_version,
    )
    if message is not None and message.channel in _BY_A_HUMAN:
        message.useless_at = scheduled.starts_at
        for booking in turn.weeks:
            booking.held_until = None


def _live_of(person_id: int, weeks: Sequence[ScheduledSession]) -> dict[int, Booking]:
    found = db.session.scalars(
        select(Booking)
        .where(Booking.person_id == person_id, Booking.session_id.in_([week.id for week in weeks]))
        .where(Booking.state.in_(LIVE))
        .order_by(Booking.id)
    )
    return {booking.session_id: booking for booking in found}
