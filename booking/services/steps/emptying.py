"""Emptying a record inside the caller's transaction: counts survive, nothing of the person remains."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, case, delete, select, update

from booking.db import Base, db
from booking.models import (
    Announcement,
    Booking,
    CalendarFeed,
    ContactPoint,
    EmailLink,
    EmergencyContact,
    EqualityAnswers,
    Message,
    MovementCheckIn,
    Password,
    Person,
    PersonRole,
    QueueMove,
    RecoveryCode,
    ScheduledSession,
    SecondFactor,
    SeriesFacilitator,
    SessionFacilitator,
    Task,
)
from booking.models.kinds import Channel, ConsentPurpose, MessageState, PersonStatus, TaskKind
from booking.rules.reminders import USUAL
from booking.services.steps import consent, courses, sign_ins
from booking.services.steps.silence import silence
from booking.services.steps.traces import forget_addresses

_HERS = (
    ContactPoint,
    EmergencyContact,
    EqualityAnswers,
    MovementCheckIn,
    Password,
    SecondFactor,
    RecoveryCode,
    PersonRole,
    SeriesFacilitator,
    CalendarFeed,
)
_QUIETLY = {"synchronize_session": False}
# What says how much time she needs, when she is reminded and how her calendar reads, is hers as well.
_AS_NEW = {
    "notice_hours": 0,
    "plain_titles": False,
    "remind_days_before": USUAL.days_before,
    "remind_hour": USUAL.hour,
    "morning_hour": USUAL.morning_hour,
    "wants_news": False,
    "may_leave_word": False,
}


def empty(person_ids: Collection[int], actor_id: int | None, now: datetime) -> None:
    """Take out of these records whatever says who they were; rows and ids stay, so that counts survive.

    The caller holds the locks of these people, and has dealt with their places to come.
    """
    if not person_ids:
        return
    for person_id in person_ids:
        silence(person_id, "record closed", now)
        sign_ins.end_all(person_id, now)
        for purpose in ConsentPurpose:
            consent.withdraw(person_id, purpose, now, actor_id)
    # Where her address stands is read from what is deleted next.
    forget_addresses(person_ids, now)
    _end_links(person_ids, now)
    for table in _HERS:
        _delete(table, table.person_id.in_(person_ids))
    _end_leading(person_ids, now)
    for enrolment in courses.live_enrolments(person_ids):
        courses.end(enrolment, now)
    _blank(person_ids)
    _forget_what_she_wrote(person_ids)
    _settle(person_ids, actor_id, now)


def _delete(table: type[Base], which: ColumnElement[bool]) -> None:
    db.session.execute(delete(table).where(which), execution_options=_QUIETLY)


def _end_links(person_ids: Collection[int], now: datetime) -> None:
    sooner = case((EmailLink.expires_at > now, now), else_=EmailLink.expires_at)
    hers = EmailLink.person_id.in_(person_ids)
    db.session.execute(update(EmailLink).where(hers).values(expires_at=sooner), execution_options=_QUIETLY)


def _end_leading(person_ids: Collection[int], now: datetime) -> None:
    """Let the dates she led in the past stand: they happened."""
    coming = select(ScheduledSession.id).where(ScheduledSession.starts_at > now)
    leading = SessionFacilitator.person_id.in_(person_ids)
    _delete(SessionFacilitator, leading & SessionFacilitator.session_id.in_(coming))


def _blank(person_ids: Collection[int]) -> None:
    words = dict.fromkeys(("full_name", "known_as", "search_key", "access_needs", "nation", "region"), "")
    closed = case(
        (Person.status.in_((PersonStatus.DIED, PersonStatus.MERGED)), Person.status),
        else_=PersonStatus.CLOSED,
    )
    db.session.execute(
        update(Person)
        .where(Person.id.in_(person_ids))
        .values(**words, **_AS_NEW, paused_until=None, channel=Channel.EMAIL, status=closed),
        execution_options=_QUIETLY,
    )
    _blank_bookings(person_ids)


def _blank_bookings(person_ids: Collection[int]) -> None:
    """Take out the names that stand beside her places, and why the office moved her up a waiting list."""
    names = {"walk_in_name": "", "companion_name": ""}
    wishes = {"remind_two_days": None, "remind_that_morning": None}
    hers = Booking.person_id.in_(person_ids)
    db.session.execute(update(Booking).where(hers).values(names | wishes), execution_options=_QUIETLY)
    moved = QueueMove.booking_id.in_(select(Booking.id).where(hers))
    db.session.execute(update(QueueMove).where(moved).values(reason=""), execution_options=_QUIETLY)


def _forget_what_she_wrote(person_ids: Collection[int]) -> None:
    """Take out what she wrote to many, unless somebody still waits for it: the sweep takes that later."""
    waiting = select(Message.announcement_id).where(
        Message.announcement_id.is_not(None),
        Message.state.in_((MessageState.WAITING, MessageState.SENDING)),
    )
    left = Announcement.author_id.in_(person_ids) & Announcement.id.not_in(waiting)
    gone = update(Announcement).where(left).values(words="", heading="")
    db.session.execute(gone, execution_options=_QUIETLY)


def _settle(person_ids: Collection[int], actor_id: int | None, now: datetime) -> None:
    """Take what was to be done about her, or by her, off the lists, and forget what she wrote.

    A complaint stays on the list with its day and without its words: going away is no answer.
    """
    about_her = Task.person_id.in_(person_ids)
    to_do = (about_her & (Task.kind != TaskKind.COMPLAINT)) | Task.for_person_id.in_(person_ids)
    waiting = to_do & Task.settled_at.is_(None)
    settled = {"settled_at": now, "settled_by": actor_id}
    db.session.execute(update(Task).where(waiting).values(settled), execution_options=_QUIETLY)
    db.session.execute(
        update(Task).where(about_her).values(words="", reply_to=""), execution_options=_QUIETLY
    )
