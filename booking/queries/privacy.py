"""Everything that is kept about one person, for herself: the page and the file read the same."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select

from booking.db import db
from booking.models import (
    AttendanceMark,
    AuditEntry,
    Booking,
    CalendarFeed,
    CallNote,
    Consent,
    ContactPoint,
    CoverRequest,
    EmailLink,
    EmergencyContact,
    Enrolment,
    EqualityAnswers,
    Message,
    MovementCheckIn,
    Password,
    Person,
    PersonRole,
    QueueMove,
    RecoveryCode,
    ReversibleDeed,
    ScheduledSession,
    SecondFactor,
    Series,
    SeriesFacilitator,
    SessionFacilitator,
    SignIn,
    Task,
)
from booking.models.kinds import DeedKind, TaskKind
from booking.queries.announcements import written_by
from booking.queries.outgoing import bounces_of
from booking.rules.retention import COMPLAINT_ANSWERED_WITHIN
from booking.rules.wall_time import to_local

Rows = list[dict[str, Any]]
# What somebody else wrote to the office about her is that person's to be told of.
_WRITTEN_BY_OTHERS = (TaskKind.DEATH_REPORTED, TaskKind.SPEAK_WITH_OFFICE)
_TITLE = func.coalesce(func.nullif(ScheduledSession.own_title, ""), Series.title).label("session")


@dataclass(frozen=True)
class Complaint:
    """A complaint she made: when it came, by when it is answered, and whether it has been."""

    received_at: datetime
    due_on: date
    settled_at: datetime | None


def everything_about(person_id: int) -> dict[str, Rows]:
    """Return what is kept about a person, part by part; other people are left out or are "the office".

    What was merged into her record is hers. Units: plain values, instants aware.
    """
    ids = records_of(person_id)
    return {name: _rows(ask(ids)) for name, ask in PARTS.items()}


def records_of(person_id: int) -> list[int]:
    """Return a record and those that were merged into it: they are one person. In id order."""
    found, looked_at = {person_id}, set[int]()
    while new := found - looked_at:
        looked_at |= new
        merged = select(ReversibleDeed.other_person_id).where(
            ReversibleDeed.kind == DeedKind.MERGED,
            ReversibleDeed.person_id.in_(new),
            ReversibleDeed.undone_at.is_(None),
        )
        found |= {other for other in db.session.scalars(merged) if other is not None}
    return sorted(found)


def complaints_of(person_id: int) -> list[Complaint]:
    """Return what she complained of, the newest first; its words stand in what she can download."""
    asked = (
        select(Task.created_at, Task.due_on, Task.settled_at)
        .where(Task.kind == TaskKind.COMPLAINT, Task.person_id == person_id)
        .order_by(Task.id.desc())
    )
    return [
        Complaint(received_at, due_on or to_local(received_at).date() + COMPLAINT_ANSWERED_WITHIN, settled_at)
        for received_at, due_on, settled_at in db.session.execute(asked)
    ]


def complaint_waits(person_id: int) -> bool:
    """Say whether a complaint of hers has no answer yet."""
    return any(complaint.settled_at is None for complaint in complaints_of(person_id))


def _rows(asked: Select[*tuple[Any, ...]]) -> Rows:
    return [dict(row) for row in db.session.execute(asked).mappings()]


def _by(column: Any, ids: Sequence[int]) -> ColumnElement[Any]:
    """Say who did something without a name: she herself, somebody in the office or a host, or the service."""
    said = case((column.in_(ids), literal("you")), (column.is_(None), literal("service")), else_="office")
    return said.label("by")


def _you(ids: Sequence[int]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Person.full_name,
            Person.known_as,
            Person.who,
            Person.status,
            Person.paused_until,
            Person.channel,
            Person.remind_two_days,
            Person.remind_that_morning,
            Person.remind_days_before,
            Person.remind_hour,
            Person.morning_hour,
            Person.wants_news,
            Person.may_leave_word,
            Person.language,
            Person.notice_hours,
            Person.plain_titles,
            Person.access_needs,
            Person.nation,
            Person.region,
            Person.created_at,
        )
        .where(Person.id.in_(ids))
        .order_by(Person.id)
    )


def _contacts(ids: Sequence[int]) -> Select[*tuple[Any, ...]]:
    kept = ContactPoint
    return (
        select(kept.kind, kept.written, kept.is_preferred, kept.proven_at, kept.created_at)
        .where(kept.person_id.in_(ids))
        .order_by(kept.id)
    )


def _emergency(ids: Sequence[int]) -> Select[*tuple[Any, ...]]:
    kept = EmergencyContact
    return select(kept.name, kept.phone, kept.saved_at).where(kept.person_id.in_(ids)).order_by(kept.id)


def _equality(ids: Sequence[int]) -> Select[*tuple[Any, ...]]:
    kept = EqualityAnswers
    said = (kept.age_band, kept.ethnicity, kept.gender, kept.orientation, kept.disability)
    return select(*said, kept.saved_at).where(kept.person_id.in_(ids)).order_by(kept.id)


def _movement(ids: Sequence[int]) -> Select[*tuple[Any, ...]]:
    kept = MovementCheckIn
    return (
        select(kept.flags, kept.wants_call, kept.answered_at)
        .where(kept.person_id.in_(ids))
        .order_by(kept.id.desc())
    )


def _agreements(ids: Sequence[int]) -> Select[*tuple[Any, ...]]:
    kept = Consent
    return (
        select(kept.purpose, kept.wording_version, kept.given_at, kept.how, kept.withdrawn_at)
        .where(kept.person_id.in_(ids))
        .order_by(kept.id)
    )


def _bookings(ids: Sequence[int]) -> Select[*tuple[Any, ...]]:
    kept = Booking
    facts = (kept.pool, kept.state, kept.party_size, kept.attendance, kept.walk_in_name, kept.held_until)
    waited = (kept.companion_name, kept.waits_since, kept.tells_late, kept.times_offered)
    online = (kept.joined_at, kept.stuck_at)
    reminded = (kept.remind_two_days, kept.remind_that_morning)
    return (
        select(_TITLE, ScheduledSession.starts_at, *facts, *waited, *online, *reminded)
        .add_columns(kept.created_at, kept.state_at, _by(kept.booked_by, ids))
        .join(ScheduledSession, ScheduledSession.id == kept.session_id)
        .join(Series, Series.id == ScheduledSession.series_id)
        .where(kept.person_id.in_(ids))
        .order_by(ScheduledSession.starts_at.desc(), kept.id)
    )


def _moved_up(ids: Sequence[int]) -> Select[*tuple[Any, ...]]:
    """Return when the office moved her up on a waiting list, and why; who in the office is not named."""
    return (
        select(_TITLE, ScheduledSession.starts_at, QueueMove.moved_at, QueueMove.reason)
        .join(Booking, Booking.id == QueueMove.booking_id)
        .join(ScheduledSession, ScheduledSession.id == Booking.session_id)
        .join(Series, Series.id == ScheduledSession.series_id)
        .where(Booking.person_id.in_(ids))
        .order_by(QueueMove.id.desc())
    )


def _register(ids: Sequence[int]) -> Select[*tuple[Any, ...]]:
    kept = AttendanceMark
    return (
        select(_TITLE, ScheduledSession.starts_at, kept.was, kept.attendance, kept.marked_at)
        .add_columns(_by(kept.marked_by, ids))
        .join(Booking, Booking.id == kept.booking_id)
        .join(ScheduledSession, ScheduledSession.id == Booking.session_id)
        .join(Series, Series.id == ScheduledSession.series_id)
        .where(Booking.person_id.in_(ids))
        .order_by(kept.id.desc())
    )


def _messages(ids: Sequence[int]) -> Select[*tuple[Any, ...]]:
    kept = Message
    return (
        select(
            kept.kind, kept.channel, kept.recipient, kept.state, kept.created_at, kept.due_at, kept.sent_at
        )
        .where(kept.person_id.in_(ids))
        .order_by(kept.id.desc())
    )


def _calls(ids: Sequence[int]) -> Select[*tuple[Any, ...]]:
    return (
        select(Message.kind, CallNote.outcome, CallNote.noted_at, CallNote.try_again_at)
        .join(Message, Message.id == CallNote.message_id)
        .where(Message.person_id.in_(ids))
        .order_by(CallNote.id.desc())
    )


def _sign_ins(ids: Sequence[int]) -> Select[*tuple[Any, ...]]:
    kept = SignIn
    return (
        select(kept.created_at, kept.how, kept.second_factor_at, kept.expires_at, kept.ended_at)
        .where(kept.person_id.in_(ids))
        .order_by(kept.id.desc())
    )


def _links(ids: Sequence[int]) -> Select[*tuple[Any, ...]]:
    kept = EmailLink
    facts = (kept.purpose, kept.address, kept.created_at, kept.expires_at, kept.used_at)
    tries = (kept.next_path, kept.code_tries)
    return select(*facts, *tries).where(kept.person_id.in_(ids)).order_by(kept.id.desc())


def _keys(ids: Sequence[int]) -> Select[*tuple[Any, ...]]:
    return select(Password.set_at).where(Password.person_id.in_(ids)).order_by(Password.id)


def _second_factor(ids: Sequence[int]) -> Select[*tuple[Any, ...]]:
    kept = SecondFactor
    return select(kept.created_at, kept.confirmed_at).where(kept.person_id.in_(ids)).order_by(kept.id)


def _recovery(ids: Sequence[int]) -> Select[*tuple[Any, ...]]:
    kept = RecoveryCode
    return select(kept.created_at, kept.used_at).where(kept.person_id.in_(ids)).order_by(kept.id)


def _tasks(ids: Sequence[int]) -> Select[*tuple[Any, ...]]:
    hers = Task.kind == TaskKind.COMPLAINT
    words = case((hers, Task.words), else_="").label("words")
    reply_to = case((hers, Task.reply_to), else_="").label("reply_to")
    about_her = and_(Task.person_id.in_(ids), Task.kind.not_in(_WRITTEN_BY_OTHERS))
    return (
        select(Task.kind, words, reply_to, Task.created_at, Task.due_on, Task.settled_at)
        .where(or_(about_her, Task.for_person_id.in_(ids)))
        .order_by(Task.id.desc())
    )


def _changes(ids: Sequence[int]) -> Select[*tuple[Any, ...]]:
    """Return what the log says of her record, who looked at her contact details included."""
    subjects = [f"person:{person_id}" for person_id in ids]
    return (
        select(AuditEntry.at, AuditEntry.action, _fields().label("fields"), _by(AuditEntry.actor_id, ids))
        .where(AuditEntry.subject.in_(subjects))
        .order_by(AuditEntry.id.desc())
    )


def _deeds(ids: Sequence[int]) -> Select[*tuple[Any, ...]]:
    """Return what she did; on whose record stands in nobody else's file."""
    subjects = [f"person:{person_id}" for person_id in ids]
    return (
        select(AuditEntry.at, AuditEntry.action)
        .where(AuditEntry.actor_id.in_(ids), AuditEntry.subject.not_in(subjects))
        .order_by(AuditEntry.id.desc())
    )


def _fields() -> ColumnElement[str]:
    """Leave ids out: they would name another person's record to her."""
    return case((AuditEntry.fields.contains(":"), ""), else_=AuditEntry.fields)


def _roles(ids: Sequence[int]) -> Select[*tuple[Any, ...]]:
    kept = PersonRole
    return select(kept.role, kept.given_at).where(kept.person_id.in_(ids)).order_by(kept.id)


def _led(ids: Sequence[int]) -> Select[*tuple[Any, ...]]:
    return (
        select(_TITLE, ScheduledSession.starts_at, SessionFacilitator.added_at)
        .join(ScheduledSession, ScheduledSession.id == SessionFacilitator.session_id)
        .join(Series, Series.id == ScheduledSession.series_id)
        .where(SessionFacilitator.person_id.in_(ids))
        .order_by(ScheduledSession.starts_at.desc(), SessionFacilitator.id)
    )


def _cover(ids: Sequence[int]) -> Select[*tuple[Any, ...]]:
    when = CoverRequest.asked_at, CoverRequest.covered_at, CoverRequest.withdrawn_at
    return (
        select(_TITLE, ScheduledSession.starts_at, *when)
        .join(ScheduledSession, ScheduledSession.id == CoverRequest.session_id)
        .join(Series, Series.id == ScheduledSession.series_id)
        .where(CoverRequest.person_id.in_(ids))
        .order_by(ScheduledSession.starts_at.desc(), CoverRequest.id)
    )


def _series(ids: Sequence[int]) -> Select[*tuple[Any, ...]]:
    return (
        select(Series.title.label("series"))
        .join(SeriesFacilitator, SeriesFacilitator.series_id == Series.id)
        .where(SeriesFacilitator.person_id.in_(ids))
        .order_by(Series.title, Series.id)
    )


def _feeds(ids: Sequence[int]) -> Select[*tuple[Any, ...]]:
    kept = CalendarFeed
    return (
        select(kept.kind, kept.created_at, kept.revoked_at).where(kept.person_id.in_(ids)).order_by(kept.id)
    )


def _reversible(ids: Sequence[int]) -> Select[*tuple[Any, ...]]:
    kept = ReversibleDeed
    hers = or_(kept.person_id.in_(ids), kept.other_person_id.in_(ids))
    return select(kept.kind, kept.done_at, kept.undone_at).where(hers).order_by(kept.id)


def _courses(ids: Sequence[int]) -> Select[*tuple[Any, ...]]:
    kept = Enrolment
    return (
        select(Series.title.label("session"), kept.state, kept.created_at, kept.state_at)
        .add_columns(_by(kept.made_by, ids))
        .join(Series, Series.id == kept.series_id)
        .where(kept.person_id.in_(ids))
        .order_by(kept.id.desc())
    )


# The parts of the page and of the file, in their order.
PARTS: dict[str, Callable[[Sequence[int]], Select[*tuple[Any, ...]]]] = {
    "you": _you,
    "contacts": _contacts,
    "emergency_contact": _emergency,
    "equality": _equality,
    "movement": _movement,
    "agreements": _agreements,
    "bookings": _bookings,
    "courses": _courses,
    "moved_up": _moved_up,
    "register": _register,
    "messages": _messages,
    "calls": _calls,
    "bounces": bounces_of,
    "sign_ins": _sign_ins,
    "links": _links,
    "password": _keys,
    "second_factor": _second_factor,
    "recovery_codes": _recovery,
    "tasks": _tasks,
    "roles": _roles,
    "sessions_led": _led,
    "series_led": _series,
    "cover": _cover,
    "written": written_by,
    "calendars": _feeds,
    "merges": _reversible,
    "changes": _changes,
    "deeds": _deeds,
}
