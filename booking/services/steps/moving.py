"""Moving what belongs to one record to another inside a merge: every change is kept as a step."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from booking import policy
from booking.db import db
from booking.models import (
    AttendanceMark,
    Booking,
    Consent,
    ContactPoint,
    CoverRequest,
    EmailLink,
    EmergencyContact,
    Enrolment,
    EqualityAnswers,
    Message,
    MovementCheckIn,
    Person,
    PersonRole,
    ReversibleDeed,
    SeriesFacilitator,
    SessionFacilitator,
    Task,
)
from booking.models.kinds import (
    Attendance,
    BookingState,
    ConsentPurpose,
    EnrolmentState,
    LinkPurpose,
    MessageState,
    PersonStatus,
)
from booking.queries.consent import last_word_is_yes
from booking.queries.merging import Double, doubles
from booking.services.steps import bounces, holds, reversing
from booking.services.steps.audit import note
from booking.services.steps.freeing import free_place, pass_on
from booking.services.steps.handing_back import ABOUT
from booking.services.steps.letters import not_begun

MERGED = "merged"
# What a step calls a row, and where it stands.
KINDS: dict[str, type[Any]] = {
    "booking": Booking,
    "consent": Consent,
    "contact": ContactPoint,
    "cover": CoverRequest,
    "emergency": EmergencyContact,
    "enrolment": Enrolment,
    "equality": EqualityAnswers,
    "link": EmailLink,
    "message": Message,
    "movement": MovementCheckIn,
    "person": Person,
    "role": PersonRole,
    "series host": SeriesFacilitator,
    "session host": SessionFacilitator,
    "task": Task,
}
_ALL_OF = ("booking", "consent", "cover", "movement", "task")
_ONE_EACH = ("emergency", "equality")
# What makes two rows of one kind the same, so that only one of them is wanted.
_NOT_TWICE = {"role": "role", "series host": "series_id", "session host": "session_id"}
_FILLED_IN = ("access_needs", "nation", "region")


def move_everything(deed: ReversibleDeed, now: datetime) -> None:
    """Give everything of the other record to the one that stays; the caller holds all the locks."""
    # Messages before bookings: in this order a worker notes that one has left.
    _call_back_letters(deed)
    for row in _rows("message", deed.other_person_id):
        _change(deed, "message", row, "person_id", deed.person_id)
    db.session.flush()
    bounces.follow_their_letters(deed.person_id, deed.other_person_id or 0)
    ended = [
        _end_the_other(deed, double, now) for double in doubles(deed.person_id, deed.other_person_id or 0)
    ]
    db.session.flush()
    _move_courses(deed)
    for kind in _ALL_OF:
        for row in _rows(kind, deed.other_person_id):
            _change(deed, kind, row, "person_id", deed.person_id)
    for task in db.session.scalars(select(Task).where(Task.for_person_id == deed.other_person_id)):
        _change(deed, "task", task, "for_person_id", deed.person_id)
    taken = select(CoverRequest).where(CoverRequest.covered_by == deed.other_person_id)
    for request in db.session.scalars(taken):
        _change(deed, "cover", request, "covered_by", deed.person_id)
    for kind in _ONE_EACH:
        if not _rows(kind, deed.person_id):
            for row in _rows(kind, deed.other_person_id):
                _change(deed, kind, row, "person_id", deed.person_id)
    for kind, field in _NOT_TWICE.items():
        _move_but_doubles(deed, kind, field, now)
    _move_contacts(deed)
    _move_letters_behind_holds(deed)
    _settle_people(deed)
    db.session.flush()
    pass_on(ended, now)
    _confirm_what_was_held(deed, now)
    db.session.flush()


def _change(deed: ReversibleDeed, kind: str, row: Any, field: str, becomes: Any) -> None:
    was = getattr(row, field)
    if was != becomes:
        reversing.keep(deed, kind, row.id, field, was)
        setattr(row, field, becomes)


def _rows(kind: str, person_id: int | None) -> list[Any]:
    table: type[Any] = KINDS[kind]
    return list(db.session.scalars(select(table).where(table.person_id == person_id).order_by(table.id)))


def _end_the_other(deed: ReversibleDeed, double: Double, now: datetime) -> tuple[Booking, BookingState]:
    """End the place that does not stay, count once who was there, and keep the earlier turn of two.

    Returned is that place with its state before; it is passed on once all of them have ended.
    """
    booking, stays = db.session.get_one(Booking, double.goes.id), double.stays
    if booking.is_live and booking.queue_at and stays.queue_at and booking.queue_at < stays.queue_at:
        _change(deed, "booking", stays, "queue_at", booking.queue_at)
    before = booking.state, booking.attendance, booking.held_until
    if booking.is_live:
        free_place(booking, BookingState.CANCELLED, MERGED, now, passes_on=False)
    elif booking.attendance is not Attendance.NOT_RECORDED:
        _put_mark_aside(booking, deed.done_by, now)
    for field, was in zip(("state", "attendance", "held_until"), before, strict=True):
        if was != getattr(booking, field):
            reversing.keep(deed, "booking", booking.id, field, was)
    return booking, before[0]


def _put_mark_aside(booking: Booking, actor_id: int, now: datetime) -> None:
    db.session.add(
        AttendanceMark(
            booking_id=booking.id,
            was=booking.attendance,
            attendance=Attendance.NOT_RECORDED,
            marked_by=actor_id,
            marked_at=now,
        )
    )
    booking.attendance = Attendance.NOT_RECORDED


def _move_courses(deed: ReversibleDeed) -> None:
    """Let her be on each course once: the weeks of both records belong to the enrolment that stays."""
    stays = {row.series_id: row for row in _rows("enrolment", deed.person_id) if _is_on(row)}
    for row in _rows("enrolment", deed.other_person_id):
        if _is_on(row) and row.series_id in stays:
            weeks = select(Booking).where(Booking.enrolment_id == row.id).order_by(Booking.id)
            for week in db.session.scalars(weeks).all():
                _change(deed, "booking", week, "enrolment_id", stays[row.series_id].id)
            _change(deed, "enrolment", row, "state", EnrolmentState.LEFT)
            db.session.flush()
        _change(deed, "enrolment", row, "person_id", deed.person_id)
    db.session.flush()


def _is_on(enrolment: Enrolment) -> bool:
    return enrolment.state is EnrolmentState.ENROLLED


def _call_back_letters(deed: ReversibleDeed) -> None:
    """Put what was claimed and not begun back into the tray, where it is judged for the record that stays."""
    claimed = select(Message).where(
        Message.person_id == deed.other_person_id, Message.state == MessageState.SENDING, not_begun()
    )
    for message in db.session.scalars(claimed.order_by(Message.id).with_for_update()):
        message.state, message.leased_by, message.leased_until = MessageState.WAITING, None, None


def _move_but_doubles(deed: ReversibleDeed, kind: str, field: str, now: datetime) -> None:
    there = {getattr(row, field) for row in _rows(kind, deed.person_id)}
    for row in _rows(kind, deed.other_person_id):
        if getattr(row, field) not in there:
            if kind in ABOUT:
                reversing.keep(deed, kind, row.id, ABOUT[kind], getattr(row, ABOUT[kind]))
            _change(deed, kind, row, "person_id", deed.person_id)
            if kind == "role":
                note(now, deed.done_by, "role given", f"person:{deed.person_id}", row.role.value)


def _move_contacts(deed: ReversibleDeed) -> None:
    """Add the other record's ways of contact, none twice and none before her own."""
    own: list[ContactPoint] = _rows("contact", deed.person_id)
    known = {(point.kind, point.key): point for point in own}
    for point in _rows("contact", deed.other_person_id):
        same = known.get((point.kind, point.key))
        if same is None:
            if any(mine.kind is point.kind for mine in own):
                _change(deed, "contact", point, "is_preferred", False)
            _change(deed, "contact", point, "person_id", deed.person_id)
        elif same.proven_at is None and point.proven_at is not None:
            _change(deed, "contact", same, "proven_at", point.proven_at)


def _move_letters_behind_holds(deed: ReversibleDeed) -> None:
    """Let the button in a letter that asks the newcomer to confirm lead to the record that stays."""
    unused = select(EmailLink).where(
        EmailLink.person_id == deed.other_person_id,
        EmailLink.purpose == LinkPurpose.CONFIRM_EMAIL,
        EmailLink.used_at.is_(None),
    )
    for link in db.session.scalars(unused.order_by(EmailLink.id)):
        _change(deed, "link", link, "person_id", deed.person_id)


def _confirm_what_was_held(deed: ReversibleDeed, now: datetime) -> None:
    """Make held places those of the record that stays, if it is proven: no letter asks for them any more."""
    held = select(Booking).where(policy.is_hers(deed.person_id), holds.is_holding()).order_by(Booking.id)
    before = [(booking, booking.held_until) for booking in db.session.scalars(held)]
    keep = db.session.get_one(Person, deed.person_id)
    holds.confirm_held(keep, deed.done_by, now, ending=f":deed:{deed.id}")
    for booking, held_until in before:
        if booking.state is not BookingState.HELD:
            reversing.keep(deed, "booking", booking.id, "state", BookingState.HELD)
            reversing.keep(deed, "booking", booking.id, "held_until", held_until)


def _settle_people(deed: ReversibleDeed) -> None:
    keep, other = (db.session.get_one(Person, one) for one in (deed.person_id, deed.other_person_id))
    for field in _FILLED_IN:
        if not getattr(keep, field) and getattr(other, field):
            _change(deed, "person", keep, field, getattr(other, field))
    _change(deed, "person", keep, "wants_news", last_word_is_yes(keep.id, ConsentPurpose.NEWS))
    if other.status is PersonStatus.PAUSED and keep.status is not PersonStatus.PAUSED:
        # Whoever asked to be left in peace on one record asked for it on both.
        if keep.paused_until is None and other.paused_until is not None:
            keep.paused_until = other.paused_until
        _change(deed, "person", keep, "status", PersonStatus.PAUSED)
    elif keep.status is PersonStatus.UNPROVEN and other.status in policy.PROVEN:
        _change(deed, "person", keep, "status", other.status)
    _change(deed, "person", other, "status", PersonStatus.MERGED)
