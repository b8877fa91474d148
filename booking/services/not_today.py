"""Not up to it today: one tap behind the reminder gives her place back, without a reason or a key."""

from datetime import datetime, timedelta

from sqlalchemy import select

from booking.db import db, transaction
from booking.models import Booking, Person
from booking.refusals import LinkNoLongerWorks, TooLateToSay
from booking.services.steps import taking
from booking.services.steps.giving_up import give_up
from booking.services.steps.locks import lock_people, lock_sessions

# Somebody who is still on the sofa half an hour in may say so; afterwards the register speaks.
SAYS_UNTIL = timedelta(minutes=30)


def not_today(booking_id: int, now: datetime) -> None:
    """Give a place back for whoever holds the link in her reminder; twice is once.

    Refuses: a date that began more than half an hour ago, a place that the register says she used, and a
    booking that is nobody's any more.
    """
    with transaction():
        found = db.session.execute(
            select(Booking.person_id, Booking.session_id).where(Booking.id == booking_id)
        ).one_or_none()
        if found is None or found.person_id is None:
            raise LinkNoLongerWorks
        lock_people([found.person_id])
        lock_sessions([found.session_id])
        booking = db.session.get_one(Booking, booking_id, populate_existing=True)
        person = db.session.get_one(Person, found.person_id, populate_existing=True)
        if booking.person_id != person.id:
            # A merge made it another record's in this moment: the same link works at the next press.
            raise LinkNoLongerWorks
        scheduled = taking.session_today(booking.session_id)
        if not booking.is_live:
            return
        if now >= scheduled.starts_at + SAYS_UNTIL:
            raise TooLateToSay
        give_up(booking, person, scheduled, person.id, now, "not up to it")
