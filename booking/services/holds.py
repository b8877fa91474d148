"""Places that wait for somebody new: released in time, and kept or let go by the office on the phone."""

from datetime import datetime

from sqlalchemy import Select, select, update

from booking import policy
from booking.db import db, transaction
from booking.models import Booking, ContactPoint, Person, Task
from booking.models.kinds import BookingState, ContactKind, TaskKind
from booking.refusals import NotFound, PersonCannotBook, TaskSettled
from booking.services.steps import holds
from booking.services.steps.audit import note
from booking.services.steps.freeing import free_place
from booking.services.steps.holds import Kept
from booking.services.steps.locks import lock_people, lock_sessions

AT_A_TIME = 50


def release_holds(now: datetime) -> int:
    """Free the places whose time to be confirmed is over, some at a time, and count them.

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
            .where(Booking.id.in_([row.id for row in found]), holds.is_holding(), Booking.held_until <= now)
            .order_by(Booking.id)
            .execution_options(populate_existing=True)
        ).all()
        for booking in still:
            free_place(booking, BookingState.EXPIRED, "not confirmed in time", now)
            note(now, None, "hold ended", f"booking:{booking.id}")
        return len(still)


def confirm_newcomer(task_id: int, actor_id: int, now: datetime) -> tuple[Kept, ...]:
    """Keep somebody new whom the office has just spoken to, and make the places held for her hers.

    Returns what became of each place: one whose time ran out is taken again if there is room.
    Refuses: a task that is not such a call or was settled already, and a record that no longer opens.
    """
    with transaction():
        person = _newcomer(task_id)
        if not policy.may_sign_in(person.status):
            raise PersonCannotBook
        _prove_phones(person.id, now)
        kept = holds.welcome(person.id, person, actor_id, now)
        _settle(task_id, actor_id, now)
        note(now, actor_id, "newcomer confirmed", f"person:{person.id}")
        return kept


def let_newcomer_go(task_id: int, actor_id: int, now: datetime) -> None:
    """Free the places held for somebody new who can't be reached, or who would rather not.

    Refuses: a task that is not such a call or was settled already.
    """
    with transaction():
        person = _newcomer(task_id)
        held = select(Booking).where(policy.is_hers(person.id), holds.is_holding()).order_by(Booking.id)
        lock_sessions([booking.session_id for booking in db.session.scalars(held)])
        for booking in db.session.scalars(held.execution_options(populate_existing=True)):
            free_place(booking, BookingState.EXPIRED, "let go", now)
            note(now, actor_id, "hold ended", f"booking:{booking.id}")
        _settle(task_id, actor_id, now)
        note(now, actor_id, "newcomer let go", f"person:{person.id}")


def _over(now: datetime) -> Select[int, int | None, int]:
    return (
        select(Booking.id, Booking.person_id, Booking.session_id)
        .where(holds.is_holding(), Booking.held_until <= now)
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


def _prove_phones(person_id: int, now: datetime) -> None:
    db.session.execute(
        update(ContactPoint)
        .where(
            ContactPoint.person_id == person_id,
            ContactPoint.kind == ContactKind.PHONE,
            ContactPoint.proven_at.is_(None),
        )
        .values(proven_at=now),
        execution_options={"synchronize_session": False},
    )


def _settle(task_id: int, actor_id: int, now: datetime) -> None:
    db.session.execute(
        update(Task).where(Task.id == task_id).values(settled_at=now, settled_by=actor_id),
        execution_options={"synchronize_session": False},
    )
