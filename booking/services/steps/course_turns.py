"""Waiting for a course as a whole: every week to come is asked about together, under all their locks."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select

from booking.db import db
from booking.models import Booking, Person, ScheduledSession
from booking.models.kinds import LIVE, BookingState, MessageKind, Pool
from booking.queries.my_waiting import left_lately
from booking.queries.waiting import together
from booking.services.steps import courses, taking, waiting
from booking.services.steps.audit import note
from booking.services.steps.locks import lock_sessions


def join(
    person: Person, weeks: Sequence[ScheduledSession], pool: Pool, actor_id: int, now: datetime
) -> list[Booking]:
    """Let somebody wait for each of these weeks at which she has nothing yet, all with one turn."""
    hers = _live_of(person.id, weeks)
    left = left_lately(person.id, [week.id for week in weeks], pool, now)
    joined = []
    for week in weeks:
        if week.id in hers:
            continue
        booking = taking.take(person.id, week, pool, actor_id, now, state=BookingState.WAITING)
        booking.waits_since, booking.queue_at = now, left.queue_at if left is not None else now
        joined.append(booking)
    db.session.flush()
    return joined


def weeks_with(booking_id: int, now: datetime) -> set[int]:
    """Return the dates that answering this booking can touch: every coming week, if she waits for a course.

    The caller holds the person's row, under which alone she joins and leaves a list.
    """
    booking = db.session.get_one(Booking, booking_id, populate_existing=True)
    if not is_whole(together_of(booking)):
        return {booking.session_id}
    series_id = db.session.get_one(ScheduledSession, booking.session_id).series_id
    return {booking.session_id, *courses.coming_ids(series_id, now)}


def together_of(booking: Booking) -> list[Booking]:
    """Return the bookings that are one wait with this one, itself too; only of a course are there more."""
    if booking.waits_since is None:
        return [booking]
    return list(db.session.scalars(together(booking).execution_options(populate_existing=True)))


def asked_together(booking: Booking) -> list[Booking]:
    """Return what she still waits for, or is offered, in one wait with this booking, which is one of it."""
    return [one for one in together_of(booking) if one.state in (BookingState.WAITING, BookingState.OFFERED)]


def is_whole(turn: Sequence[Booking]) -> bool:
    """Say whether this is the wait for a course as a whole, always so where no week stands alone."""
    if len(turn) > 1:
        return True
    scheduled = taking.session_today(turn[0].session_id)
    return turn[0].is_from_queue and not scheduled.series.single_dates


def ask_anew(booking: Booking, why: str, now: datetime) -> None:
    """Take back what she was asked of a course together with this week, whose letter named it: she waits on.

    Whoever offers what is free next asks her about what is to be had now.
    """
    for one in asked_together(booking):
        if one.state is BookingState.OFFERED:
            waiting.back_in_the_queue(one, why, now, rests=False)


def accept(turn: Sequence[Booking], person: Person, actor_id: int, now: datetime) -> None:
    """Put her on the course with all its weeks. Refuses: as booking a course does."""
    series_id = db.session.get_one(ScheduledSession, turn[0].session_id).series_id
    is_kept = any(booking.state is BookingState.OFFERED for booking in turn)
    weeks = courses.weeks_to_take(courses.weeks_of_series(series_id), now, is_kept=is_kept)
    taking.refuse_unless_open(person, weeks[0], now, True)
    enrolment, booked = courses.enrol(person, weeks, turn[0].pool, actor_id, now)
    note(now, actor_id, "course booked", f"enrolment:{enrolment.id}")
    if booked[0].state is BookingState.PROVISIONAL:
        taking.confirm(booked[0], person, weeks[0], actor_id, now)
    else:
        courses.say(MessageKind.COURSE_BOOKED, enrolment, booked[0], person, now)
    # Whoever else was told of a last place late hears of the next one anew.
    waiting.offer_at({week.id for week in weeks}, now)


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


def _live_of(person_id: int, weeks: Sequence[ScheduledSession]) -> dict[int, Booking]:
    found = db.session.scalars(
        select(Booking)
        .where(Booking.person_id == person_id, Booking.session_id.in_([week.id for week in weeks]))
        .where(Booking.state.in_(LIVE))
        .order_by(Booking.id)
    )
    return {booking.session_id: booking for booking in found}
