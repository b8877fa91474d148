"""Polite noes about waiting lists."""

from flask_babel import lazy_gettext as _l

from booking.refusals.base import Refusal


class NoWaitingList(Refusal):
    """The series keeps none."""

    sentence = _l("There is no waiting list for this session. Have a look at the other dates.")
    field = "pool"


class StillFree(Refusal):
    """She wanted to wait, and a place is free."""

    sentence = _l("A place has come free a moment ago. You can book it now.")
    field = "pool"


class NothingToSwap(Refusal):
    """The place was given up, has begun, or belongs to a course."""

    sentence = _l("This place can't be changed for another date any more.")


class ReasonNeeded(Refusal):
    """Whoever waits longer has a right to know why somebody was put before her."""

    sentence = _l("Say why: the reason is kept beside the waiting list.")
    field = "reason"
