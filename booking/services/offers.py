"""Answering a place that is kept for somebody: yes please, or not this time."""

from datetime import datetime

from sqlalchemy import select

from booking.db import db, transaction
from booking.models import Booking, Person
from booking.models.kinds import BookingState
from booking.refusals import NotFound, StaleForm
from booking.services.steps import calls, course_turns, offering, taking, waiting
from booking.services.steps.audit import note
from booking.services.steps.freeing import free_place
from booking.services.steps.locks import lock_people, lock_sessions
from booking.services.steps.swapping import let_go_of, sessions_of_swap

_ASKED = (BookingState.WAITING, BookingState.OFFERED)


def accept_offer(
    booking_id: int, now: datetime, actor_id: int | None = None, *, seen_version: int | None = None
) -> None:
    """Make an offered place hers; saying yes twice is saying it once.

    If she kept another place while she waited for this one, that one is given up in the same moment.
    `actor_id` is who presses the button, herself unless told; `seen_version` the date's version that the
    page showed.
    Refuses: a place that went back and is gone, a date that is cancelled, has started or was moved since
    she looked, and a record that can't book.
    """
    with transaction():
        booking, person = _held(booking_id, now)
        scheduled = taking.session_today(booking.session_id)
        if seen_version not in (None, scheduled.schedule_version):
            raise StaleForm
        newer = taking.latest_booking(booking.session_id, person.id)
        if newer is not None and newer.is_live and newer.id != booking.id:
            # She booked the same date by herself since: that is the place she wanted.
            return
        if booking.state in _ASKED:
            turn = course_turns.asked_together(booking)
            if course_turns.is_whole(turn):
                course_turns.accept(turn, person, actor_id or person.id, now)
                _note_by_phone(booking, actor_id, now)
                return
        elif len(course_turns.together_of(booking)) > 1:
            return
        was_answered = booking.state is BookingState.BOOKED
        offering.accept(booking, person, scheduled, actor_id or person.id, now)
        _note_by_phone(booking, actor_id, now)
        if not was_answered:
            let_go_of(booking.swap_for_id, person, actor_id or person.id, now, took=booking.id)


def decline_offer(booking_id: int, now: datetime, actor_id: int | None = None) -> None:
    """Let an offered place go; no letter follows. What she has answered or lost already stays as it is.

    Whoever waited for it keeps her turn: she is asked again when another place comes free.
    """
    with transaction():
        booking, person = _held(booking_id, now)
        turn = course_turns.asked_together(booking) or [booking]
        is_late = booking.state is BookingState.WAITING and booking.held_until is not None
        if is_late or booking.state is BookingState.OFFERED:
            _note_by_phone(booking, actor_id, now)
        if booking.state is BookingState.OFFERED and course_turns.is_whole(turn):
            course_turns.back_in_the_queue(turn, "not this time", now)
            # Its weeks are also for those who wait for one of them.
            waiting.offer_at({one.session_id for one in turn}, now)
        elif booking.state is BookingState.OFFERED and booking.is_from_queue:
            waiting.back_in_the_queue(booking, "not this time", now)
            waiting.offer_free_places(booking.session_id, now)
        elif booking.state is BookingState.OFFERED:
            free_place(booking, BookingState.GIVEN_UP, "not this time", now)
        elif is_late:
            waiting.end_late_chance(booking, "not this time", now)
            waiting.offer_free_places(booking.session_id, now)
        else:
            return
        note(now, actor_id or person.id, "offer declined", f"booking:{booking.id}")


def _note_by_phone(booking: Booking, actor_id: int | None, now: datetime) -> None:
    """Where the office answers for her, she was on the phone: no second call waits to tell her."""
    if actor_id is not None and actor_id != booking.person_id and booking.is_from_queue:
        calls.note_heard(booking, actor_id, now)


def _held(booking_id: int, now: datetime) -> tuple[Booking, Person]:
    """Hold whom an offer is for, its date and those she might swap it for, and read them afterwards."""
    found = db.session.execute(
        select(Booking.person_id, Booking.session_id, Booking.swap_for_id).where(
            Booking.id == booking_id, Booking.instead_of_id.is_not(None) | Booking.waits_since.is_not(None)
        )
    ).one_or_none()
    if found is None or found.person_id is None:
        raise NotFound
    lock_people([found.person_id])
    lock_sessions(course_turns.weeks_with(booking_id, now) | sessions_of_swap(found.swap_for_id))
    booking = db.session.get_one(Booking, booking_id, populate_existing=True)
    if booking.person_id != found.person_id:
        # A merge made it another record's in this moment.
        raise StaleForm
    return booking, db.session.get_one(Person, found.person_id, populate_existing=True)
