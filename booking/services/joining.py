"""The door of an online meeting: she pressed join, or could not get in, and a host has seen to it."""

from datetime import datetime

from sqlalchemy import select

from booking import policy
from booking.db import db, transaction
from booking.models import Booking, ScheduledSession
from booking.queries import bookings as asked
from booking.queries import joining
from booking.refusals import DoorShut, NotFound
from booking.services.steps import taking
from booking.services.steps.audit import note
from booking.services.steps.locks import lock_sessions


def press_join(booking_id: int, now: datetime) -> str:
    """Note that she pressed the button into the meeting, and return its address as it is now.

    It is a hint for the register and never attendance; the first press is the one that is kept.
    Refuses: a booking that does not stand, and a door that is not open.
    """
    with transaction():
        booking, scheduled = _at_the_door(booking_id, now)
        if booking.joined_at is None:
            booking.joined_at = now
        return joining.meeting_of(scheduled).url


def say_stuck(booking_id: int, now: datetime) -> None:
    """Tell the hosts that she can't get in, until one of them has seen to it.

    Refuses: what `press_join` refuses.
    """
    with transaction():
        booking, _scheduled = _at_the_door(booking_id, now)
        if booking.stuck_at is None:
            booking.stuck_at = now


def see_to(booking_id: int, host_id: int, now: datetime) -> int:
    """Let a host say that she has seen to somebody who could not get in; return the date. Twice is once.

    Refuses: a booking of a date that this person does not lead.
    """
    with transaction():
        session_id = db.session.scalar(
            select(Booking.session_id)
            .join(Booking.session)
            .where(Booking.id == booking_id, policy.leads(host_id))
        )
        if session_id is None:
            raise NotFound
        lock_sessions([session_id])
        booking = db.session.get_one(Booking, booking_id, populate_existing=True)
        if booking.stuck_at is not None:
            booking.stuck_at = None
            note(now, host_id, "way in seen to", f"booking:{booking.id}")
        return session_id


def _at_the_door(booking_id: int, now: datetime) -> tuple[Booking, ScheduledSession]:
    """Hold the date and read the booking then: dead the moment it ends."""
    session_id = db.session.scalar(select(Booking.session_id).where(Booking.id == booking_id))
    if session_id is None:
        raise NotFound
    lock_sessions([session_id])
    booking, scheduled = (
        db.session.get_one(Booking, booking_id, populate_existing=True),
        taking.session_today(session_id),
    )
    hers = asked.MyBooking(booking, scheduled, ())
    if not asked.may_join(hers) or not asked.join_is_open(scheduled, now):
        raise DoorShut
    return booking, scheduled
