"""What is in the tray: what is due, what is no longer true, what went wrong, and what the mailbox holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, String, and_, cast, func, literal, or_, select
from sqlalchemy.orm import aliased, joinedload

from booking.db import db
from booking.models import (
    Booking,
    Enrolment,
    MailboxLetter,
    Message,
    Person,
    ScheduledSession,
    SessionVersion,
    WorkerBeat,
)
from booking.models.kinds import (
    BookingState,
    Channel,
    EnrolmentState,
    MessageKind,
    MessageState,
    PersonStatus,
    Pool,
    SessionState,
)
from booking.queries.courses import starts_her_course
from booking.refusals import NotFound
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
_TOO_LONG = timedelta(minutes=5)
_BEATS_EVERY = timedelta(minutes=2)
IN_KEYS: dict[ReminderKind, str] = {TWO_DAYS_BEFORE: "two_days", SAME_MORNING: "that_morning"}
_SILENT = (PersonStatus.DIED, PersonStatus.CLOSED, PersonStatus.MERGED)
_ABOUT_A_PLACE = (
    MessageKind.BOOKED,
    MessageKind.REMINDER,
    MessageKind.SESSION_CHANGED,
    MessageKind.COURSE_STARTS,
)
# Who waits plans her day by the time of a date, too.
HEARS_OF_A_CHANGE = (
    BookingState.BOOKED,
    BookingState.PROVISIONAL,
    BookingState.WAITING,
    BookingState.OFFERED,
)
# The ending of the key of the letter that says that nobody could reach her for the welcome call.
NOT_REACHED = ":not_reached"
_NUDGES = (MessageKind.REMINDER, MessageKind.COURSE_STARTS)


@dataclass(frozen=True)
class DueReminder:
    """A reminder that should go now: for which booking, under which key, due since when."""

    booking: Booking
    key: str
    due_at: datetime
    starts_at: datetime
    schedule_version: int


@dataclass(frozen=True)
class Tray:
    """How the outbox stands, in numbers."""

    waiting: int
    failed: int
    calls: int
    overdue: int


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


def overtaken_ids(now: datetime, limit: int) -> Sequence[int]:
    """Return messages that wait but would no longer be true, by whatever channel."""
    return db.session.scalars(
        select(Message.id)
        .join(Booking, Booking.id == Message.booking_id)
        .join(ScheduledSession, ScheduledSession.id == Booking.session_id)
        .outerjoin(Person, Person.id == Booking.person_id)
        .where(Message.state == MessageState.WAITING, is_overtaken(now))
        .order_by(Message.id)
        .limit(limit)
    ).all()


def is_overtaken(now: datetime) -> ColumnElement[bool]:
    """Return the condition, over message, booking, session and person, that a message is no longer true.

    The sender judges each letter again by itself; this keeps the list of calls clean and the way free.
    """
    changed = Message.kind == MessageKind.SESSION_CHANGED
    place_gone = or_(
        and_(~changed, Booking.state != BookingState.BOOKED),
        and_(changed, Booking.state.not_in(HEARS_OF_A_CHANGE)),
        ScheduledSession.state != SessionState.PUBLISHED,
        and_(Message.schedule_version != ScheduledSession.schedule_version, ~_speaks_of_today()),
    )
    return or_(
        ScheduledSession.ends_at <= now,
        Message.useless_at <= now,
        Person.id.is_(None),
        Person.status.in_(_SILENT),
        and_(Message.kind.in_(_ABOUT_A_PLACE), place_gone),
        and_(changed, or_(is_told(), nothing_differs())),
        and_(Message.kind.in_(_NUDGES), ScheduledSession.starts_at <= now),
        and_(Message.kind == MessageKind.COURSE_BOOKED, ~_is_on_course()),
        and_(Message.kind == MessageKind.COURSE_LEFT, _is_on_course()),
        and_(Message.kind == MessageKind.GIVEN_UP, Booking.state != BookingState.GIVEN_UP),
        and_(Message.kind == MessageKind.WAITING, Booking.state != BookingState.WAITING),
        and_(Message.kind == MessageKind.PROVISIONAL, _is_called()),
        and_(Message.kind == MessageKind.OFFERED, _is_answered()),
        and_(
            Message.kind == MessageKind.SESSION_CANCELLED,
            ScheduledSession.state != SessionState.CANCELLED,
        ),
    )


def _is_called() -> ColumnElement[bool]:
    """Say whether the call was made; of the letter that nobody was reached, whether it was otherwise."""
    not_reached = Message.dedupe_key.endswith(NOT_REACHED, autoescape=True)
    gone = and_(not_reached, Booking.state != BookingState.EXPIRED)
    return or_(gone, and_(~not_reached, Booking.state != BookingState.PROVISIONAL))


def _is_answered() -> ColumnElement[bool]:
    """Say whether nothing is offered any more: a late chance ends by the clock, a place kept by its row."""
    told_late = and_(Booking.state == BookingState.WAITING, Booking.held_until.is_not(None))
    return and_(Booking.state != BookingState.OFFERED, ~told_late)


def _is_on_course() -> ColumnElement[bool]:
    its_own = and_(Enrolment.id == Booking.enrolment_id, Enrolment.state == EnrolmentState.ENROLLED)
    return select(Enrolment.id).where(its_own).correlate(Booking).exists()


def is_told() -> ColumnElement[bool]:
    """Return the condition, over booking and session, that she was told the session as it is now."""
    return Booking.told_version >= ScheduledSession.schedule_version


def nothing_differs() -> ColumnElement[bool]:
    """Return the condition, over message, booking and session, that all is as she was last told.

    The room has no use for a meeting address, and those online have none for a venue. It is not met while
    another message may have told her something else, or never told her the first: twice is a nuisance,
    never is a failure.
    """
    same = [
        getattr(SessionVersion, name) == getattr(ScheduledSession, name)
        for name in ("local_date", "start_time", "end_time", "mode")
    ]
    same_venue = SessionVersion.venue_id.is_not_distinct_from(ScheduledSession.venue_id)
    same_link = SessionVersion.meeting_url == ScheduledSession.meeting_url
    of_told_version = and_(
        SessionVersion.session_id == Booking.session_id,
        SessionVersion.schedule_version == Booking.told_version,
    )
    for_her = or_(and_(Booking.pool == Pool.ROOM, same_venue), and_(Booking.pool == Pool.ONLINE, same_link))
    as_told = select(SessionVersion.id).where(of_told_version, *same, for_her)
    return and_(as_told.exists(), ~_in_doubt())


def _in_doubt() -> ColumnElement[bool]:
    """Say whether what she was told last is not sure: a worker may die between handing over and noting it."""
    other = aliased(Message)
    half_told = and_(
        other.kind == MessageKind.SESSION_CHANGED,
        other.channel == Channel.EMAIL,
        other.attempts > 0,
        other.schedule_version > Booking.told_version,
    )
    about_it = and_(other.booking_id == Booking.id, or_(other.kind == MessageKind.BOOKED, half_told))
    # The letter that lists every week of her course belongs to the week that was its first one.
    week = aliased(Booking)
    her_weeks = select(week.id).where(week.enrolment_id == Booking.enrolment_id).correlate(Booking)
    about_course = and_(other.kind == MessageKind.COURSE_BOOKED, other.booking_id.in_(her_weeks))
    unsaid = and_(other.id != Message.id, other.state != MessageState.SENT)
    return select(other.id).where(unsaid, or_(about_it, about_course)).exists()


def _speaks_of_today() -> ColumnElement[bool]:
    """Say whether a message is a confirmation by email, written from the rows of the moment it leaves.

    Nobody knows what a caller read out before a session changed, so there the call about the change tells.
    """
    return and_(Message.kind == MessageKind.BOOKED, Message.channel == Channel.EMAIL)


def tray(now: datetime) -> Tray:
    """Count what waits, what failed, which calls are to be made, and what is due for too long."""
    return Tray(
        waiting=_count(Message.channel == Channel.EMAIL, Message.state.in_(_UNSENT)),
        failed=_count(Message.state == MessageState.FAILED),
        calls=_count(Message.channel == Channel.CALL, Message.state == MessageState.WAITING),
        overdue=_count(*_overdue(now)),
    )


def is_healthy(now: datetime) -> bool:
    """Say whether a worker is alive and no email has been due and unsent for five minutes."""
    alive = db.session.scalar(
        select(func.count()).select_from(WorkerBeat).where(WorkerBeat.beat_at > now - _BEATS_EVERY)
    )
    return bool(alive) and _count(*_overdue(now)) == 0


def letters_in_mailbox(limit: int = 200) -> Sequence[MailboxLetter]:
    """Return what the mailbox of development holds, newest first."""
    return db.session.scalars(select(MailboxLetter).order_by(MailboxLetter.id.desc()).limit(limit)).all()


def letter_in_mailbox(letter_id: int) -> MailboxLetter:
    """Return one letter of the mailbox. Refuses: one that is not there."""
    letter = db.session.get(MailboxLetter, letter_id) if 0 < letter_id < 2**31 else None
    if letter is None:
        raise NotFound
    return letter


_UNSENT = (MessageState.WAITING, MessageState.SENDING)


def _overdue(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        Message.channel == Channel.EMAIL,
        Message.state.in_(_UNSENT),
        Message.due_at < now - _TOO_LONG,
    )


def _count(*conditions: ColumnElement[bool]) -> int:
    return db.session.scalar(select(func.count()).select_from(Message).where(*conditions)) or 0
