"""Places that wait for somebody new: kept, counted and made hers, inside a caller's transaction."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select, update

from booking import policy
from booking.db import db
from booking.models import Booking, ContactPoint, Person, ScheduledSession
from booking.models.kinds import (
    BookingState,
    ContactKind,
    PersonStatus,
    Pool,
    SessionState,
)
from booking.refusals import ManyWait, Refusal
from booking.services.steps import links, queueing, taking, waiting, welcoming
from booking.services.steps.audit import note
from booking.services.steps.freeing import free_place
from booking.services.steps.letters import told_in_this_call
from booking.services.steps.locks import lock_sessions

# A place waits this long for its letter to go out, or for the office's call.
LONGEST = timedelta(hours=24)
# And this long once the letter has been handed over.
AFTER_THE_LETTER = timedelta(minutes=60)
AT_ONE_ADDRESS = 2
# Of each pool nobody holds out more than this part without having shown who she is; small ones have two.
UNPROVEN_PART = 2
UNPROVEN_AT_LEAST = 2
_WERE_HOLDS = (BookingState.HELD, BookingState.EXPIRED, BookingState.CANCELLED)
_WAITS = (BookingState.WAITING, BookingState.OFFERED)
_ASKED_FOR = (*_WERE_HOLDS, BookingState.WAITING)


@dataclass(frozen=True)
class Kept:
    """What became of one held place: the booking that is hers now, or why there is none.

    `waits` says that she has her turn on the waiting list, or is offered a place from it, and no place yet.
    """

    session_id: int
    booking_id: int | None
    why_not: Refusal | None = None
    waits: bool = False


@dataclass(frozen=True)
class _Occasion:
    """Who makes a held place somebody's, when, whether in a call with her, and what ends the letter's key."""

    actor_id: int
    now: datetime
    in_a_call: bool = False
    ending: str = ""


def is_holding() -> ColumnElement[bool]:
    """Return the condition that a booking waits for somebody new."""
    return Booking.state == BookingState.HELD


def live_holds_at(kind: ContactKind, key: str, now: datetime) -> int:
    """Count the places that wait for an address, whatever names were given with it."""
    people = select(ContactPoint.person_id).where(ContactPoint.kind == kind, ContactPoint.key == key)
    waiting = select(Booking.id).where(is_holding(), Booking.held_until > now, Booking.person_id.in_(people))
    return len(db.session.scalars(waiting).all())


def refuse_unless_few_wait(scheduled: ScheduledSession, pool: Pool) -> None:
    """Say whether one more unknown person may wait for this pool; the caller holds the session's lock.

    Refuses: when half the places wait for people who have not shown yet how they can be reached.
    """
    places = scheduled.places(pool)
    if places is None:
        return
    waiting = select(func.count(Booking.id)).where(
        Booking.session_id == scheduled.id, Booking.pool == pool, is_holding(), ~policy.held_at_the_desk()
    )
    most = max(UNPROVEN_AT_LEAST, math.ceil(places / UNPROVEN_PART))
    if (db.session.scalar(waiting) or 0) >= most:
        raise ManyWait


def begin_the_hour(person_id: int, handed_over_at: datetime) -> None:
    """Let the hour of her held places begin, never longer than they would have waited."""
    until = handed_over_at + AFTER_THE_LETTER
    db.session.execute(
        update(Booking)
        .where(policy.is_hers(person_id), is_holding(), Booking.held_until > until)
        .values(held_until=until),
        execution_options={"synchronize_session": False},
    )


def end_the_wait(person_id: int, now: datetime) -> None:
    """Let the worker free her held places: the letter that asks can't reach her."""
    db.session.execute(
        update(Booking)
        .where(policy.is_hers(person_id), is_holding(), Booking.held_until > now)
        .values(held_until=now),
        execution_options={"synchronize_session": False},
    )


def welcome(newcomer_id: int, person: Person, actor_id: int, now: datetime) -> tuple[Kept, ...]:
    """Make the places held for a newcomer those of the person she turned out to be, herself as a rule.

    The caller holds the locks of both people and has proven how the person can be reached; the locks of
    the sessions are taken here. A place whose time ran out is taken again if there is room.
    """
    newcomer = db.session.get_one(Person, newcomer_id, populate_existing=True)
    if newcomer.status is not PersonStatus.UNPROVEN:
        lock_sessions(_still_held(person.id))
        return confirm_held(person, actor_id, now)
    # A second letter must not book again what she has given up since.
    links.use_up_all(newcomer_id, now)
    if person.status is PersonStatus.UNPROVEN:
        person.status = PersonStatus.ACTIVE
        note(now, actor_id, "address confirmed", f"person:{person.id}")
        db.session.flush()
    session_ids = sorted(_sessions_asked_for(newcomer_id))
    lock_sessions(session_ids)
    at = _Occasion(actor_id, now, in_a_call=actor_id != person.id)
    kept = (_made_hers(session_id, newcomer_id, person, at) for session_id in session_ids)
    return tuple(one for one in kept if one is not None)


def confirm_held(person: Person, actor_id: int, now: datetime, *, ending: str = "") -> tuple[Kept, ...]:
    """Make what is still held for somebody proven hers: she has no letter left to answer.

    The caller holds the locks of the person and of the sessions. `ending` tells the key of the letter from
    that of another time, should this be taken back. What is held for somebody unproven stays held.
    """
    if not policy.may_book(person):
        return ()
    at = _Occasion(actor_id, now, ending=ending)
    kept = (_made_hers(session_id, person.id, person, at) for session_id in _still_held(person.id))
    return tuple(one for one in kept if one is not None)


def confirm_one(session_id: int, person: Person, actor_id: int, now: datetime) -> Kept | None:
    """Make the place that is held at one session hers, as `confirm_held` does for all of them."""
    if not policy.may_book(person):
        return None
    return _made_hers(session_id, person.id, person, _Occasion(actor_id, now))


def _still_held(person_id: int) -> list[int]:
    """Return where a place waits for her letter: one held while the office talks with her does not."""
    held = select(Booking.session_id).where(
        policy.is_hers(person_id), is_holding(), ~policy.held_at_the_desk()
    )
    return list(db.session.scalars(held.order_by(Booking.session_id)))


def _sessions_asked_for(newcomer_id: int) -> set[int]:
    return set(
        db.session.scalars(
            select(Booking.session_id).where(policy.is_hers(newcomer_id), Booking.state.in_(_ASKED_FOR))
        )
    )


def _made_hers(session_id: int, newcomer_id: int, person: Person, at: _Occasion) -> Kept | None:
    held = taking.latest_booking(session_id, newcomer_id)
    scheduled = taking.session_today(session_id)
    if held is None or held.state not in _ASKED_FOR or _was_taken_away(held, scheduled):
        return None
    hers = taking.latest_booking(session_id, person.id)
    if hers is not None and hers.is_live and hers.id != held.id:
        if held.is_live:
            free_place(held, BookingState.GIVEN_UP, "has a place already", at.now)
            note(at.now, at.actor_id, "place given up", f"booking:{held.id}")
        return Kept(session_id, hers.id, waits=hers.state in _WAITS)
    step = _turn_kept if held.state is BookingState.WAITING else _booked
    try:
        booking = step(held, person, scheduled, at)
    except Refusal as refusal:
        if held.is_live:
            free_place(held, BookingState.EXPIRED, "can't be kept", at.now)
            note(at.now, at.actor_id, "hold ended", f"booking:{held.id}")
        return Kept(session_id, None, refusal)
    return Kept(session_id, booking.id, waits=booking.state in _WAITS)


def _turn_kept(held: Booking, person: Person, scheduled: ScheduledSession, at: _Occasion) -> Booking:
    """Let somebody who is known by now keep the rank of when she asked, and offer her what is free."""
    taking.refuse_unless_open(person, scheduled, at.now, True)
    held.person_id = person.id
    db.session.flush()
    letter = queueing.say_waiting(held, person, scheduled, at.now)
    if letter is not None and at.in_a_call:
        told_in_this_call(letter, at.now)
    waiting.offer_free_places(scheduled.id, at.now)
    return held


def _was_taken_away(held: Booking, scheduled: ScheduledSession) -> bool:
    """Say whether the office took this one place back, while the session takes place."""
    return held.state is BookingState.CANCELLED and scheduled.state is not SessionState.CANCELLED


def _booked(held: Booking, person: Person, scheduled: ScheduledSession, at: _Occasion) -> Booking:
    taking.refuse_unless_open(person, scheduled, at.now, held.is_live)
    # Whoever is on the phone with the office is welcomed in that very call.
    state = BookingState.BOOKED if at.in_a_call else welcoming.first_state(person.id, scheduled)
    if held.is_live:
        # Its time may be over, but while it stands nobody else has had the place.
        held.state, held.state_at, held.held_until = state, at.now, None
        held.person_id, held.told_version = person.id, scheduled.schedule_version
        db.session.flush()
        booking = held
    else:
        size = held.party_size
        taking.refuse_unless_free(scheduled, held.pool, person.id, at.now, size)
        booking = taking.take(
            person.id,
            scheduled,
            held.pool,
            at.actor_id,
            at.now,
            state=state,
            party_size=size,
            companion_name=held.companion_name,
        )
    letter = taking.confirm(booking, person, scheduled, at.actor_id, at.now, at.ending)
    if letter is not None and at.in_a_call:
        told_in_this_call(letter, at.now)
    return booking
