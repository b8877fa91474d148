"""The office's desk: a place held while somebody is on the phone, and who stands at the door today."""

from datetime import datetime, timedelta

from sqlalchemy import select

from booking import policy
from booking.db import db, transaction
from booking.models import Booking, PersonRole, ScheduledSession
from booking.models.kinds import BookingState, Pool, Role, SessionState, TaskKind
from booking.refusals import NotFound, RegisterNotOpen, SessionCancelled, WalkInNeedsAName
from booking.rules.addresses import clean_line
from booking.rules.names import first_word
from booking.rules.tokens import usable_nonce
from booking.services.steps import contacts, holds, taking, tasks, waiting, walking_in
from booking.services.steps.audit import note
from booking.services.steps.freeing import free_place
from booking.services.steps.holds import Kept
from booking.services.steps.locks import lock_people, lock_sessions
from booking.services.steps.people import hold, hold_proven

# As long as a talk about dates takes; pressed again, it begins anew.
WHILE_TALKING = timedelta(minutes=15)


def hold_place(
    session_id: int, person_id: int, pool: Pool, actor_id: int, now: datetime, *, companion_name: str = ""
) -> int:
    """Keep a place for somebody while the office talks with her, never past the start; return the booking.

    A live booking of hers stays as it is; one that is held so already is held for as long again. Whoever
    comes with her is kept a place, too.
    Refuses: what could not be booked for her either, and a record whose ways of contact nobody has proven.
    """
    companion = first_word(companion_name, walking_in.LONGEST_NAME)
    many = 2 if companion else 1
    with transaction():
        person = hold_proven(person_id)
        lock_sessions([session_id])
        latest, scheduled = taking.latest_booking(session_id, person_id), taking.session_today(session_id)
        until = min(now + WHILE_TALKING, scheduled.starts_at)
        if latest is not None and latest.is_live:
            if latest.state is BookingState.HELD and _is_of_the_office(latest):
                latest.held_until = until
            return latest.id
        taking.refuse_unless_open(person, scheduled, now)
        # A place that has come free by itself is somebody's who waits.
        waiting.offer_free_places(session_id, now)
        taking.refuse_unless_along(scheduled, person_id, companion)
        taking.refuse_unless_free(scheduled, pool, person_id, now, many)
        booking = taking.take(
            person_id,
            scheduled,
            pool,
            actor_id,
            now,
            state=BookingState.HELD,
            held_until=until,
            party_size=many,
            companion_name=companion,
        )
        note(now, actor_id, "place held", f"booking:{booking.id}")
        return booking.id


def let_go(booking_id: int, person_id: int, actor_id: int, now: datetime) -> None:
    """Free a place that was held while they talked; no letter follows, and twice is once.

    Refuses: a booking of somebody else. A place that she has by now stays hers.
    """
    with transaction():
        session_id = db.session.scalar(
            select(Booking.session_id).where(Booking.id == booking_id, policy.is_hers(person_id))
        )
        if session_id is None:
            raise NotFound
        lock_people([person_id])
        lock_sessions([session_id])
        booking = db.session.get_one(Booking, booking_id, populate_existing=True)
        if booking.state is not BookingState.HELD or booking.person_id != person_id:
            return
        free_place(booking, BookingState.EXPIRED, "let go", now)
        note(now, actor_id, "hold ended", f"booking:{booking.id}")


def confirm_by_phone(person_id: int, actor_id: int, now: datetime) -> tuple[Kept, ...]:
    """Note that somebody who never answered her letter is on the phone, and make what is held for her hers.

    Returns what became of each place; somebody who is proven already stays as she is.
    Refuses: a record that does not open any more.
    """
    with transaction():
        person = hold(person_id)
        if policy.may_book(person):
            return ()
        contacts.prove_phones(person_id, now)
        kept = holds.welcome(person_id, person, actor_id, now)
        tasks.settle_about(TaskKind.CALL_NEWCOMER, person_id, actor_id, now)
        note(now, actor_id, "newcomer confirmed", f"person:{person_id}")
        return kept


def add_walk_in(
    session_id: int,
    actor_id: int,
    now: datetime,
    *,
    person_id: int | None = None,
    first_name: str = "",
    one_more: bool = False,
    form_nonce: str = "",
) -> int:
    """Put somebody who came to the door on the register and return the row: a person, a name, or a number.

    `form_nonce` was given to the form when it was opened: the same form sent twice adds one row.
    Refuses: a register that is not open, a record that does not open any more, somebody who is marked
    already, and no name at all.
    """
    name, nonce = clean_line(first_name, walking_in.LONGEST_NAME), usable_nonce(form_nonce)
    with transaction():
        if person_id is not None:
            hold(person_id)
        lock_sessions([session_id])
        scheduled = _open_today(session_id, now)
        sent_before = walking_in.made_by_form(session_id, nonce, person_id, name)
        if sent_before is not None:
            return sent_before.id
        if person_id is not None:
            there = walking_in.place_not_marked(session_id, person_id)
            return walking_in.came(scheduled, person_id, there, actor_id, now, nonce).id
        if name or one_more:
            return walking_in.add(scheduled, actor_id, now, nonce, walk_in_name=name).id
        raise WalkInNeedsAName


def _is_of_the_office(booking: Booking) -> bool:
    """Say, of one booking, what `policy.held_at_the_desk` says of many."""
    role = select(PersonRole.id).where(
        PersonRole.person_id == booking.booked_by, PersonRole.role == Role.ADMIN
    )
    return db.session.scalar(role) is not None


def _open_today(session_id: int, now: datetime) -> ScheduledSession:
    if db.session.get(ScheduledSession, session_id) is None:
        raise NotFound
    scheduled = taking.session_today(session_id)
    if scheduled.state is SessionState.DRAFT:
        raise NotFound
    if scheduled.state is SessionState.CANCELLED:
        raise SessionCancelled(walking_in.NOTHING_TO_MARK)
    if not policy.register_is_open(scheduled, now):
        raise RegisterNotOpen
    return scheduled
