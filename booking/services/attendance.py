"""The register: who came, taken by those who lead the session, with every mark and its undoing kept."""

from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from booking import policy
from booking.db import db, transaction
from booking.models import AttendanceMark, Booking, ScheduledSession
from booking.models.kinds import Attendance, BookingState, SessionState
from booking.queries import rota
from booking.refusals import (
    AlreadyOnTheRegister,
    NoLongerExpected,
    NotFound,
    RegisterNotOpen,
    SessionCancelled,
    UnknownMark,
    WalkInNeedsAName,
)
from booking.rules.addresses import clean_line
from booking.rules.tokens import usable_nonce
from booking.services.steps import walking_in
from booking.services.steps.locks import lock_people, lock_sessions

_MARKS = (Attendance.CAME, Attendance.PART, Attendance.JOINED_ONLINE, Attendance.DID_NOT_COME)


def mark(booking_id: int, attendance: str, actor_id: int, now: datetime) -> int:
    """Write one mark on the register and return the session it stands in; the same mark twice is one.

    Refuses: somebody else's register, one that is not open, an unknown mark, a place given up meanwhile,
    and a second mark on somebody who walked in.
    """
    with transaction():
        # Whose register it is comes first: what is not hers answers alike, whatever she sends.
        booking = _on_open_register(booking_id, actor_id, now)
        if attendance not in _MARKS:
            raise UnknownMark
        if booking.attendance is Attendance.WALKED_IN:
            raise AlreadyOnTheRegister(_l("They walked in and are marked already. Undo that first."))
        walking_in.record(booking, Attendance(attendance), actor_id, now)
        return booking.session_id


def undo(booking_id: int, actor_id: int, now: datetime, *, seen: str | None = None) -> int:
    """Take the last mark back and return the session it stood in; undone again, the one before it goes.

    `seen` is the mark on the page where undo was pressed: if the register says something else by now,
    nothing changes, so that a second press or a stale page undoes nobody else's mark.
    Refuses: somebody else's register, and one that is not open.
    """
    with transaction():
        booking = _on_open_register(booking_id, actor_id, now)
        if booking.attendance == (seen or booking.attendance):
            _take_back(booking, actor_id, now)
        return booking.session_id


def rest_came(session_id: int, actor_id: int, now: datetime) -> int:
    """Mark everybody who is not recorded as having come, by the way of their place; return how many.

    Refuses: somebody else's register, and one that is not open.
    """
    with transaction():
        _open_register(session_id, actor_id, now)
        rest = walking_in.bookings_of(
            Booking.session_id == session_id,
            Booking.state.in_(policy.EXPECTED),
            Booking.attendance == Attendance.NOT_RECORDED,
        )
        for booking in rest:
            walking_in.record(booking, walking_in.came_by(booking.pool), actor_id, now)
        return len(rest)


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
    """Put somebody who walked in on the register and return the row: a known person, a name, or a number.

    `form_nonce` was given to the form when it was opened: the same form sent twice adds one row.
    Refuses: somebody else's register, one that is not open, a person this host has not met at this
    series, somebody who is marked already, and no name at all.
    """
    name, nonce = clean_line(first_name, walking_in.LONGEST_NAME), usable_nonce(form_nonce)
    with transaction():
        if person_id is not None:
            lock_people([person_id])
        scheduled = _open_register(session_id, actor_id, now)
        sent_before = walking_in.made_by_form(session_id, nonce, person_id, name)
        if sent_before is not None:
            return sent_before.id
        if person_id is not None:
            return _known_face(scheduled, person_id, actor_id, now, nonce).id
        if name or one_more:
            return walking_in.add(scheduled, actor_id, now, nonce, walk_in_name=name).id
        raise WalkInNeedsAName


def _open_register(session_id: int, actor_id: int, now: datetime) -> ScheduledSession:
    """Hold the session's row, then judge: two hosts at once write one after the other."""
    # Asked for her before anything is held: not hers costs one question, like what does not exist.
    hers = (ScheduledSession.id == session_id, policy.leads(actor_id), policy.session_is_shown())
    if db.session.scalar(select(ScheduledSession.id).where(*hers)) is None:
        raise NotFound
    lock_sessions([session_id])
    scheduled = db.session.scalar(
        select(ScheduledSession).where(*hers).options(joinedload(ScheduledSession.series))
    )
    if scheduled is None:
        raise NotFound
    if scheduled.state is SessionState.CANCELLED:
        raise SessionCancelled(walking_in.NOTHING_TO_MARK)
    if not policy.register_is_open(scheduled, now):
        raise RegisterNotOpen
    return scheduled


def _on_open_register(booking_id: int, actor_id: int, now: datetime) -> Booking:
    # A booking never changes its session, so this one fact may be read before the lock.
    session_id = db.session.scalar(
        select(Booking.session_id)
        .join(ScheduledSession, ScheduledSession.id == Booking.session_id)
        .where(Booking.id == booking_id, policy.leads(actor_id))
    )
    if session_id is None:
        raise NotFound
    _open_register(session_id, actor_id, now)
    booking = db.session.get_one(Booking, booking_id)
    if not policy.is_on_register(booking):
        raise NoLongerExpected
    return booking


def _take_back(booking: Booking, actor_id: int, now: datetime) -> None:
    before = _before_the_last(booking.id)
    if booking.attendance is Attendance.WALKED_IN:
        # The row was made by the mark that is undone; it stays as history, off the list and out of the count.
        booking.state, booking.state_at = BookingState.CANCELLED, now
    walking_in.record(booking, before, actor_id, now)


def _before_the_last(booking_id: int) -> Attendance:
    """Return what the register said before the last mark that still stands.

    A mark that says what was said before takes one step back; every other one goes a step on.
    """
    steps = [Attendance.NOT_RECORDED]
    marks = select(AttendanceMark.attendance).where(AttendanceMark.booking_id == booking_id)
    for attendance in db.session.scalars(marks.order_by(AttendanceMark.id)):
        if len(steps) > 1 and steps[-2] is attendance:
            steps.pop()
        else:
            steps.append(attendance)
    return steps[-2] if len(steps) > 1 else Attendance.NOT_RECORDED


def _known_face(
    scheduled: ScheduledSession, person_id: int, actor_id: int, now: datetime, nonce: str
) -> Booking:
    live = walking_in.place_not_marked(scheduled.id, person_id)
    faces = {face.person_id for face in rota.familiar_faces(scheduled.id, actor_id, now)}
    if person_id not in faces and not (live and policy.is_on_register(live)):
        raise NotFound
    return walking_in.came(scheduled, person_id, live, actor_id, now, nonce)
