"""Ending a live booking: the one step by which a place comes free, whoever frees it and why."""

from datetime import datetime

from booking.db import db
from booking.models import AttendanceMark, Booking
from booking.models.kinds import TAKING, Attendance, BookingState, MessageKind
from booking.services.steps import waiting
from booking.services.steps.letters import withdraw_for_booking

OVERTAKEN = (
    MessageKind.BOOKED,
    MessageKind.REMINDER,
    MessageKind.SESSION_CHANGED,
    MessageKind.COURSE_STARTS,
    MessageKind.WAITING,
    MessageKind.OFFERED,
    MessageKind.PROVISIONAL,
)


def free_place(
    booking: Booking, became: BookingState, why: str, now: datetime, *, passes_on: bool = True
) -> None:
    """End a live booking and set aside what still waits about it.

    The caller holds the locks of its person and its session. `why` is a word of our own for the letters
    set aside. A mark of the register made before is taken back: giving up is not "didn't come". Whoever waits
    is offered the place in this same transaction; `passes_on` False leaves that to a caller who takes it
    again at once. An offer that ends so leaves the same place that others may have let go already: they are
    asked again when another one comes free.
    """
    was_taking, was_asked = booking.state in TAKING, booking.state is BookingState.OFFERED
    booking.state, booking.state_at, booking.held_until = became, now, None
    _forget_the_mark(booking, now)
    withdraw_for_booking(booking.id, OVERTAKEN, why)
    if was_taking and passes_on:
        if not (was_asked and booking.is_from_queue):
            waiting.a_place_came_free(booking.session_id, booking.pool, now)
        waiting.offer_free_places(booking.session_id, now)


def _forget_the_mark(booking: Booking, now: datetime) -> None:
    if booking.attendance is Attendance.NOT_RECORDED:
        return
    db.session.add(
        AttendanceMark(
            booking_id=booking.id,
            was=booking.attendance,
            attendance=Attendance.NOT_RECORDED,
            marked_by=booking.person_id,
            marked_at=now,
        )
    )
    booking.attendance = Attendance.NOT_RECORDED
