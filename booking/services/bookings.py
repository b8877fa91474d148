"""Taking a place and giving it up: never oversold, never twice, never scolded."""

from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from booking import policy
from booking.db import db, transaction
from booking.messages import outbox
from booking.models import Booking, Person, PersonRole, ScheduledSession
from booking.models.kinds import (
    ATTENDED,
    LIVE,
    BookingState,
    MessageKind,
    Pool,
    Role,
    SessionState,
)
from booking.refusals import (
    AskTheOffice,
    BookingClosed,
    ForPatientsOnly,
    NoSuchPool,
    NotFound,
    PersonCannotBook,
    SessionCancelled,
    SessionFull,
    StaleForm,
    YouWereThere,
)
from booking.rules.tokens import new_nonce
from booking.services.steps.audit import note
from booking.services.steps.freeing import free_place
from booking.services.steps.locks import lock_people, lock_sessions
from booking.services.steps.places import free_places

_SINCE_GIVEN_UP = _l("You gave this place up in the meantime. If you would like it again, book it once more.")
_OTHER_WAY = {
    Pool.ROOM: _l("Sorry, the last place in the room has been taken. You can still join online."),
    Pool.ONLINE: _l("Sorry, the last online place has been taken. You can still come to the room."),
}


def book_place(
    session_id: int,
    person_id: int,
    pool: Pool,
    actor_id: int,
    now: datetime,
    *,
    seen_booking_id: int | None = None,
) -> int:
    """Take one place for a person and return the booking's id; her live booking is returned as it is.

    `seen_booking_id` is the latest booking the form knew of (0 for none): a form from before she
    gave up her place must not take it again behind her back.
    Refuses: a session that is full, cancelled, closed, booked by the office or not for her, a pool
    it does not have, a record that can't book, and a stale form.
    """
    with transaction():
        lock_people([person_id])
        lock_sessions([session_id])
        latest = _latest(session_id, person_id)
        if latest is not None and latest.is_live:
            return latest.id
        if seen_booking_id is not None and seen_booking_id != (latest.id if latest else 0):
            raise StaleForm(_SINCE_GIVEN_UP)
        person, scheduled = _person(person_id), _session(session_id)
        _refuse_unless_open(person, scheduled, now)
        _refuse_unless_free(scheduled, pool)
        booking = _taken(person, scheduled, pool, actor_id, now)
        outbox.post(
            MessageKind.BOOKED,
            person=person,
            booking=booking,
            now=now,
            key=f"booking:{booking.id}:booked",
            schedule_version=scheduled.schedule_version,
            useless_at=scheduled.ends_at,
        )
        note(now, actor_id, "place booked", f"booking:{booking.id}")
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
        booking, scheduled = db.session.get_one(Booking, booking_id), _session(session_id)
        if not booking.is_live:
            return
        if booking.attendance in ATTENDED:
            raise YouWereThere
        free_place(booking, BookingState.GIVEN_UP, "given up", now)
        if now < scheduled.ends_at:
            _say_given_up(_person(person_id), booking, scheduled, now)
        note(now, person_id, "place given up", f"booking:{booking.id}")


def _say_given_up(person: Person, booking: Booking, scheduled: ScheduledSession, now: datetime) -> None:
    outbox.post(
        MessageKind.GIVEN_UP,
        person=person,
        booking=booking,
        now=now,
        key=f"booking:{booking.id}:given_up",
        schedule_version=scheduled.schedule_version,
    )


def _latest(session_id: int, person_id: int) -> Booking | None:
    """Return her booking of this session: the live one, else the newest."""
    return db.session.scalar(
        select(Booking)
        .where(Booking.session_id == session_id, policy.is_hers(person_id))
        .order_by(Booking.state.in_(LIVE).desc(), Booking.id.desc())
        .limit(1)
    )


def _person(person_id: int) -> Person:
    return db.session.get_one(Person, person_id)


def _session(session_id: int) -> ScheduledSession:
    return db.session.get_one(ScheduledSession, session_id, options=[joinedload(ScheduledSession.series)])


def _refuse_unless_open(person: Person, scheduled: ScheduledSession, now: datetime) -> None:
    is_facilitator = _is_facilitator(person.id)
    if scheduled.state is SessionState.DRAFT or not policy.may_see(scheduled.series, is_facilitator):
        raise NotFound
    if not policy.may_book(person):
        raise PersonCannotBook
    if scheduled.state is SessionState.CANCELLED:
        raise SessionCancelled
    if not policy.booking_is_open(scheduled, now):
        raise BookingClosed
    if scheduled.series.booked_by_office:
        raise AskTheOffice
    if not policy.is_meant_for(scheduled.series, person.who, is_facilitator):
        raise ForPatientsOnly


def _is_facilitator(person_id: int) -> bool:
    roles = select(PersonRole.id).where(
        PersonRole.person_id == person_id, PersonRole.role == Role.FACILITATOR
    )
    return db.session.scalar(roles) is not None


def _refuse_unless_free(scheduled: ScheduledSession, pool: Pool) -> None:
    if pool not in scheduled.pools:
        raise NoSuchPool
    if free_places(scheduled, pool) != 0:
        return
    others = [other for other in scheduled.pools if other is not pool and free_places(scheduled, other) != 0]
    raise SessionFull(_OTHER_WAY[pool] if others else None)


def _taken(person: Person, scheduled: ScheduledSession, pool: Pool, actor_id: int, now: datetime) -> Booking:
    booking = Booking(
        session_id=scheduled.id,
        person_id=person.id,
        pool=pool,
        state=BookingState.BOOKED,
        created_at=now,
        state_at=now,
        booked_by=actor_id,
        nonce=new_nonce(),
        told_version=scheduled.schedule_version,
    )
    db.session.add(booking)
    db.session.flush()
    return booking
