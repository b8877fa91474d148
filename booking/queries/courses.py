"""Courses: who is on one, her weeks, and what somebody checks before she joins."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import aliased, joinedload

from booking.db import db
from booking.models import Booking, Enrolment, ScheduledSession, Series
from booking.models.kinds import BookingState, EnrolmentState, SessionState


def weeks_of(enrolment_id: int) -> Sequence[Booking]:
    """Return every booking of an enrolment with its session as it is now, in the order of the dates."""
    session = joinedload(Booking.session)
    return db.session.scalars(
        select(Booking)
        .join(Booking.session)
        .where(Booking.enrolment_id == enrolment_id)
        .options(
            session.joinedload(ScheduledSession.series).joinedload(Series.programme),
            session.joinedload(ScheduledSession.venue),
            joinedload(Booking.person),
        )
        .order_by(ScheduledSession.starts_at, Booking.id)
        .execution_options(populate_existing=True)
    ).all()


def starts_her_course() -> ColumnElement[bool]:
    """Return the condition, over booking and session, that this week is the first of hers on a course."""
    earlier, its_session = aliased(Booking), aliased(ScheduledSession)
    an_earlier_week = (
        exists()
        .where(
            earlier.enrolment_id == Booking.enrolment_id,
            earlier.session_id == its_session.id,
            earlier.state == BookingState.BOOKED,
            its_session.state == SessionState.PUBLISHED,
            its_session.starts_at < ScheduledSession.starts_at,
        )
        .correlate(Booking, ScheduledSession)
    )
    on_it = (
        exists()
        .where(Enrolment.id == Booking.enrolment_id, Enrolment.state == EnrolmentState.ENROLLED)
        .correlate(Booking)
    )
    return on_it & ~an_earlier_week
