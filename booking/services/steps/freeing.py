"""Ending a live booking: the one step by which a place comes free, whoever frees it and why."""

from datetime import datetime

from booking.db import db
from booking.models import AttendanceMark, Booking
from booking.models.kinds import Attendance, BookingState, MessageKind
from booking.services.steps.letters import withdraw_for_booking

OVERTAKEN = (
    MessageKind.BOOKED,
    MessageKind.REMINDER,
    MessageKind.SESSION_CHANGED,
    MessageKind.COURSE_STARTS,
)


def free_place(booking: Booking, became: BookingState, why: str, now: datetime) -> None:
    """End a live booking and set aside what still waits about it.

    The caller holds the locks of its person and its session. `why` is a word of our own for the letters
    set aside. A mark of the register made before is taken back: giving up is not "didn't come".
    """
    booking.state, booking.state_at, booking.held_until = became, now, None
    _forget_the_mark(booking, now)
    withdraw_for_booking(booking.id, OVERTAKEN, why)


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
