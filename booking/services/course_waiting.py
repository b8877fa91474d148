"""Waiting for a course as a whole, and offering one that has room again in every week to come."""

from datetime import datetime

from sqlalchemy import select

from booking.db import db, transaction
from booking.models import Person, Series
from booking.models.kinds import BookingState, EnrolmentState, Pool
from booking.queries import courses as asked
from booking.queries import waiting as lists
from booking.queries.course_turns import next_turn
from booking.refusals import BookingClosed, NoSuchPool, NotFound, NoWaitingList, StillFree
from booking.services.steps import course_turns, courses, queueing, taking, waiting
from booking.services.steps.audit import note
from booking.services.steps.locks import lock_people
from booking.services.steps.places import free_places_for


def wait_for_course(
    series_id: int,
    person_id: int,
    pool: Pool,
    actor_id: int,
    now: datetime,
    *,
    notice_hours: int | None = None,
) -> int:
    """Let somebody wait for every week to come of a course; return the first booking, a standing one too.

    Refuses: what could not be booked either, a pool that a week does not have, a series without a waiting
    list, and a course with room for her in every week.
    """
    with transaction():
        lock_people([person_id])
        locked = course_turns.lock_course(series_id, now)
        series = db.session.scalar(select(Series).where(Series.id == series_id))
        if series is None or not series.is_course:
            raise NotFound
        if not series.waiting_list:
            raise NoWaitingList
        person = db.session.get_one(Person, person_id)
        standing = courses.weeks_of_series(series_id)
        weeks = [week for week in courses.weeks_to_take(standing, now) if week.id in locked]
        if not weeks:
            raise BookingClosed
        taking.refuse_unless_open(person, weeks[0], now, courses.has_opened(standing, now))
        enrolment = asked.latest_enrolment(series_id, person_id)
        waits = [one for week in weeks if (one := taking.latest_booking(week.id, person_id)) and one.is_live]
        if waits and enrolment is not None and enrolment.state is EnrolmentState.ENROLLED:
            return waits[0].id
        if any(one.state in (BookingState.WAITING, BookingState.OFFERED) for one in waits):
            return waits[0].id
        if any(pool not in week.pools for week in weeks):
            raise NoSuchPool
        waiting.offer_at(locked, now)
        has_one = {one.session_id for one in waits}
        wanted = [week for week in weeks if week.id not in has_one]
        if all(free_places_for(person_id, week, pool, now) != 0 for week in wanted):
            raise StillFree
        joined = course_turns.join(person, weeks, pool, actor_id, now)
        if notice_hours is not None:
            person.notice_hours = queueing.hours_within_reason(notice_hours)
        for booking in joined:
            note(now, actor_id, "waiting list joined", f"booking:{booking.id}")
        queueing.say_waiting(joined[0], person, weeks[0], now)
        return joined[0].id


def offer_courses(now: datetime) -> int:
    """Offer the courses that have room again in every week to come, to whoever waits for them as a whole.

    Looking costs no writing transaction.
    """
    found = [one for one in lists.courses_waited_for(now) if next_turn(one, now) is not None]
    if not found:
        return 0
    with transaction():
        return waiting.offer_at(course_turns.lock_courses(found, now), now)
