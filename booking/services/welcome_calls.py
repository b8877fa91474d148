"""The welcome call is made: the places that waited for it are hers, or go to somebody else."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select

from booking import policy
from booking.db import db, transaction
from booking.messages import outbox
from booking.models import Booking, Enrolment, Person, ScheduledSession, Task
from booking.models.kinds import BookingState, EnrolmentState, MessageKind, SessionState, TaskKind
from booking.queries.messages import NOT_REACHED
from booking.refusals import NotFound, PersonCannotBook, TaskSettled
from booking.services.steps import courses, taking, welcoming
from booking.services.steps.audit import note
from booking.services.steps.freeing import free_all
from booking.services.steps.letters import told_in_this_call
from booking.services.steps.locks import lock_people, lock_sessions


class Went(StrEnum):
    """How a welcome call went."""

    WELCOME = "welcome"
    RATHER_NOT = "rather_not"
    NOT_REACHED = "not_reached"


def settle_call(task_id: int, went: Went, actor_id: int, now: datetime) -> int:
    """Make every place that waited for this call hers, or let them go; return how many places it was about.

    Whom nobody could reach is told so, with the way back; who would rather not come has said so herself.
    Refuses: a task that is not such a call or was settled already, and a record that can't book.
    """
    with transaction():
        person, series_id = _called(task_id)
        places = _places(person.id, series_id)
        if went is Went.WELCOME:
            if not policy.may_book(person):
                raise PersonCannotBook
            _make_hers(places, person, actor_id, now)
        else:
            _let_go(places, person, went, actor_id, now)
        # Only a call that went well is somebody's: whoever has one is not called a second time.
        welcoming.settle(person.id, series_id, actor_id if went is Went.WELCOME else None, now)
        note(now, actor_id, f"welcome call: {went.value.replace('_', ' ')}", f"task:{task_id}")
        return len(places)


def _called(task_id: int) -> tuple[Person, int]:
    """Lock whom an open call is about, and read her afterwards."""
    asked = select(Task.person_id, Task.series_id).where(
        Task.id == task_id, Task.kind == TaskKind.WELCOME_CALL
    )
    found = db.session.execute(asked).one_or_none()
    if found is None or found.person_id is None or found.series_id is None:
        raise NotFound
    lock_people([found.person_id])
    if db.session.execute(asked.where(Task.settled_at.is_(None))).one_or_none() is None:
        raise TaskSettled
    return db.session.get_one(Person, found.person_id, populate_existing=True), found.series_id


def _places(person_id: int, series_id: int) -> Sequence[Booking]:
    """Lock the dates on which places of hers wait for the call, and read those places afterwards."""
    waiting = (
        select(Booking)
        .join(Booking.session)
        .where(policy.is_hers(person_id), Booking.state == BookingState.PROVISIONAL)
        .where(ScheduledSession.series_id == series_id)
        .order_by(ScheduledSession.starts_at, Booking.id)
    )
    lock_sessions([booking.session_id for booking in db.session.scalars(waiting)])
    return db.session.scalars(waiting.execution_options(populate_existing=True)).all()


def _make_hers(places: Sequence[Booking], person: Person, actor_id: int, now: datetime) -> None:
    for booking in places:
        booking.state, booking.state_at = BookingState.BOOKED, now
    db.session.flush()
    said: set[int] = set()
    for booking in places:
        scheduled = taking.session_today(booking.session_id)
        if scheduled.state is not SessionState.PUBLISHED:
            continue
        booking.told_version = scheduled.schedule_version
        if booking.enrolment_id is not None and _is_on(booking.enrolment_id):
            note(now, actor_id, "place booked", f"booking:{booking.id}")
            if booking.enrolment_id not in said:
                enrolment = db.session.get_one(Enrolment, booking.enrolment_id)
                courses.say(MessageKind.COURSE_BOOKED, enrolment, booking, person, now)
                said.add(booking.enrolment_id)
            continue
        letter = taking.confirm(booking, person, scheduled, actor_id, now, ":welcomed")
        if letter is not None:
            told_in_this_call(letter, now)


def _let_go(places: Sequence[Booking], person: Person, went: Went, actor_id: int, now: datetime) -> None:
    became = BookingState.GIVEN_UP if went is Went.RATHER_NOT else BookingState.EXPIRED
    for booking in places:
        note(now, actor_id, "place given up", f"booking:{booking.id}")
    free_all(places, became, "no welcome call", now)
    for enrolment_id in {booking.enrolment_id for booking in places if booking.enrolment_id is not None}:
        if _is_on(enrolment_id):
            courses.end(db.session.get_one(Enrolment, enrolment_id), now)
    if went is Went.NOT_REACHED and places:
        _say_not_reached(person, places[0], now)


def _say_not_reached(person: Person, booking: Booking, now: datetime) -> None:
    """Tell her once, whatever many dates it is about; a letter in the post is better than silence."""
    outbox.post(
        MessageKind.PROVISIONAL,
        person=person,
        booking=booking,
        now=now,
        key=f"booking:{booking.id}:{MessageKind.PROVISIONAL.value}{NOT_REACHED}",
    )


def _is_on(enrolment_id: int) -> bool:
    asked = select(Enrolment.id).where(
        Enrolment.id == enrolment_id, Enrolment.state == EnrolmentState.ENROLLED
    )
    return db.session.scalar(asked) is not None
