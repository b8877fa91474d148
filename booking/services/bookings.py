"""Taking a place and giving it up: never oversold, never twice, never scolded."""

from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from booking import policy
from booking.db import db, transaction
from booking.messages import outbox
from booking.models import Booking, Person, ScheduledSession
from booking.models.kinds import ATTENDED, BookingState, ConsentPurpose, MessageKind, Pool
from booking.refusals import NotFound, StaleForm, YouWereThere
from booking.services.steps import consent, holds, offering, taking
from booking.services.steps.audit import note
from booking.services.steps.freeing import free_place
from booking.services.steps.locks import lock_people, lock_sessions
from booking.services.steps.taking import latest_booking, session_today

_SINCE_GIVEN_UP = _l("You gave this place up in the meantime. If you would like it again, book it once more.")


def book_place(
    session_id: int,
    person_id: int,
    pool: Pool,
    actor_id: int,
    now: datetime,
    *,
    seen_booking_id: int | None = None,
    agrees_to_rules: bool = False,
) -> int:
    """Take one place for a person and return the booking's id; her live booking is returned as it is.

    `seen_booking_id` is the latest booking the form knew of (0 for none): a form from before she
    gave up her place must not take it again behind her back. `agrees_to_rules` says that the page showed
    her the ground rules beside the button.
    Refuses: a session that is full, cancelled, closed, booked by the office or not for her, a pool
    it does not have, a record that can't book, and a stale form.
    """
    with transaction():
        lock_people([person_id])
        lock_sessions([session_id])
        latest = latest_booking(session_id, person_id)
        if latest is not None and latest.is_live:
            _confirm_if_held(latest, actor_id, now)
            return latest.id
        if seen_booking_id is not None and seen_booking_id != (latest.id if latest else 0):
            raise StaleForm(_SINCE_GIVEN_UP)
        person, scheduled = _person(person_id), session_today(session_id)
        taking.refuse_unless_open(person, scheduled, now)
        taking.refuse_unless_free(scheduled, pool, person_id, now)
        booking = taking.take(person_id, scheduled, pool, actor_id, now)
        if agrees_to_rules:
            consent.agree(person_id, ConsentPurpose.GROUND_RULES, now)
        taking.confirm(booking, person, scheduled, actor_id, now)
        return booking.id


def give_up_place(booking_id: int, person_id: int, now: datetime) -> None:
    """Give a place back, before, during or after the start, without a reason; twice is once.

    Refuses: a booking that is not hers, and one the register says she used.
    """
    with transaction():
        session_id = db.session.scalar(
            select(Booking.session_id).where(Booking.id == booking_id, policy.is_hers(person_id))
        )
        if session_id is None:
            raise NotFound
        lock_people([person_id])
        lock_sessions([session_id])
        booking, scheduled = db.session.get_one(Booking, booking_id), session_today(session_id)
        if not booking.is_live:
            return
        if booking.attendance in ATTENDED:
            raise YouWereThere
        free_place(booking, BookingState.GIVEN_UP, "given up", now)
        if now < scheduled.ends_at:
            _say_given_up(_person(person_id), booking, scheduled, now)
        note(now, person_id, "place given up", f"booking:{booking.id}")


def _confirm_if_held(booking: Booking, actor_id: int, now: datetime) -> None:
    """Let somebody proven not lose a place that waits for a letter she need not answer any more."""
    if booking.state is BookingState.OFFERED and booking.person_id is not None:
        # Whoever books what is kept for her says yes to it.
        offering.accept(booking, _person(booking.person_id), session_today(booking.session_id), actor_id, now)
    if booking.state is not BookingState.HELD or booking.person_id is None:
        return
    kept = holds.confirm_one(booking.session_id, _person(booking.person_id), actor_id, now)
    if kept is not None and kept.why_not is not None:
        raise kept.why_not


def _say_given_up(person: Person, booking: Booking, scheduled: ScheduledSession, now: datetime) -> None:
    outbox.post(
        MessageKind.GIVEN_UP,
        person=person,
        booking=booking,
        now=now,
        key=f"booking:{booking.id}:given_up",
        schedule_version=scheduled.schedule_version,
    )


def _person(person_id: int) -> Person:
    return db.session.get_one(Person, person_id)
