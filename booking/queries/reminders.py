"""Which reminders and starts of courses are due and not laid out yet."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, String, and_, cast, literal, or_, select
from sqlalchemy.orm import joinedload

from booking.db import db
from booking.models import (
    Booking,
    Message,
    Person,
    ScheduledSession,
)
from booking.models.kinds import (
    BookingState,
    PersonStatus,
    SessionState,
)
from booking.queries.courses import starts_her_course
from booking.rules.reminders import (
    SAME_MORNING,
    TWO_DAYS_BEFORE,
    ReminderKind,
    reminder_instants,
    reminder_is_due,
)
from booking.rules.wall_time import to_local

# 2 days before at 10am is at most 62 hours ahead of a session late that evening, 63 when the clocks change.
REMINDER_WINDOW = timedelta(hours=64)
IN_KEYS: dict[ReminderKind, str] = {TWO_DAYS_BEFORE: "two_days", SAME_MORNING: "that_morning"}


@dataclass(frozen=True)
class DueReminder:
    """A reminder that should go now: for which booking, under which key, due since when."""

    booking: Booking
    key: str
    due_at: datetime
    starts_at: datetime
    schedule_version: int


def reminders_due(kind: ReminderKind, now: datetime, limit: int, after_id: int = 0) -> list[DueReminder]:
    """Ask the truth of the moment: who wants this reminder now and has none yet.

    Reminders that this version of the session already has, in whatever state, are not asked for again;
    nor are those due before she booked. Ordered by booking, beyond `after_id`.
    """
    due_by_session = _due_by_session(kind, now)
    if not due_by_session:
        return []
    rows = db.session.execute(
        _of_these_sessions(kind, due_by_session, now)
        .where(Booking.id > after_id)
        .options(joinedload(Booking.person))
        .order_by(Booking.id)
        .limit(limit)
    ).all()
    return [
        DueReminder(
            booking, _key(kind, booking.id, version), due_by_session[booking.session_id], starts_at, version
        )
        for booking, starts_at, version in rows
    ]


def starts_due(now: datetime, limit: int, after_id: int = 0) -> list[DueReminder]:
    """Ask whose course starts for her in two days, and who has not been told yet.

    It stands in the stead of that week's reminder, also for those who want none. Nobody is told twice,
    should a later week become her first one.
    """
    due_by_session = _due_by_session(TWO_DAYS_BEFORE, now)
    if not due_by_session:
        return []
    key = literal("booking:") + cast(Booking.id, String) + literal(":course_starts:v")
    key = key + cast(ScheduledSession.schedule_version, String)
    rows = db.session.execute(
        select(Booking, ScheduledSession.starts_at, ScheduledSession.schedule_version)
        .join(Booking.session)
        .join(Person, Person.id == Booking.person_id)
        .where(
            Booking.state == BookingState.BOOKED,
            or_(*(_in_time(session_id, at) for session_id, at in due_by_session.items())),
            _may_be_reminded(now),
            starts_her_course(),
            ~select(Message.id).where(Message.dedupe_key == key).exists(),
            Booking.id > after_id,
        )
        .options(joinedload(Booking.person))
        .order_by(Booking.id)
        .limit(limit)
    ).all()
    return [
        DueReminder(
            one,
            f"booking:{one.id}:course_starts:v{version}",
            due_by_session[one.session_id],
            starts_at,
            version,
        )
        for one, starts_at, version in rows
    ]


def _due_by_session(kind: ReminderKind, now: datetime) -> dict[int, datetime]:
    """Turn the wall time of each session that is near into instants, and keep those that have come."""
    near = db.session.execute(
        select(
            ScheduledSession.id,
            ScheduledSession.local_date,
            ScheduledSession.start_time,
            ScheduledSession.zone,
            ScheduledSession.starts_at,
        )
        .where(
            ScheduledSession.state == SessionState.PUBLISHED,
            ScheduledSession.starts_at > now,
            ScheduledSession.starts_at <= now + REMINDER_WINDOW,
        )
        .order_by(ScheduledSession.id)
    ).all()
    due: dict[int, datetime] = {}
    for row in near:
        at = reminder_instants(row.local_date, row.start_time, row.zone, same_morning=True).get(kind)
        if at is not None and reminder_is_due(at, row.starts_at, at - timedelta(seconds=1), now):
            due[row.id] = at
    return due


def _of_these_sessions(
    kind: ReminderKind, due_by_session: dict[int, datetime], now: datetime
) -> Select[Booking, datetime, int]:
    wish = Person.remind_two_days if kind == TWO_DAYS_BEFORE else Person.remind_that_morning
    return (
        select(Booking, ScheduledSession.starts_at, ScheduledSession.schedule_version)
        .join(Booking.session)
        .join(Person, Person.id == Booking.person_id)
        .where(
            Booking.state == BookingState.BOOKED,
            or_(*(_in_time(session_id, at) for session_id, at in due_by_session.items())),
            wish.is_(True),
            _may_be_reminded(now),
            ~_has_message(IN_KEYS[kind]),
            *([~starts_her_course()] if kind == TWO_DAYS_BEFORE else []),
        )
    )


def _key(kind: ReminderKind, booking_id: int, version: int) -> str:
    return f"booking:{booking_id}:reminder:{IN_KEYS[kind]}:v{version}"


def _in_time(session_id: int, due_at: datetime) -> ColumnElement[bool]:
    # Since when her place stands as it does: one that was put back makes good no reminder she missed.
    return and_(Booking.session_id == session_id, Booking.state_at < due_at)


def _may_be_reminded(now: datetime) -> ColumnElement[bool]:
    paused_no_more = and_(Person.status == PersonStatus.PAUSED, Person.paused_until <= to_local(now).date())
    return or_(Person.status == PersonStatus.ACTIVE, paused_no_more)


def _has_message(word: str) -> ColumnElement[bool]:
    key = (
        literal("booking:")
        + cast(Booking.id, String)
        + literal(f":reminder:{word}:v")
        + cast(ScheduledSession.schedule_version, String)
    )
    return select(Message.id).where(Message.dedupe_key == key).exists()
