"""Places that wait for somebody new: kept, counted and made hers, inside a caller's transaction."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select, update

from booking import policy
from booking.db import db
from booking.models import Booking, ContactPoint, Message, Person, ScheduledSession
from booking.models.kinds import BookingState, Channel, ContactKind, MessageState, PersonStatus, SessionState
from booking.refusals import Refusal
from booking.services.steps import links, taking
from booking.services.steps.audit import note
from booking.services.steps.freeing import free_place
from booking.services.steps.locks import lock_sessions

# A place waits this long for its letter to go out, or for the office's call.
LONGEST = timedelta(hours=24)
# And this long once the letter has been handed over.
AFTER_THE_LETTER = timedelta(minutes=60)
AT_ONE_ADDRESS = 2
_WERE_HOLDS = (BookingState.HELD, BookingState.EXPIRED, BookingState.CANCELLED)


@dataclass(frozen=True)
class Kept:
    """What became of one held place: the booking that is hers now, or why there is none."""

    session_id: int
    booking_id: int | None
    why_not: Refusal | None = None


def is_holding() -> ColumnElement[bool]:
    """Return the condition that a booking waits for somebody new."""
    return Booking.state == BookingState.HELD


def live_holds_at(kind: ContactKind, key: str, now: datetime) -> int:
    """Count the places that wait for an address, whatever names were given with it."""
    people = select(ContactPoint.person_id).where(ContactPoint.kind == kind, ContactPoint.key == key)
    waiting = select(Booking.id).where(is_holding(), Booking.held_until > now, Booking.person_id.in_(people))
    return len(db.session.scalars(waiting).all())


def begin_the_hour(person_id: int, handed_over_at: datetime) -> None:
    """Let the hour of her held places begin, never longer than they would have waited."""
    until = handed_over_at + AFTER_THE_LETTER
    db.session.execute(
        update(Booking)
        .where(policy.is_hers(person_id), is_holding(), Booking.held_until > until)
        .values(held_until=until),
        execution_options={"synchronize_session": False},
    )


def welcome(newcomer_id: int, person: Person, actor_id: int, now: datetime) -> tuple[Kept, ...]:
    """Make the places held for a newcomer those of the person she turned out to be, herself as a rule.

    The caller holds the locks of both people and has proven how the person can be reached; the locks of
    the sessions are taken here. A place whose time ran out is taken again if there is room.
    """
    newcomer = db.session.get_one(Person, newcomer_id, populate_existing=True)
    if newcomer.status is not PersonStatus.UNPROVEN:
        return ()
    # A second letter must not book again what she has given up since.
    links.use_up_all(newcomer_id, now)
    if person.status is PersonStatus.UNPROVEN:
        person.status = PersonStatus.ACTIVE
        note(now, actor_id, "address confirmed", f"person:{person.id}")
        db.session.flush()
    session_ids = sorted(_sessions_asked_for(newcomer_id))
    lock_sessions(session_ids)
    kept = (_made_hers(session_id, newcomer_id, person, actor_id, now) for session_id in session_ids)
    return tuple(one for one in kept if one is not None)


def _sessions_asked_for(newcomer_id: int) -> set[int]:
    return set(
        db.session.scalars(
            select(Booking.session_id).where(policy.is_hers(newcomer_id), Booking.state.in_(_WERE_HOLDS))
        )
    )


def _made_hers(
    session_id: int, newcomer_id: int, person: Person, actor_id: int, now: datetime
) -> Kept | None:
    held = taking.latest_booking(session_id, newcomer_id)
    scheduled = taking.session_today(session_id)
    if held is None or held.state not in _WERE_HOLDS or _was_taken_away(held, scheduled):
        return None
    hers = taking.latest_booking(session_id, person.id)
    if hers is not None and hers.is_live and hers.id != held.id:
        if held.is_live:
            free_place(held, BookingState.GIVEN_UP, "has a place already", now)
            note(now, actor_id, "place given up", f"booking:{held.id}")
        return Kept(session_id, hers.id)
    try:
        booking = _booked(held, person, scheduled, actor_id, now)
    except Refusal as refusal:
        if held.is_live:
            free_place(held, BookingState.EXPIRED, "can't be kept", now)
            note(now, actor_id, "hold ended", f"booking:{held.id}")
        return Kept(session_id, None, refusal)
    return Kept(session_id, booking.id)


def _was_taken_away(held: Booking, scheduled: ScheduledSession) -> bool:
    """Say whether the office took this one place back, while the session takes place."""
    return held.state is BookingState.CANCELLED and scheduled.state is not SessionState.CANCELLED


def _booked(
    held: Booking, person: Person, scheduled: ScheduledSession, actor_id: int, now: datetime
) -> Booking:
    taking.refuse_unless_open(person, scheduled, now)
    if held.is_live:
        # Its time may be over, but while it stands nobody else has had the place.
        held.state, held.state_at, held.held_until = BookingState.BOOKED, now, None
        held.person_id, held.told_version = person.id, scheduled.schedule_version
        db.session.flush()
        booking = held
    else:
        taking.refuse_unless_free(scheduled, held.pool)
        booking = taking.take(person.id, scheduled, held.pool, actor_id, now)
    letter = taking.confirm(booking, person, scheduled, actor_id, now)
    if letter is not None and actor_id != person.id:
        _told_in_this_call(letter, now)
    return booking


def _told_in_this_call(letter: Message, now: datetime) -> None:
    """Leave no second call to make: whoever is on the phone says it now."""
    if letter.channel is Channel.CALL:
        letter.state, letter.sent_at, letter.attempts = MessageState.SENT, now, 1
