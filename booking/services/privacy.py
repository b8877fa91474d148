"""Keeping no more than is needed, and answering whoever complains about how her details are used."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, exists, select

from booking.db import db, transaction
from booking.models import Booking, ContactPoint, Person, PersonRole, ScheduledSession, Task
from booking.models.kinds import BookingState, ContactKind, PersonStatus, SessionState, TaskKind
from booking.rules.addresses import clean_text
from booking.rules.retention import COMPLAINT_ANSWERED_WITHIN, NEVER_CONFIRMED_KEPT
from booking.rules.wall_time import to_local
from booking.services.steps import tasks
from booking.services.steps.audit import note
from booking.services.steps.emptying import empty
from booking.services.steps.freeing import free_place
from booking.services.steps.locks import lock_people, lock_sessions
from booking.services.steps.people import hold

AT_A_TIME = 200
LONGEST_COMPLAINT = 2000


def forget_unproven(now: datetime) -> int:
    """Empty the records of people who never pressed the button in their first letter, and count them.

    Whom the office has yet to call about a date that she waits for is kept until then.
    The row stays without a name, so that ids in the audit log still mean one thing. Somebody whom the
    office gave a role keeps her record: it was not made by a stranger.
    """
    with transaction():
        found = db.session.scalars(_never_confirmed(now)).all()
        lock_people(found)
        # Read again under the lock: she may have pressed the button a moment ago.
        still = db.session.scalars(_never_confirmed(now).where(Person.id.in_(found))).all()
        _end_turns(still, now)
        empty(still, None, now)
        for person_id in still:
            note(now, None, "record emptied", f"person:{person_id}")
        return len(still)


def complain(person_id: int, words: str, now: datetime) -> None:
    """Keep a complaint about how her details are used, with the day by which the office answers.

    The same words sent twice are one complaint.
    Refuses: more than 2,000 characters, and a record that does not open any more.
    """
    said = clean_text(words, LONGEST_COMPLAINT)
    with transaction():
        hold(person_id)
        if _is_said(person_id, said):
            return
        due_on = to_local(now).date() + COMPLAINT_ANSWERED_WITHIN
        tasks.ask(TaskKind.COMPLAINT, now, person_id=person_id, words=said, due_on=due_on)
        note(now, person_id, "complained", f"person:{person_id}")


def note_download(person_id: int, now: datetime) -> None:
    """Write down that she took a copy of everything that is kept about her."""
    with transaction():
        note(now, person_id, "downloaded everything", f"person:{person_id}")


def _end_turns(person_ids: Sequence[int], now: datetime) -> None:
    """Take whoever never confirmed off the waiting lists: nobody could be told."""
    turns = select(Booking).where(Booking.person_id.in_(person_ids), Booking.state == BookingState.WAITING)
    ordered = turns.order_by(Booking.session_id, Booking.id)
    lock_sessions([booking.session_id for booking in db.session.scalars(ordered)])
    for booking in db.session.scalars(ordered.execution_options(populate_existing=True)).all():
        free_place(booking, BookingState.EXPIRED, "never confirmed", now)
        note(now, None, "waiting ended", f"booking:{booking.id}")


def _never_confirmed(now: datetime) -> Select[int]:
    roles = select(PersonRole.person_id)
    return (
        select(Person.id)
        .where(
            Person.status == PersonStatus.UNPROVEN,
            Person.created_at < now - NEVER_CONFIRMED_KEPT,
            Person.id.not_in(roles),
            ~_is_still_to_be_called(now),
        )
        .order_by(Person.id)
        .limit(AT_A_TIME)
    )


def _is_still_to_be_called(now: datetime) -> ColumnElement[bool]:
    """Return the condition that she could be reached by phone alone, and still waits for a date to come.

    That she is not confirmed is then a call that nobody has made yet, and no silence of hers.
    """
    email = exists().where(ContactPoint.person_id == Person.id, ContactPoint.kind == ContactKind.EMAIL)
    to_call = exists().where(
        Task.person_id == Person.id, Task.kind == TaskKind.CALL_NEWCOMER, Task.settled_at.is_(None)
    )
    waits = exists().where(
        Booking.person_id == Person.id,
        Booking.state == BookingState.WAITING,
        ScheduledSession.id == Booking.session_id,
        ScheduledSession.state == SessionState.PUBLISHED,
        ScheduledSession.starts_at > now,
    )
    return ~email & to_call & waits


def _is_said(person_id: int, words: str) -> bool:
    waiting = select(Task.id).where(
        Task.kind == TaskKind.COMPLAINT,
        Task.person_id == person_id,
        Task.words == words,
        Task.settled_at.is_(None),
    )
    return db.session.scalar(waiting.limit(1)) is not None
