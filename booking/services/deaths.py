"""Recording that somebody has died: from then on nothing is written to her, and nobody waits for her."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select, update

from booking import policy
from booking.db import db, transaction
from booking.models import Booking, Enrolment, Message, Person, ReversibleDeed, ScheduledSession, Task
from booking.models.deeds import DeedStep
from booking.models.kinds import (
    BookingState,
    DeedKind,
    EnrolmentState,
    PersonStatus,
    SessionState,
    TaskKind,
)
from booking.queries import deaths as asked
from booking.refusals import NotAboutYourself, NotFound, RecordIsShut, TooLateToTakeBack, YourRecordIsShut
from booking.services.steps import courses, freeing, reversing, sign_ins, tasks, waiting
from booking.services.steps.audit import note
from booking.services.steps.facilitators import ask_for_a_host
from booking.services.steps.locks import lock_people, lock_sessions
from booking.services.steps.places import free_places
from booking.services.steps.silence import silence

DIED = "died"
_IN_THE_QUEUE = (BookingState.WAITING, BookingState.OFFERED)
# What somebody in the office was asked to do about her; a complaint still gets its answer.
_SETTLED = (
    TaskKind.CALL_NEWCOMER,
    TaskKind.WELCOME_CALL,
    TaskKind.CONSENT_WITHDRAWN,
    TaskKind.MOVEMENT_CALL,
    TaskKind.DEATH_REPORTED,
    TaskKind.SPEAK_WITH_OFFICE,
)


def mark_died(person_id: int, actor_id: int, now: datetime) -> int:
    """Record that a person has died and return the deed; recording it twice is recording it once.

    Places to come are given up silently, letters that have not begun are withdrawn, sign-ins end, and the
    hosts of her groups are asked to speak with the office. Where she led herself, the office is asked for a
    host. The registers of the past stay as they are.
    Refuses: oneself, a record that is closed or part of another, and an actor whose own does not open any
    more.
    """
    if person_id == actor_id:
        raise NotAboutYourself
    with transaction():
        # Whoever records it is held, too: two in the office may be recording each other's death.
        lock_people([person_id, actor_id])
        if not policy.may_sign_in(db.session.get_one(Person, actor_id).status):
            raise YourRecordIsShut
        person, standing = db.session.get_one(Person, person_id), _standing(person_id)
        if person.status is PersonStatus.DIED and standing is not None:
            return standing.id
        if not policy.may_sign_in(person.status):
            raise RecordIsShut
        lock_sessions(_sessions_to_come(person_id, now))
        deed = reversing.begin(DeedKind.DIED, person_id, actor_id, now)
        reversing.keep(deed, "person", person_id, "status", person.status)
        person.status = PersonStatus.DIED
        _settle_tasks(deed, now)
        _ask_hosts(deed, now)
        _end_places(deed, now)
        _end_courses(deed, now)
        sign_ins.end_all(person_id, now)
        _note_leaving(deed, silence(person_id, DIED, now))
        note(now, actor_id, "death recorded", f"person:{person_id}", "status")
        return deed.id


def undo_death(person_id: int, actor_id: int, now: datetime) -> tuple[list[int], list[int]]:
    """Take back a record that was a mistake; return the bookings put back, and those that could not be.

    A place is put back where the session is still to come and has room. No message is sent for what
    happened meanwhile; taking it back twice is taking it back once.
    Refuses: a person whose death was not recorded, a record older than 30 days, and one closed since.
    """
    with transaction():
        lock_people([person_id])
        person, deed = db.session.get_one(Person, person_id), _standing(person_id)
        if deed is None:
            return _taken_back_before(person_id)
        if not policy.may_be_taken_back(deed, now):
            raise TooLateToTakeBack
        if person.status is not PersonStatus.DIED:
            raise RecordIsShut
        steps = reversing.steps_of(deed)
        ended = [step for step in steps if step.row_kind == "booking"]
        lock_sessions(_sessions_of([step.row_id for step in ended]))
        person.status = PersonStatus(next(step.was for step in steps if step.row_kind == "person"))
        put_back, lost = _put_places_back(deed, ended, actor_id, now)
        _put_courses_back(steps, now)
        _put_tasks_back(steps, actor_id, now)
        deed.undone_at, deed.undone_by = now, actor_id
        note(now, actor_id, "death taken back", f"person:{person_id}", "status")
        return put_back, lost


def _standing(person_id: int) -> ReversibleDeed | None:
    return db.session.scalar(
        select(ReversibleDeed)
        .where(
            ReversibleDeed.kind == DeedKind.DIED,
            ReversibleDeed.person_id == person_id,
            ReversibleDeed.undone_at.is_(None),
        )
        .order_by(ReversibleDeed.id.desc())
        .limit(1)
    )


def _taken_back_before(person_id: int) -> tuple[list[int], list[int]]:
    known = select(ReversibleDeed.id).where(
        ReversibleDeed.kind == DeedKind.DIED, ReversibleDeed.person_id == person_id
    )
    if db.session.scalar(known.limit(1)) is None:
        raise NotFound
    return [], []


def _sessions_to_come(person_id: int, now: datetime) -> Sequence[int]:
    hers = select(Booking.session_id).join(Booking.session).where(asked.places_to_end(person_id, now))
    return db.session.scalars(hers).all()


def _sessions_of(booking_ids: Sequence[int]) -> Sequence[int]:
    return db.session.scalars(select(Booking.session_id).where(Booking.id.in_(booking_ids))).all()


def _end_places(deed: ReversibleDeed, now: datetime) -> None:
    ending = select(Booking).join(Booking.session).where(asked.places_to_end(deed.person_id, now))
    places = db.session.scalars(ending.order_by(Booking.id)).all()
    for booking in places:
        reversing.keep(deed, "booking", booking.id, "state", booking.state)
        if booking.held_until is not None:
            reversing.keep(deed, "booking", booking.id, "held_until", booking.held_until)
        note(now, deed.done_by, "place given up", f"booking:{booking.id}")
    freeing.free_all(places, BookingState.GIVEN_UP, DIED, now)


def _end_courses(deed: ReversibleDeed, now: datetime) -> None:
    for enrolment in courses.live_enrolments([deed.person_id]):
        reversing.keep(deed, "enrolment", enrolment.id, "state", enrolment.state)
        courses.end(enrolment, now)


def _ask_hosts(deed: ReversibleDeed, now: datetime) -> None:
    for host in asked.hosts_to_tell(deed.person_id, now):
        task_id = tasks.ask(
            TaskKind.SPEAK_WITH_OFFICE,
            now,
            person_id=deed.person_id,
            for_person_id=host.host_id,
            series_id=host.series_id,
        )
        reversing.keep(deed, "task", task_id, "asked", None)
    for task_id in ask_for_a_host([deed.person_id], now):
        reversing.keep(deed, "task", task_id, "asked", None)


def _settle_tasks(deed: ReversibleDeed, now: datetime) -> None:
    """Take off the list what was to be done about her, and what she was to do herself."""
    about = Task.person_id == deed.person_id
    settled = db.session.scalars(
        update(Task)
        .where(
            or_(about, Task.for_person_id == deed.person_id),
            Task.kind.in_(_SETTLED),
            Task.settled_at.is_(None),
        )
        .values(settled_at=now, settled_by=deed.done_by)
        .returning(Task.id),
        execution_options={"synchronize_session": False},
    ).all()
    for task_id in sorted(settled):
        reversing.keep(deed, "task", task_id, "settled_at", None)


def _note_leaving(deed: ReversibleDeed, message_ids: list[int]) -> None:
    began = select(Message.id, Message.began_at).where(Message.id.in_(message_ids)).order_by(Message.id)
    for message_id, began_at in db.session.execute(began):
        reversing.keep(deed, "message", message_id, asked.LEAVING, began_at)


def _put_places_back(
    deed: ReversibleDeed, ended: list[DeedStep], actor_id: int, now: datetime
) -> tuple[list[int], list[int]]:
    held = {step.row_id: datetime.fromisoformat(step.was) for step in ended if step.field == "held_until"}
    put_back, lost = [], []
    for step in [step for step in ended if step.field == "state"]:
        booking, was = db.session.get_one(Booking, step.row_id), BookingState(step.was)
        if booking.is_from_queue and was in _IN_THE_QUEUE:
            # An offer has passed on since; she keeps her turn for the next one.
            was, until = BookingState.WAITING, None
        else:
            until = held.get(booking.id)
        if _stands_again(booking, was, until, now):
            # Reminders that were due meanwhile are not wanted any more: those to come are.
            booking.state, booking.state_at, booking.held_until = was, now, until
            booking.rests = False
            db.session.flush()
            put_back.append(booking.id)
            note(now, actor_id, "place put back", f"booking:{booking.id}", "state")
        else:
            reversing.keep(deed, "booking", booking.id, asked.NOT_PUT_BACK, was)
            lost.append(booking.id)
    waiting.offer_at(_sessions_of(put_back), now)
    return put_back, lost


def _stands_again(booking: Booking, was: BookingState, held_until: datetime | None, now: datetime) -> bool:
    """Say whether a place can be what it was: a turn until the start, anything else while there is room."""
    scheduled = db.session.get_one(ScheduledSession, booking.session_id)
    if booking.state is not BookingState.GIVEN_UP or scheduled.ends_at <= now:
        return False
    if scheduled.state is not SessionState.PUBLISHED or (held_until is not None and held_until <= now):
        return False
    if was is BookingState.WAITING:
        return now < scheduled.starts_at
    free = free_places(scheduled, booking.pool)
    return free is None or free >= booking.party_size


def _put_courses_back(steps: list[DeedStep], now: datetime) -> None:
    for step in [step for step in steps if step.row_kind == "enrolment"]:
        enrolment = db.session.get_one(Enrolment, step.row_id)
        enrolment.state, enrolment.state_at = EnrolmentState(step.was), now


def _put_tasks_back(steps: list[DeedStep], actor_id: int, now: datetime) -> None:
    for step in [step for step in steps if step.row_kind == "task"]:
        task = db.session.get_one(Task, step.row_id)
        if step.field == "settled_at":
            task.settled_at = task.settled_by = None
        elif task.settled_at is None:
            task.settled_at, task.settled_by = now, actor_id
