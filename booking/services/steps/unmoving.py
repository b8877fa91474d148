"""Putting what a merge moved back, inside its undoing: only rows that are still as the merge left them."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select

from booking import policy
from booking.db import db
from booking.models import (
    Booking,
    ContactPoint,
    DeedStep,
    Enrolment,
    Person,
    ReversibleDeed,
    ScheduledSession,
)
from booking.models.kinds import TAKING, Attendance, BookingState, EnrolmentState, PersonStatus, SessionState
from booking.queries.merging import MAY_BE_MISSED, NOT_PUT_BACK
from booking.services.steps import bounces, course_turns, reversing, waiting
from booking.services.steps.freeing import free_place
from booking.services.steps.handing_back import ABOUT, is_as_old
from booking.services.steps.moving import KINDS
from booking.services.steps.places import free_places

_OWNERS = ("person_id", "for_person_id")
_IN_THE_QUEUE = (BookingState.WAITING, BookingState.OFFERED)
_UNDONE = "merge taken back"


def put_everything_back(deed: ReversibleDeed, now: datetime) -> list[int]:
    """Undo each step, and return the bookings that could not be put back; all locks are held."""
    steps = reversing.steps_of(deed)
    _put_owners_back(deed, steps)
    bounces.follow_their_letters(deed.person_id, deed.other_person_id or 0)
    for step in steps:
        if step.row_kind == "person":
            _put_person_back(deed, step)
        elif step.row_kind == "enrolment":
            _put_course_back(deed, step)
        elif step.row_kind != "booking":
            _put_field_back(deed, step)
    db.session.flush()
    about_places = [step for step in steps if step.row_kind == "booking"]
    lost = _put_bookings_back(deed, about_places, now)
    waiting.offer_at(sessions_of({step.row_id for step in about_places}), now)
    return lost


def sessions_of(booking_ids: Collection[int]) -> Sequence[int]:
    """Return the dates of these bookings."""
    return db.session.scalars(select(Booking.session_id).where(Booking.id.in_(booking_ids))).all()


def _put_owners_back(deed: ReversibleDeed, steps: list[DeedStep]) -> None:
    """Give each row to whom it belonged before anything else: no place must stand twice for one person."""
    about = {(step.row_kind, step.row_id): step.was for step in steps if step.field in ABOUT.values()}
    for step in steps:
        if step.field not in _OWNERS:
            continue
        row = db.session.get(KINDS[step.row_kind], step.row_id)
        if row is None or not is_as_old(
            deed, step.row_kind, row, about.get((step.row_kind, step.row_id), "")
        ):
            if step.row_kind in MAY_BE_MISSED:
                reversing.keep(deed, step.row_kind, step.row_id, NOT_PUT_BACK, None)
        elif getattr(row, step.field) == deed.person_id:
            setattr(row, step.field, int(step.was))
    db.session.flush()


def _put_field_back(deed: ReversibleDeed, step: DeedStep) -> None:
    if step.field not in ("is_preferred", "proven_at"):
        return
    contact = db.session.get(ContactPoint, step.row_id)
    if contact is None or not is_as_old(deed, step.row_kind, contact):
        return
    if step.field == "proven_at":
        contact.proven_at = datetime.fromisoformat(step.was) if step.was else None
    elif not contact.is_preferred:
        contact.is_preferred = step.was == str(True)


def _put_course_back(deed: ReversibleDeed, step: DeedStep) -> None:
    """Let the other record be on its course again, unless she left the course since."""
    enrolment = db.session.get(Enrolment, step.row_id)
    if enrolment is None or step.field != "state" or enrolment.state is not EnrolmentState.LEFT:
        return
    left_since = select(Enrolment.id).where(
        Enrolment.series_id == enrolment.series_id,
        Enrolment.person_id == deed.person_id,
        Enrolment.state == EnrolmentState.LEFT,
        Enrolment.state_at >= deed.done_at,
    )
    if db.session.scalar(left_since.limit(1)) is None:
        enrolment.state = EnrolmentState(step.was)


def _put_person_back(deed: ReversibleDeed, step: DeedStep) -> None:
    person = db.session.get_one(Person, step.row_id)
    if step.field == "status":
        was = PersonStatus(step.was)
        confirmed = was is PersonStatus.UNPROVEN and _was_proven_since(deed, person.id)
        person.status = PersonStatus.ACTIVE if confirmed else was
        return
    # A field that the merge filled in is emptied again, unless she has changed it since.
    other = db.session.get_one(Person, deed.other_person_id)
    if getattr(person, step.field) == getattr(other, step.field):
        setattr(person, step.field, step.was)


def _was_proven_since(deed: ReversibleDeed, person_id: int) -> bool:
    """Say whether a button was pressed in a letter to an address of this record, wherever that led."""
    proven = select(ContactPoint.id).where(
        ContactPoint.person_id == person_id, ContactPoint.proven_at > deed.done_at
    )
    return db.session.scalar(proven.limit(1)) is not None


def _put_bookings_back(deed: ReversibleDeed, steps: list[DeedStep], now: datetime) -> list[int]:
    ended = {step.row_id: BookingState(step.was) for step in steps if step.field == "state"}
    held = {step.row_id: _instant(step) for step in steps if step.field == "held_until"}
    marks = {step.row_id: Attendance(step.was) for step in steps if step.field == "attendance"}
    for step in steps:
        if step.field == "enrolment_id" and step.was:
            db.session.get_one(Booking, step.row_id).enrolment_id = int(step.was)
        elif step.field == "queue_at":
            db.session.get_one(Booking, step.row_id).queue_at = _instant(step)
    lost = []
    for booking_id in sorted({*ended, *marks}):
        booking = db.session.get_one(Booking, booking_id)
        if booking.attendance is Attendance.NOT_RECORDED:
            booking.attendance = marks.get(booking_id, booking.attendance)
        if booking_id in ended and not _stands_again(booking, ended[booking_id], held.get(booking_id), now):
            reversing.keep(deed, "booking", booking_id, NOT_PUT_BACK, ended[booking_id])
            lost.append(booking_id)
        db.session.flush()
    return lost


def _stands_again(booking: Booking, was: BookingState, held_until: datetime | None, now: datetime) -> bool:
    """Put a place back as it was, and say whether it is; what became of it since the merge stays."""
    if was is BookingState.HELD and booking.state in (BookingState.BOOKED, BookingState.EXPIRED):
        return _waits_again(booking, held_until, now)
    if booking.state is not BookingState.CANCELLED:
        return True
    if booking.is_from_queue and was in _IN_THE_QUEUE:
        return _is_in_turn_again(booking, now)
    if _left_its_course(booking, now):
        booking.state, booking.state_at = BookingState.GIVEN_UP, now
        return True
    if not _has_room_again(booking, was, now) or (was is BookingState.HELD and _is_over(held_until, now)):
        booking.state, booking.state_at = BookingState.GIVEN_UP, now
        return False
    if was is BookingState.HELD and policy.may_book(db.session.get_one(Person, booking.person_id)):
        # She has confirmed her address meanwhile, so there is nothing to wait for.
        was, held_until = BookingState.BOOKED, None
    booking.state, booking.state_at, booking.held_until = was, now, held_until
    return True


def _is_in_turn_again(booking: Booking, now: datetime) -> bool:
    """Let her wait again, also where she was asked: that place has passed on."""
    scheduled = db.session.get_one(ScheduledSession, booking.session_id)
    to_come = scheduled.state is SessionState.PUBLISHED and now < scheduled.starts_at
    booking.state = BookingState.WAITING if to_come else BookingState.GIVEN_UP
    booking.state_at, booking.held_until, booking.rests = now, None, False
    # What was kept with it meanwhile, of a course, was said to the other record.
    course_turns.ask_anew(booking, _UNDONE, now)
    return to_come


def _left_its_course(booking: Booking, now: datetime) -> bool:
    """Say whether this is a week to come of a course that she left: giving it up was her own wish."""
    if booking.enrolment_id is None:
        return False
    enrolment = db.session.get_one(Enrolment, booking.enrolment_id)
    scheduled = db.session.get_one(ScheduledSession, booking.session_id)
    return enrolment.state is EnrolmentState.LEFT and scheduled.starts_at > now


def _waits_again(booking: Booking, held_until: datetime | None, now: datetime) -> bool:
    """Let a place that the merge confirmed wait again for its newcomer, as long as it would have waited."""
    owner = db.session.get_one(Person, booking.person_id)
    scheduled = db.session.get_one(ScheduledSession, booking.session_id)
    if booking.is_live and (policy.may_book(owner) or scheduled.starts_at <= now):
        return True
    if _is_over(held_until, now) or not (booking.is_live or _has_room_again(booking, BookingState.HELD, now)):
        if booking.is_live:
            free_place(booking, BookingState.EXPIRED, _UNDONE, now)
        return False
    # Whatever still waits to be said about it speaks of a place that is hers.
    free_place(booking, BookingState.EXPIRED, _UNDONE, now, passes_on=False)
    booking.state, booking.held_until = BookingState.HELD, held_until
    return True


def _has_room_again(booking: Booking, was: BookingState, now: datetime) -> bool:
    scheduled = db.session.get_one(ScheduledSession, booking.session_id)
    if scheduled.ends_at <= now or was not in TAKING:
        return True
    if scheduled.state is not SessionState.PUBLISHED:
        return False
    free = free_places(scheduled, booking.pool)
    return free is None or free >= booking.party_size


def _is_over(held_until: datetime | None, now: datetime) -> bool:
    return held_until is None or held_until <= now


def _instant(step: DeedStep) -> datetime | None:
    return datetime.fromisoformat(step.was) if step.was else None
