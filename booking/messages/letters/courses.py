"""The letters about a course: one with all its dates, one when it starts, one when she leaves."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from booking.db import db
from booking.messages.letters import links
from booking.messages.letters.dates import day_words, span_words
from booking.messages.letters.facts import (
    SessionFacts,
    booking_today,
    course_facts,
    course_name,
    discreet_place,
    facts_of,
    when_it_is,
)
from booking.messages.letters.invitations import invitation_to_course
from booking.messages.letters.render import greeting_name, letter_for
from booking.messages.letters.results import Composed, NoLongerTrue
from booking.models import Booking, Enrolment, Message
from booking.models.kinds import BookingState, EnrolmentState, Pool, SessionState
from booking.queries.courses import weeks_of
from booking.rules.reminders import reminder_is_useful

Context = dict[str, Any]


def course_booked(message: Message, now: datetime) -> Composed:
    """Confirm a course with all its dates, and every one of them for her calendar."""
    enrolment = _enrolment(message)
    if enrolment is None or enrolment.state is not EnrolmentState.ENROLLED:
        return NoLongerTrue("not on the course")
    weeks = [week for week in weeks_of(enrolment.id) if _stands(week, now)]
    if not weeks:
        return NoLongerTrue("no week to come")
    first = weeks[0]
    context = _context(first, weeks, course_facts(first, [week.session for week in weeks], ways=True))
    return _letter(message, weeks, context, with_calendar=True)


def course_starts(message: Message, now: datetime) -> Composed:
    """Say that her first week is near, in the stead of that week's reminder."""
    booking, enrolment = _booking(message), _enrolment(message)
    if booking is None or enrolment is None or enrolment.state is not EnrolmentState.ENROLLED:
        return NoLongerTrue("not on the course")
    if not _stands(booking, now):
        return NoLongerTrue("no place any more")
    scheduled = booking.session
    if message.schedule_version != scheduled.schedule_version:
        return NoLongerTrue("overtaken")
    if not reminder_is_useful(message.due_at, scheduled.starts_at, booking.state_at, now):
        return NoLongerTrue("too late")
    weeks = [week for week in weeks_of(enrolment.id) if _stands(week, now)]
    context = _context(booking, weeks, facts_of(booking))
    context["short_place"] = discreet_place(scheduled.venue, booking.pool)
    if booking.pool is Pool.ONLINE:
        context |= {"button_words": _("Join online"), "button_url": links.join_url(booking)}
    return _letter(message, weeks, context, with_calendar=False)


def course_left(message: Message, now: datetime) -> Composed:
    """Say that her later weeks are free again, and take them out of her calendar."""
    enrolment = _enrolment(message)
    if enrolment is None or enrolment.state is not EnrolmentState.LEFT:
        return NoLongerTrue("not left")
    weeks = [week for week in weeks_of(enrolment.id) if _went_by_leaving(week, enrolment)]
    if not weeks or weeks[-1].session.ends_at <= now:
        return NoLongerTrue("over")
    facts = course_facts(weeks[0], [week.session for week in weeks], ways=False)
    context = _context(weeks[0], weeks, facts)
    context |= {"button_words": _("Find a session"), "button_url": links.sessions_url()}
    return _letter(message, weeks, context, with_calendar=True)


def _letter(message: Message, weeks: Sequence[Booking], context: Context, *, with_calendar: bool) -> Composed:
    if weeks[0].person is None:
        return NoLongerTrue("not to be written to")
    # The one that says that a course starts comes to whoever wants no reminders, too: no click stops it.
    return letter_for(message, context, calendar=invitation_to_course(weeks) if with_calendar else None)


def _context(first: Booking, weeks: Sequence[Booking], facts: SessionFacts) -> Context:
    enrolment_id = first.enrolment_id or 0
    scheduled = first.session
    return {
        "greeting": greeting_name(first.person),
        "name": course_name(scheduled.series),
        "day": day_words(scheduled.local_date),
        "span": span_words(scheduled.start_time, scheduled.end_time),
        "facts": facts.rows,
        "in_full": facts.in_full,
        "dates": _dates(weeks),
        "number": len(weeks),
        "is_last": len(weeks) == 1,
        "button_words": _("My course"),
        "button_url": links.my_course_url(enrolment_id),
    }


def _dates(weeks: Sequence[Booking]) -> list[str]:
    """List the dates; a place is said only where it is not that of the first."""
    usual = weeks[0].session.venue_id
    return [
        when_it_is(week.session)
        if week.pool is Pool.ONLINE or week.session.venue_id == usual
        else f"{when_it_is(week.session)}, {discreet_place(week.session.venue, week.pool)}"
        for week in weeks
    ]


def _booking(message: Message) -> Booking | None:
    return booking_today(message.booking_id) if message.booking_id else None


def _enrolment(message: Message) -> Enrolment | None:
    booking = _booking(message)
    if booking is None or booking.enrolment_id is None:
        return None
    return db.session.get(Enrolment, booking.enrolment_id, populate_existing=True)


def _stands(week: Booking, now: datetime) -> bool:
    scheduled = week.session
    is_on = scheduled.state is SessionState.PUBLISHED and scheduled.ends_at > now
    return week.state is BookingState.BOOKED and is_on


def _went_by_leaving(week: Booking, enrolment: Enrolment) -> bool:
    """Tell the weeks given up with the course from those skipped before, which had letters of their own."""
    return week.state is BookingState.GIVEN_UP and week.state_at == enrolment.state_at
