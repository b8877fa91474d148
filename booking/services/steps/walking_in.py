"""Somebody walked in: the row that puts her on the register, in the transaction of a host or the office."""

from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, select

from booking import policy
from booking.db import db
from booking.models import AttendanceMark, Booking, ScheduledSession
from booking.models.kinds import ATTENDED, LIVE, Attendance, BookingState, Pool
from booking.refusals import AlreadyOnTheRegister
from booking.services.steps import audit

LONGEST_NAME = 100
NOTHING_TO_MARK = _l("This session was cancelled, so there is nothing to mark.")


def bookings_of(*conditions: ColumnElement[bool]) -> list[Booking]:
    """Return the bookings that fit, in order."""
    return list(db.session.scalars(select(Booking).where(*conditions).order_by(Booking.id)))


def made_by_form(session_id: int, nonce: str, person_id: int | None, name: str) -> Booking | None:
    """Return the row this form made already; another name, or one undone since, is somebody to add."""
    same_person = Booking.person_id.is_(None) if person_id is None else Booking.person_id == person_id
    made = bookings_of(
        Booking.session_id == session_id,
        Booking.nonce == nonce,
        Booking.attendance == Attendance.WALKED_IN,
        Booking.walk_in_name == name,
        same_person,
    )
    return made[0] if made else None


def place_not_marked(session_id: int, person_id: int) -> Booking | None:
    """Return the live booking of somebody who stands at the door. Refuses: somebody who is marked already."""
    hers = bookings_of(Booking.session_id == session_id, Booking.person_id == person_id)
    if any(booking.attendance in ATTENDED for booking in hers):
        raise AlreadyOnTheRegister
    return next((booking for booking in hers if booking.state in LIVE), None)


def came(
    scheduled: ScheduledSession,
    person_id: int,
    there: Booking | None,
    actor_id: int,
    now: datetime,
    nonce: str,
) -> Booking:
    """Mark a known person as here, by the booking she has or by a new row."""
    if there is None:
        return add(scheduled, actor_id, now, nonce, person_id=person_id)
    if there.state not in policy.EXPECTED:
        there.state, there.state_at, there.held_until = BookingState.BOOKED, now, None
    record(there, came_by(there.pool), actor_id, now)
    return there


def add(
    scheduled: ScheduledSession,
    actor_id: int,
    now: datetime,
    nonce: str,
    *,
    person_id: int | None = None,
    walk_in_name: str = "",
) -> Booking:
    """Add the row of somebody who had no place."""
    booking = Booking(
        session_id=scheduled.id,
        person_id=person_id,
        walk_in_name=walk_in_name,
        pool=scheduled.pools[0] if scheduled.pools else Pool.ROOM,
        state=BookingState.BOOKED,
        attendance=Attendance.WALKED_IN,
        created_at=now,
        state_at=now,
        booked_by=actor_id,
        nonce=nonce,
        told_version=scheduled.schedule_version,
    )
    db.session.add(booking)
    db.session.flush()
    db.session.add(
        AttendanceMark(
            booking_id=booking.id,
            was=Attendance.NOT_RECORDED,
            attendance=Attendance.WALKED_IN,
            marked_by=actor_id,
            marked_at=now,
        )
    )
    audit.note(now, actor_id, "walk-in added", f"booking:{booking.id}", "attendance")
    return booking


def record(booking: Booking, attendance: Attendance, actor_id: int, now: datetime) -> None:
    """Write one mark on the register; the same mark twice is one."""
    if booking.attendance is attendance:
        return
    db.session.add(
        AttendanceMark(
            booking_id=booking.id,
            was=booking.attendance,
            attendance=attendance,
            marked_by=actor_id,
            marked_at=now,
        )
    )
    booking.attendance = attendance
    audit.note(now, actor_id, "attendance marked", f"booking:{booking.id}", "attendance")


def came_by(pool: Pool) -> Attendance:
    """Return the mark that says she came by the way of her place."""
    return Attendance.JOINED_ONLINE if pool is Pool.ONLINE else Attendance.CAME
