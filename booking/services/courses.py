"""Courses: booked once with a place on every week, left in two taps, and one week at a time skipped."""

from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from booking import policy
from booking.db import db, transaction
from booking.models import Booking, Enrolment, Person, ScheduledSession, Series
from booking.models.kinds import (
    ATTENDED,
    BookingState,
    ConsentPurpose,
    EnrolmentState,
    MessageKind,
    Pool,
    SessionState,
)
from booking.queries import courses as asked
from booking.queries import new_weeks
from booking.queries.new_weeks import NewWeek
from booking.refusals import (
    BookingClosed,
    NotFound,
    PersonCannotBook,
    Refusal,
    SessionCancelled,
    StaleForm,
    WeekFull,
)
from booking.rules.quiet_hours import next_allowed
from booking.services.steps import consent, courses, taking, waiting, welcoming
from booking.services.steps.audit import note
from booking.services.steps.freeing import free_all
from booking.services.steps.letters import withdraw_for_booking
from booking.services.steps.locks import lock_people, lock_sessions
from booking.services.steps.places import free_places_for
from booking.services.steps.taking import session_today

_SINCE_SKIPPED = _l(
    "You skipped that week in the meantime. If you would like to come after all, say so below."
)
_SINCE_LEFT = _l("You left this course in the meantime. If you would like it again, book it once more.")


def book_course(
    series_id: int,
    person_id: int,
    pool: Pool,
    actor_id: int,
    now: datetime,
    *,
    seen_enrolment_id: int | None = None,
    agrees_to_rules: bool = False,
) -> int:
    """Put a person on a course with a place on every week to come; return her enrolment, a standing one too.

    `seen_enrolment_id` is the latest enrolment the form knew of (0 for none): a form from before she left
    must not put her on the course again behind her back.
    Refuses: a course that is full in one of its weeks, over, begun too long ago or not for her, a pool it
    does not have, a record that can't book, and a stale form.
    """
    with transaction():
        lock_people([person_id])
        locked = courses.coming_ids(series_id, now)
        lock_sessions(locked)
        latest = asked.latest_enrolment(series_id, person_id)
        if latest is not None and latest.state is EnrolmentState.ENROLLED:
            return latest.id
        if seen_enrolment_id is not None and seen_enrolment_id != (latest.id if latest else 0):
            raise StaleForm(_SINCE_LEFT)
        _refuse_what_is_no_course(series_id)
        person = _person(person_id)
        weeks = courses.weeks_of_series(series_id)
        # A week that was added while the locks were waited for is given later, under its own lock.
        taken = [week for week in courses.weeks_to_take(weeks, now) if week.id in locked]
        if not taken:
            raise BookingClosed
        taking.refuse_unless_open(person, taken[0], now, courses.has_opened(weeks, now))
        # Whoever waits for it, or for one of its weeks, was here before her.
        waiting.offer_at(locked, now)
        enrolment, booked = courses.enrol(person, taken, pool, actor_id, now)
        if agrees_to_rules:
            consent.agree(person_id, ConsentPurpose.GROUND_RULES, now)
        note(now, actor_id, "course booked", f"enrolment:{enrolment.id}")
        if booked[0].state is BookingState.PROVISIONAL:
            taking.confirm(booked[0], person, taken[0], actor_id, now)
        else:
            courses.say(MessageKind.COURSE_BOOKED, enrolment, booked[0], person, now)
        # Whoever else was told of a last place late hears of the next one anew.
        waiting.offer_at(locked, now)
        return enrolment.id


def leave_course(enrolment_id: int, person_id: int, now: datetime) -> int:
    """Leave a course without a reason and free every later week at once; return how many. Twice is once.

    Refuses: a course that is not hers.
    """
    with transaction():
        enrolment = _hers(enrolment_id, person_id)
        lock_people([person_id])
        lock_sessions(courses.coming_ids(enrolment.series_id, now))
        db.session.refresh(enrolment)
        if enrolment.state is EnrolmentState.LEFT:
            return 0
        weeks = [week for week in asked.weeks_of(enrolment.id) if week.is_live]
        for week in weeks:
            withdraw_for_booking(week.id, [MessageKind.COURSE_BOOKED], "course left")
        later = [week for week in weeks if week.session.starts_at > now and week.attendance not in ATTENDED]
        free_all(later, BookingState.GIVEN_UP, "course left", now)
        courses.end(enrolment, now)
        welcoming.end_call_unless_needed(person_id, enrolment.series_id, now)
        note(now, person_id, "course left", f"enrolment:{enrolment.id}")
        if later:
            courses.say(MessageKind.COURSE_LEFT, enrolment, later[0], _person(person_id), now)
        return len(later)


def come_to_week(
    enrolment_id: int,
    session_id: int,
    person_id: int,
    now: datetime,
    *,
    seen_booking_id: int | None = None,
) -> int:
    """Take the place on one week of her course again, after she skipped it; return the booking.

    `seen_booking_id` is the latest booking of that week her page knew of (0 for none).
    Refuses: a course that is not hers or that she left, a record that can't book, a week that is full,
    cancelled or closed, and one whose last places are kept for newcomers; and a stale form.
    """
    with transaction():
        enrolment = _hers(enrolment_id, person_id)
        lock_people([person_id])
        lock_sessions([session_id])
        db.session.refresh(enrolment)
        scheduled = session_today(session_id)
        if scheduled.series_id != enrolment.series_id or enrolment.state is not EnrolmentState.ENROLLED:
            raise NotFound
        latest = taking.latest_booking(session_id, person_id)
        if latest is not None and latest.is_live:
            return latest.id
        if seen_booking_id is not None and seen_booking_id != (latest.id if latest else 0):
            raise StaleForm(_SINCE_SKIPPED)
        # A place that has come free by itself is somebody's who waits.
        waiting.offer_free_places(session_id, now)
        return _take_week(enrolment, scheduled, _person(person_id), now).id


def give_new_weeks(now: datetime, limit: int = 100) -> int:
    """Give people on a course the weeks added since they joined, where there is room; return how many.

    Derived, like reminders: whoever added the weeks need not know who is on the course.
    """
    found = new_weeks.weeks_to_give(now, limit)
    if not found:
        return 0
    with transaction():
        lock_people(week.person_id for week in found)
        lock_sessions(week.session_id for week in found)
        return sum(_give_new_week(week, now) for week in found)


def _give_new_week(new: NewWeek, now: datetime) -> bool:
    if not new_weeks.is_lacked(new, now):
        return False
    enrolment = db.session.get_one(Enrolment, new.enrolment_id, populate_existing=True)
    scheduled, person = session_today(new.session_id), _person(new.person_id)
    try:
        _take_week(enrolment, scheduled, person, now, due_at=next_allowed(now))
    except Refusal:
        # Full, cancelled or begun by now: her page shows which weeks have no place for her.
        return False
    return True


def _take_week(
    enrolment: Enrolment,
    scheduled: ScheduledSession,
    person: Person,
    now: datetime,
    due_at: datetime | None = None,
) -> Booking:
    """Take one week of her course in the pool of her other weeks, else in the other pool."""
    if not policy.may_book(person):
        raise PersonCannotBook
    if not policy.is_still_bookable(scheduled, now):
        raise SessionCancelled if scheduled.state is SessionState.CANCELLED else BookingClosed
    usual = asked.usual_pool(enrolment.id)
    pools = sorted(scheduled.pools, key=lambda pool: pool is not usual)
    free = [pool for pool in pools if free_places_for(person.id, scheduled, pool, now) != 0]
    if not free:
        raise courses.no_place(scheduled, policy.newcomers_pool(scheduled), WeekFull())
    state = welcoming.first_state(person.id, scheduled)
    booking = taking.take(person.id, scheduled, free[0], person.id, now, state=state)
    message = taking.confirm(booking, person, scheduled, person.id, now)
    if message is not None and due_at is not None:
        message.due_at = due_at
    return booking


def _hers(enrolment_id: int, person_id: int) -> Enrolment:
    enrolment = db.session.scalar(
        select(Enrolment).where(Enrolment.id == enrolment_id, Enrolment.person_id == person_id)
    )
    if enrolment is None:
        raise NotFound
    return enrolment


def _refuse_what_is_no_course(series_id: int) -> None:
    series = db.session.get(Series, series_id)
    if series is None or not series.is_course:
        raise NotFound


def _person(person_id: int) -> Person:
    return db.session.get_one(Person, person_id)
