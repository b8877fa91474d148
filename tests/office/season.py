"""A small season that can be counted by hand, for the tests of the office."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Flask

from booking.models.kinds import Attendance, BookingState, Pool, SessionState
from tests.support.builders import Builders

NOW = "2026-11-22T12:00+00:00"


@dataclass(frozen=True)
class Season:
    """The ids that tests ask for."""

    ada: int
    ann: int
    ben: int
    tea: int
    yoga: int
    october: int
    november: int
    anns_october: int
    bens_november: int
    anns_coming: int


def small_season(app: Flask) -> Season:
    """Add two series, four dates and nine bookings; the numbers stand beside them."""
    add = Builders(app)
    ada, ann, ben = add.admin(), add.person("Ann"), add.person("Ben")
    tea = add.series("Tea & A Chat Manchester", programme_id=add.programme())
    wellbeing = add.programme("Wellbeing classes", tone="class")
    yoga = add.series("Chair yoga", programme_id=wellbeing, places_online=20)
    october = add.session(tea, on=date(2026, 10, 28))
    november = add.session(yoga, on=date(2026, 11, 4))
    _cancelled = add.session(tea, on=date(2026, 11, 11), state=SessionState.CANCELLED)
    _still_to_come = add.session(tea, on=date(2026, 11, 25))
    anns = _place(add, october, ann, Attendance.CAME)
    _place(add, october, ben, Attendance.DID_NOT_COME)
    _place(add, october, None, Attendance.WALKED_IN)
    _place(add, november, ann, Attendance.JOINED_ONLINE, pool=Pool.ONLINE)
    bens = _place(add, november, ben, Attendance.NOT_RECORDED)
    _place(add, november, add.person("Cat"), Attendance.NOT_RECORDED, state=BookingState.GIVEN_UP)
    _place(add, _cancelled, ann, Attendance.NOT_RECORDED, state=BookingState.CANCELLED)
    anns_coming = _place(add, _still_to_come, ann, Attendance.NOT_RECORDED)
    return Season(ada, ann, ben, tea, yoga, october, november, anns, bens, anns_coming)


def _place(
    add: Builders, session_id: int, person_id: int | None, attendance: Attendance, **facts: Any
) -> int:
    return add.booking(session_id, person_id, attendance=attendance, **facts)
