"""Polite noes about courses."""

from flask_babel import lazy_gettext as _l

from booking.refusals.base import Refusal
from booking.refusals.places import BookingClosed, SessionFull


class PartOfACourse(Refusal):
    """One week alone can't be booked: the course is booked as a whole."""

    sentence = _l("This is one week of a course. Book the course, and you have a place on every week.")


class CourseFull(SessionFull):
    """At least one week to come has no place left."""

    sentence = _l("Sorry, the last place on this course has been taken. Have a look at the others.")


class TooLateToJoin(BookingClosed):
    """More weeks have begun than the course lets people miss."""

    sentence = _l("This course has begun, so it can't be joined any more. There will be others.")


class WeekFull(SessionFull):
    """Somebody else has the place by now."""

    sentence = _l("Sorry, somebody else has that place by now. You keep all your other weeks.")
