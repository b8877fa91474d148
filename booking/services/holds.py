"""Places that wait for somebody new: released in time, and kept or let go by the office on the phone."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, Select, select, update

from booking import policy
from booking.db import db, transaction
from booking.models import Booking, Person, ScheduledSession, Task
from booking.models.kinds import BookingState, TaskKind
from booking.refusals import NotFound, PersonCannotBook, TaskSettled
from booking.services.steps import contacts, holds, offering, waiting
from booking.services.steps.audit import note
from booking.services.steps.freeing import free_place, pass_on
from booking.services.steps.holds import Kept
from booking.services.steps.locks import lock_people, lock_sessions

AT_A_TIME = 50
_LET_GO = {BookingState.HELD: "hold ended", BookingState.WAITING: "waiting list left"}
_ENDS_FIRST = (BookingState.WAITING, BookingState.OFFERED, BookingState.HELD)


def release_holds(now: datetime) -> int:
    """Free the places whose time to be confirmed or answered is over, some at a time, and count them.

    An offer that ran out frees its place quietly: silence loses nothing, and no message says so.

    Looking costs no writing transaction: most rounds find nothing.
    """
    if db.session.execute(_over(now).limit(1)).one_or_none() is None:
        return 0
    with transaction():
        found = db.session.execute(_over(now)).all()
        lock_people([row.person_id for row in found if row.person_id is not None])
        lock_sessions([row.session_id for row in found])
        # Read again under the locks: she may have pressed the button a moment ago.
        still = db.session.scalars(
            select(Booking)
            .where(Booking.id.in_([row.id for row in found]), _waits(), Booking.held_until <= now)
            .order_by(Booking.id)
            .execution_options(populate_existing=True)
        ).all()
        # What somebody lets go by silence comes first: a place that comes free beside it is another one.
        for booking in sorted(still, key=lambda one: _ENDS_FIRST.index(one.state)):
            _let_go_quietly(booking, now)
        waiting.offer_at({booking.session_id for booking in still}, now)
        return len(still)


def confirm_newcomer(
    task_id: int, actor_id: int, now: datetime, *, wanted: Collection[int] | None = None
) -> tuple[Kept, ...]:
    """Keep somebody new whom the office has just spoken to, and make the places held for her hers.

    Returns what became of each place: one whose time ran out is taken again if there is room. `wanted` are
    the bookings that she still wants, where she was asked about each; the others are given up.
    Refuses: a task that is not such a call or was settled already, and a record that no longer opens.
    """
    with transaction():
        person = _newcomer(task_id)
        if not policy.may_sign_in(person.status):
            raise PersonCannotBook
        contacts.prove_phones(person.id, now)
        if wanted is not None:
            _give_up_all_but(wanted, person.id, actor_id, now)
        kept = holds.welcome(person.id, person, actor_id, now) or _hers_already(task_id, now)
        _settle(task_id, actor_id, now)
        note(now, actor_id, "newcomer confirmed", f"person:{person.id}")
        return kept


def let_newcomer_go(task_id: int, actor_id: int, now: datetime) -> None:
    """Free the places held for somebody new who can't be reached, or who would rather not, and her turns.

    The place that the call is about is given up, too, if it has become hers meanwhile.
    Refuses: a task that is not such a call or was settled already.
    """
    with transaction():
        person = _newcomer(task_id)
        asked_for = holds.is_holding() | Booking.id.in_(_booked_meanwhile(task_id, now))
        if not policy.may_book(person):
            # Of somebody who was put together with a known record the turns are her own by now.
            asked_for |= Booking.state == BookingState.WAITING
        held = select(Booking).where(policy.is_hers(person.id), asked_for).order_by(Booking.id)
        lock_sessions([booking.session_id for booking in db.session.scalars(held)])
        places = db.session.scalars(held.execution_options(populate_existing=True)).all()
        pass_on([_free(booking, actor_id, now) for booking in places], now)
        _settle(task_id, actor_id, now)
        note(now, actor_id, "newcomer let go", f"person:{person.id}")


def _let_go_quietly(booking: Booking, now: datetime) -> None:
    """End one place's time: whoever waited for it keeps her turn for the next one."""
    was_held = booking.state is BookingState.HELD
    if booking.state is BookingState.WAITING:
        waiting.end_late_chance(booking, "ran out", now)
    elif booking.state is BookingState.OFFERED and booking.is_from_queue:
        waiting.back_in_the_queue(booking, "ran out", now)
    else:
        free_place(booking, BookingState.EXPIRED, "not confirmed in time", now, passes_on=False)
        waiting.a_place_came_free(booking.session_id, booking.pool, now)
    note(now, None, "hold ended" if was_held else "offer ended", f"booking:{booking.id}")


def _waits() -> ColumnElement[bool]:
    """Return the condition that a place waits for an answer: of somebody new, or to an offer, late or not."""
    told_late = Booking.state == BookingState.WAITING
    return holds.is_holding() | offering.is_offered() | told_late


def _over(now: datetime) -> Select[int, int | None, int]:
    return (
        select(Booking.id, Booking.person_id, Booking.session_id)
        .where(_waits(), Booking.held_until <= now)
        .order_by(Booking.held_until, Booking.id)
        .limit(AT_A_TIME)
    )


def _newcomer(task_id: int) -> Person:
    """Lock whom an open call is about, and read her afterwards."""
    asked = select(Task.person_id).where(Task.id == task_id, Task.kind == TaskKind.CALL_NEWCOMER)
    person_id = db.session.scalar(asked)
    if person_id is None:
        raise NotFound
    lock_people([person_id])
    if db.session.scalar(asked.where(Task.settled_at.is_(None))) is None:
        raise TaskSettled
    return db.session.get_one(Person, person_id, populate_existing=True)


def _give_up_all_but(wanted: Collection[int], person_id: int, actor_id: int, now: datetime) -> None:
    """Give up what she does not want any more, also where the hold was over: it must not be taken again."""
    asked_for = (BookingState.HELD, BookingState.EXPIRED, BookingState.CANCELLED, BookingState.WAITING)
    hers = select(Booking).where(policy.is_hers(person_id), Booking.state.in_(asked_for)).order_by(Booking.id)
    lock_sessions([booking.session_id for booking in db.session.scalars(hers)])
    ended = []
    for booking in db.session.scalars(hers.execution_options(populate_existing=True)).all():
        if booking.id in wanted or booking.state is BookingState.CANCELLED:
            continue
        waited = booking.state is BookingState.WAITING
        if booking.is_live:
            ended.append((booking, booking.state))
            free_place(booking, BookingState.GIVEN_UP, "not wanted", now, passes_on=False)
        else:
            booking.state, booking.state_at = BookingState.GIVEN_UP, now
        note(now, actor_id, "waiting list left" if waited else "place given up", f"booking:{booking.id}")
    db.session.flush()
    pass_on(ended, now)


def _booked_meanwhile(task_id: int, now: datetime) -> Select[int]:
    """Return what a call is about where it is hers already, as after a merge into a record that is proven."""
    return (
        select(Booking.id)
        .join(Task, Task.booking_id == Booking.id)
        .join(Booking.session)
        .where(Task.id == task_id, Booking.state == BookingState.BOOKED, ScheduledSession.starts_at > now)
    )


def _hers_already(task_id: int, now: datetime) -> tuple[Kept, ...]:
    booked = select(Booking.session_id, Booking.id).where(Booking.id.in_(_booked_meanwhile(task_id, now)))
    return tuple(Kept(session_id, booking_id) for session_id, booking_id in db.session.execute(booked))


def _free(booking: Booking, actor_id: int, now: datetime) -> tuple[Booking, BookingState]:
    was = booking.state
    ends = BookingState.EXPIRED if was is BookingState.HELD else BookingState.GIVEN_UP
    free_place(booking, ends, "let go", now, passes_on=False)
    note(now, actor_id, _LET_GO.get(was, "place given up"), f"booking:{booking.id}")
    return booking, was


def _settle(task_id: int, actor_id: int, now: datetime) -> None:
    db.session.execute(
        update(Task).where(Task.id == task_id).values(settled_at=now, settled_by=actor_id),
        execution_options={"synchronize_session": False},
    )
