"""The courses a person is on, week by week, and as one on My sessions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from booking import policy
from booking.db import db
from booking.models import Booking, Enrolment, ScheduledSession, Series
from booking.models.kinds import LIVE, BookingState, EnrolmentState, SessionState
from booking.queries.bookings import MyBooking, names_of_leaders
from booking.queries.courses import CourseWeek, weeks_of_course
from booking.refusals import NotFound

_HERS = (BookingState.BOOKED, BookingState.PROVISIONAL, BookingState.HELD)


@dataclass(frozen=True, slots=True)
class MyCourse:
    """A course of hers as one: its weeks that are still to come, the next one first."""

    enrolment_id: int
    weeks: tuple[MyBooking, ...]


def mine(enrolment_id: int, person_id: int) -> Enrolment:
    """Return one enrolment of hers. Refuses: what is not hers, like what does not exist."""
    found = db.session.scalar(
        select(Enrolment).where(Enrolment.id == enrolment_id, Enrolment.person_id == person_id)
    )
    if found is None:
        raise NotFound
    return found


def is_on(enrolment: Enrolment) -> bool:
    """Say whether she is on the course still."""
    return enrolment.state is EnrolmentState.ENROLLED


def series_of(enrolment: Enrolment) -> Series:
    """Return the course with its programme."""
    return db.session.scalars(
        select(Series).where(Series.id == enrolment.series_id).options(joinedload(Series.programme))
    ).one()


def her_weeks(enrolment: Enrolment, now: datetime) -> list[CourseWeek]:
    """Return every date of her course since she joined, and those before that were hers."""
    weeks = weeks_of_course(enrolment.series_id, enrolment.person_id, now)
    return [
        week
        for week in weeks
        if week.mine is not None or (week.is_on and week.session.starts_at > enrolment.created_at)
    ]


def leaders_of(weeks: Sequence[CourseWeek], now: datetime) -> tuple[str, ...]:
    """Return who leads the next week, or the last one."""
    coming = [week.session.id for week in weeks if week.session.ends_at > now]
    shown = coming[:1] or [week.session.id for week in weeks[-1:]]
    return names_of_leaders(shown).get(shown[0], ()) if shown else ()


def courses_among(coming: Sequence[MyBooking]) -> Mapping[int, MyCourse]:
    """Gather the weeks of each course she is on, by the id of the enrolment."""
    found: dict[int, list[MyBooking]] = {}
    for row in coming:
        if row.booking.enrolment_id is not None and _counts(row):
            found.setdefault(row.booking.enrolment_id, []).append(row)
    return {one: MyCourse(one, tuple(weeks)) for one, weeks in found.items()}


def later_weeks(courses: Mapping[int, MyCourse]) -> frozenset[int]:
    """Return the bookings that the card of a course's next week speaks for."""
    return frozenset(week.booking.id for one in courses.values() for week in one.weeks[1:])


def dates_of_courses(
    enrolment_ids: Sequence[int | None], now: datetime
) -> Mapping[int, list[ScheduledSession]]:
    """Return, by enrolment, the dates to come on which somebody has a place: of many in one query."""
    rows = db.session.execute(
        select(Booking.enrolment_id, ScheduledSession)
        .join(ScheduledSession, ScheduledSession.id == Booking.session_id)
        .where(
            Booking.enrolment_id.in_(enrolment_ids),
            Booking.state == BookingState.BOOKED,
            ScheduledSession.state == SessionState.PUBLISHED,
            ScheduledSession.ends_at > now,
        )
        .order_by(ScheduledSession.starts_at, ScheduledSession.id)
    )
    found: dict[int, list[ScheduledSession]] = {}
    for enrolment_id, scheduled in rows:
        found.setdefault(enrolment_id or 0, []).append(scheduled)
    return found


def may_skip(week: CourseWeek, now: datetime) -> bool:
    """Say whether she has a place that week and it has not begun."""
    return _has_it(week.mine) and week.is_on and week.session.starts_at > now


def has_place(session_id: int, person_id: int) -> bool:
    """Say whether she has a place on a date."""
    found = select(Booking.id).where(Booking.session_id == session_id, policy.is_hers(person_id))
    return db.session.scalar(found.where(Booking.state.in_(LIVE)).limit(1)) is not None


def may_come(week: CourseWeek, now: datetime) -> bool:
    """Say whether she could take a place that week again."""
    is_live = week.mine is not None and week.mine.is_live
    return not is_live and policy.is_still_bookable(week.session, now) and has_room(week)


def has_room(week: CourseWeek) -> bool:
    """Say whether that week has a place for her."""
    return any(free != 0 for free in week.free.values())


def is_taken(week: CourseWeek) -> bool:
    """Say whether other people have every place of that week."""
    return all(left == 0 for left in week.left.values())


def next_of(weeks: Sequence[CourseWeek], now: datetime) -> CourseWeek | None:
    """Return the next week on which she has a place."""
    return next((week for week in weeks if _has_it(week.mine) and week.is_on and _is_ahead(week, now)), None)


def _is_ahead(week: CourseWeek, now: datetime) -> bool:
    return week.session.ends_at > now


def _has_it(booking: Booking | None) -> bool:
    """Say whether a place is hers; one that she waits for, or is asked about, is none yet."""
    return booking is not None and booking.state in _HERS


def _counts(row: MyBooking) -> bool:
    scheduled: ScheduledSession = row.session
    return _has_it(row.booking) and scheduled.state is SessionState.PUBLISHED
