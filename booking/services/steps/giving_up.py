"""Giving a place up for its own sake, in the caller's transaction: freed, told, written down."""

from datetime import datetime

from booking.messages import outbox
from booking.models import Booking, Person, ScheduledSession
from booking.models.kinds import ATTENDED, BookingState, MessageKind
from booking.refusals import YouWereThere
from booking.services.steps import welcoming
from booking.services.steps.audit import note
from booking.services.steps.freeing import free_place


def give_up(
    booking: Booking, person: Person, scheduled: ScheduledSession, actor_id: int, now: datetime, why: str
) -> None:
    """Give a live place back and tell her so; what has ended already stays as it is.

    The caller holds the locks of the person and of the session. `why` is a word of our own for the letters
    that are set aside.
    Refuses: a place the register says she used.
    """
    if not booking.is_live:
        return
    if booking.attendance in ATTENDED:
        raise YouWereThere
    waited_for_call = booking.state is BookingState.PROVISIONAL
    free_place(booking, BookingState.GIVEN_UP, why, now)
    if waited_for_call:
        welcoming.end_call_unless_needed(person.id, scheduled.series_id, now)
    if now < scheduled.ends_at:
        outbox.post(
            MessageKind.GIVEN_UP,
            person=person,
            booking=booking,
            now=now,
            key=f"booking:{booking.id}:given_up",
            schedule_version=scheduled.schedule_version,
        )
    note(now, actor_id, "place given up", f"booking:{booking.id}")
