"""The courses a person is on, week by week, and as one on My sessions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from booking.db import db
from booking.models import Booking, Enrolment, ScheduledSession, Series
from booking.models.kinds import LIVE, EnrolmentState, SessionState
from booking.queries.bookings import MyBooking, names_of_leaders
from booking.queries.courses import CourseWeek, weeks_of_course
from booking.refusals import NotFound


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


def her_weeks(enrolment: Enrolment) -> list[CourseWeek]:
    """Return every date of her course since she joined, and those before that were hers."""
    weeks = weeks_of_course(enrolment.series_id, enrolment.person_id)
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


def may_skip(week: CourseWeek, now: datetime) -> bool:
    """Say whether she has a place that week and it has not begun."""
    return _is_hers(week.mine) and week.is_on and week.session.starts_at > now


def may_come(week: CourseWeek, now: datetime) -> bool:
    """Say whether she could take a place that week again."""
    has_room = any(free != 0 for free in week.free.values())
    return not _is_hers(week.mine) and week.is_on and week.session.starts_at > now and has_room


def next_of(weeks: Sequence[CourseWeek], now: datetime) -> CourseWeek | None:
    """Return the next week on which she has a place."""
    return next((week for week in weeks if _is_hers(week.mine) and week.is_on and _is_ahead(week, now)), None)


def _is_ahead(week: CourseWeek, now: datetime) -> bool:
    return week.session.ends_at > now


def _is_hers(booking: Booking | None) -> bool:
    return booking is not None and booking.state in LIVE


def _counts(row: MyBooking) -> bool:
    scheduled: ScheduledSession = row.session
    return row.booking.is_live and scheduled.state is SessionState.PUBLISHED
