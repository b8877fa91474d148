"""Putting what a merge moved back, inside its undoing: only rows that are still as the merge left them."""

from datetime import datetime
from typing import Any

from booking.db import db
from booking.models import Booking, DeedStep, Person, ReversibleDeed, ScheduledSession
from booking.models.kinds import TAKING, Attendance, BookingState, PersonStatus, SessionState
from booking.queries.merging import NOT_PUT_BACK
from booking.services.steps import reversing
from booking.services.steps.moving import KINDS
from booking.services.steps.places import free_places


def put_everything_back(deed: ReversibleDeed, now: datetime) -> list[int]:
    """Undo each step, and return the bookings whose place has gone to somebody else; all locks are held."""
    steps = reversing.steps_of(deed)
    ended = {step.row_id: step for step in steps if (step.row_kind, step.field) == ("booking", "state")}
    lost: list[int] = []
    # Owners first: a place that stands again must not stand twice for one person.
    for step in [step for step in steps if step.field in ("person_id", "for_person_id")]:
        _put_owner_back(deed, step)
    db.session.flush()
    for step in steps:
        row = db.session.get(KINDS[step.row_kind], step.row_id)
        if row is None or step.field in ("person_id", "for_person_id"):
            continue
        if step.row_kind == "booking":
            _put_booking_back(deed, step, row, ended, lost, now)
        else:
            _put_field_back(deed, step, row)
    for booking_id in lost:
        reversing.keep(deed, "booking", booking_id, NOT_PUT_BACK, ended[booking_id].was)
    return lost


def _put_owner_back(deed: ReversibleDeed, step: DeedStep) -> None:
    row = db.session.get(KINDS[step.row_kind], step.row_id)
    if row is not None and getattr(row, step.field) == deed.person_id:
        setattr(row, step.field, int(step.was))


def _put_booking_back(
    deed: ReversibleDeed,
    step: DeedStep,
    booking: Booking,
    ended: dict[int, DeedStep],
    lost: list[int],
    now: datetime,
) -> None:
    if step.field == "attendance":
        if booking.attendance is Attendance.NOT_RECORDED:
            booking.attendance = Attendance(step.was)
    elif step.field == "held_until":
        if booking.is_live and step.was:
            booking.held_until = datetime.fromisoformat(step.was)
    elif booking.state is BookingState.CANCELLED:
        was = BookingState(step.was)
        if _may_stand_again(booking, was, now):
            booking.state, booking.state_at = was, now
        else:
            booking.state, booking.state_at = BookingState.GIVEN_UP, now
            lost.append(booking.id)
        db.session.flush()


def _may_stand_again(booking: Booking, was: BookingState, now: datetime) -> bool:
    scheduled = db.session.get_one(ScheduledSession, booking.session_id)
    if scheduled.ends_at <= now or was not in TAKING:
        return True
    if scheduled.state is not SessionState.PUBLISHED:
        return False
    free = free_places(scheduled, booking.pool)
    return free is None or free >= booking.party_size


def _put_field_back(deed: ReversibleDeed, step: DeedStep, row: Any) -> None:
    if isinstance(row, Person):
        _put_person_back(deed, step, row)
    elif step.field == "is_preferred" and not row.is_preferred:
        row.is_preferred = step.was == "True"
    elif step.field == "proven_at":
        row.proven_at = datetime.fromisoformat(step.was) if step.was else None


def _put_person_back(deed: ReversibleDeed, step: DeedStep, person: Person) -> None:
    if step.field == "status":
        person.status = PersonStatus(step.was)
        return
    # A field that the merge filled in is emptied again, unless she has changed it since.
    other = db.session.get_one(Person, deed.other_person_id)
    if getattr(person, step.field) == getattr(other, step.field):
        setattr(person, step.field, step.was)
