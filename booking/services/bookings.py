"""Taking a place, changing it and giving it up: never oversold, never twice, never scolded."""

from collections.abc import Collection, Mapping
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from booking import policy
from booking.db import db, transaction
from booking.messages import outbox
from booking.models import Booking, Person, ScheduledSession
from booking.models.kinds import ATTENDED, BookingState, ConsentPurpose, MessageKind, Pool
from booking.refusals import NotFound, Refusal, StaleForm, YouWereThere
from booking.rules.names import first_word
from booking.services.steps import (
    consent,
    course_turns,
    holds,
    offering,
    party,
    swapping,
    taking,
    waiting,
    welcoming,
)
from booking.services.steps.audit import note
from booking.services.steps.freeing import free_all
from booking.services.steps.locks import lock_people, lock_sessions
from booking.services.steps.places import free_places_for
from booking.services.steps.taking import latest_booking, session_today

_SINCE_GIVEN_UP = _l("You gave this place up in the meantime. If you would like it again, book it once more.")
# How long the first name of whoever comes with her may be.
LONGEST_NAME = 100


def book_place(
    session_id: int,
    person_id: int,
    pool: Pool,
    actor_id: int,
    now: datetime,
    *,
    seen_booking_id: int | None = None,
    agrees_to_rules: bool = False,
    companion_name: str = "",
    had_call: bool = False,
) -> int:
    """Take one place for a person and return the booking's id; her live booking is returned as it is.

    `seen_booking_id` is the latest booking the form knew of (0 for none): a form from before she
    gave up her place must not take it again behind her back. `agrees_to_rules` says that the page showed
    her the ground rules beside the button. Whoever comes with her takes a second place. What she waits for
    in the stead of a place she keeps is a change: that place is given up in the same moment. `had_call` says
    that the office has just welcomed her: a place of a series that wants a call first is hers at once.
    Refuses: a session that is full, cancelled, closed or not for her, a pool it does not have, somebody
    brought to where nobody is, a record that can't book, and a stale form.
    """
    companion = first_word(companion_name, LONGEST_NAME)
    with transaction():
        _hold(person_id, [session_id])
        booking_id = _take_one(
            session_id, person_id, pool, actor_id, now, seen_booking_id, companion, had_call
        )
        if agrees_to_rules:
            consent.agree(person_id, ConsentPurpose.GROUND_RULES, now)
        return booking_id


def book_places(
    session_ids: Collection[int],
    person_id: int,
    pool_by_session: Mapping[int, Pool],
    actor_id: int,
    now: datetime,
    *,
    agrees_to_rules: bool = False,
    had_call: bool = False,
    seen_booking_ids: Mapping[int, int] | None = None,
) -> dict[int, int | Refusal]:
    """Take a place on each of several dates; one that is full stops no other.

    Each is a booking of its own. Returns for each date its booking, or why there is none.
    `seen_booking_ids` are the latest bookings the form knew of (0 for none), as in `book_place`.
    Refuses: a date that does not exist.
    """
    seen = seen_booking_ids or {}
    results: dict[int, int | Refusal] = {}
    with transaction():
        _hold(person_id, session_ids)
        for session_id in sorted(set(session_ids)):
            pool = pool_by_session[session_id]
            try:
                results[session_id] = _take_one(
                    session_id, person_id, pool, actor_id, now, seen.get(session_id), "", had_call
                )
            except Refusal as refusal:
                results[session_id] = refusal
        if agrees_to_rules and any(isinstance(result, int) for result in results.values()):
            consent.agree(person_id, ConsentPurpose.GROUND_RULES, now)
    return results


def switch_pool(
    booking_id: int,
    person_id: int,
    now: datetime,
    actor_id: int | None = None,
    seen_revision: int | None = None,
) -> Pool:
    """Let her come the other way, in the room or online, while that has room; return how she comes now.

    Whoever waits for the pool she leaves is offered her place in the same transaction. `seen_revision` is
    what her page knew of: a second press, or an old page, changes nothing and shows what stands.
    Refuses: what is not hers, a place that is not sure yet or is over, a date with one pool, and a full one.
    """
    with transaction():
        booking, scheduled = _hers(booking_id, person_id)
        if seen_revision not in (None, booking.revision):
            return booking.pool
        party.switch(booking, _person(person_id), scheduled, now)
        note(now, actor_id or person_id, "pool switched", f"booking:{booking.id}", "pool")
        return booking.pool


def change_companion(
    booking_id: int, person_id: int, now: datetime, companion_name: str, actor_id: int | None = None
) -> None:
    """Bring somebody along, change the name, or come by herself after all; an empty name is the last.

    A place that comes free is offered to whoever waits, in the same transaction. Twice is once.
    Refuses: what is not hers or is over, somebody brought to where nobody is, and no room for two.
    """
    name = first_word(companion_name, LONGEST_NAME)
    with transaction():
        booking, scheduled = _hers(booking_id, person_id)
        if name == booking.companion_name:
            return
        party.change(booking, _person(person_id), scheduled, name, now)
        note(now, actor_id or person_id, "companion changed", f"booking:{booking.id}", "companion_name")


def give_up_place(booking_id: int, person_id: int, now: datetime, actor_id: int | None = None) -> None:
    """Give a place back, before, during or after the start, without a reason; twice is once.

    `actor_id` is who does it for her on the phone, herself unless told.
    Refuses: a booking that is not hers, and one the register says she used.
    """
    with transaction():
        booking, scheduled = _hers(booking_id, person_id)
        if not booking.is_live:
            return
        if booking.attendance in ATTENDED:
            raise YouWereThere
        waited_for_call = booking.state is BookingState.PROVISIONAL
        asked = (BookingState.WAITING, BookingState.OFFERED)
        turn = course_turns.asked_together(booking) if booking.state in asked else [booking]
        # One week of a course that is asked about as a whole is all of it.
        free_all(turn, BookingState.GIVEN_UP, "given up", now)
        if waited_for_call:
            welcoming.end_call_unless_needed(person_id, scheduled.series_id, now)
        if now < scheduled.ends_at:
            _say_given_up(_person(person_id), booking, scheduled, now)
        note(now, actor_id or person_id, "place given up", f"booking:{booking.id}")


def _take_one(
    session_id: int,
    person_id: int,
    pool: Pool,
    actor_id: int,
    now: datetime,
    seen_booking_id: int | None,
    companion: str,
    had_call: bool,
) -> int:
    """Take one place under the locks of the person and the session."""
    latest = latest_booking(session_id, person_id)
    if latest is not None and latest.is_live:
        _confirm_if_held(latest, pool, actor_id, now)
        if latest.state is BookingState.WAITING:
            _take_what_she_waits_for(latest, pool, actor_id, now)
        return latest.id
    if seen_booking_id is not None and seen_booking_id != (latest.id if latest else 0):
        raise StaleForm(_SINCE_GIVEN_UP)
    person, scheduled, many = _person(person_id), session_today(session_id), 2 if companion else 1
    taking.refuse_unless_open(person, scheduled, now)
    # A place that has come free by itself, as when a pause ended, is somebody's who waits.
    waiting.offer_free_places(session_id, now)
    taking.refuse_unless_along(scheduled, person_id, companion)
    taking.refuse_unless_free(scheduled, pool, person_id, now, many)
    state = BookingState.BOOKED if had_call else welcoming.first_state(person_id, scheduled)
    booking = taking.take(
        person_id,
        scheduled,
        pool,
        actor_id,
        now,
        state=state,
        party_size=many,
        companion_name=companion,
    )
    taking.confirm(booking, person, scheduled, actor_id, now)
    return booking.id


def _hold(person_id: int, session_ids: Collection[int]) -> None:
    """Hold her and the dates, and every date at which a place ends if one of these is a change for her."""
    lock_people([person_id])
    lock_sessions({*session_ids} | swapping.sessions_changed(person_id, session_ids))


def _hers(booking_id: int, person_id: int) -> tuple[Booking, ScheduledSession]:
    """Hold a booking of hers and its date, and read both afterwards."""
    session_id = db.session.scalar(
        select(Booking.session_id).where(Booking.id == booking_id, policy.is_hers(person_id))
    )
    if session_id is None:
        raise NotFound
    lock_people([person_id])
    lock_sessions([session_id])
    booking = db.session.get_one(Booking, booking_id, populate_existing=True)
    if booking.person_id != person_id:
        # A merge made it another record's in this moment.
        raise NotFound
    return booking, session_today(session_id)


def _confirm_if_held(booking: Booking, pool: Pool, actor_id: int, now: datetime) -> None:
    """Let somebody proven not lose a place that waits for a letter she need not answer any more."""
    if booking.person_id is None:
        return
    told_late = booking.state is BookingState.WAITING and booking.held_until is not None
    # In the other pool nothing is left to her: there she takes what anybody may.
    told_late = told_late and booking.pool is pool
    if booking.state is BookingState.OFFERED or told_late:
        # Whoever books what is kept for her says yes to it.
        _say_yes(booking, booking.person_id, actor_id, now)
    if booking.state is not BookingState.HELD:
        return
    kept = holds.confirm_one(booking.session_id, _person(booking.person_id), actor_id, now)
    if kept is not None and kept.why_not is not None:
        raise kept.why_not


def _take_what_she_waits_for(booking: Booking, pool: Pool, actor_id: int, now: datetime) -> None:
    """Give her a place that nobody else is asked about, in either pool; else she waits on as she did."""
    if booking.person_id is None:
        return
    scheduled = session_today(booking.session_id)
    free = free_places_for(booking.person_id, scheduled, pool, now)
    if pool in scheduled.pools and (free is None or free >= booking.party_size):
        booking.pool = pool
        _say_yes(booking, booking.person_id, actor_id, now)


def _say_yes(booking: Booking, person_id: int, actor_id: int, now: datetime) -> None:
    """Make what she waits for hers; the place that she kept until then is given up."""
    person, turn = _person(person_id), course_turns.asked_together(booking)
    if booking.state is BookingState.OFFERED and course_turns.is_whole(turn):
        # One week of a course that is kept for her is all of it.
        course_turns.accept(turn, person, actor_id, now)
        return
    offering.accept(booking, person, session_today(booking.session_id), actor_id, now)
    swapping.let_go_of(booking.swap_for_id, person, actor_id, now, took=booking.id)


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
