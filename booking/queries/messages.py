"""What is in the tray: what is due, what is no longer true, what went wrong, and what the mailbox holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import aliased

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
from booking.queries.due import laid_by_a_clock_ahead
from booking.refusals import NotFound
from booking.rules.backoff import LONGEST_REST, RESTS_LONGEST_FROM

_TOO_LONG = timedelta(minutes=5)
# A worker that was seen within this long is alive.
_BEATS_EVERY = timedelta(minutes=2)
# So many people turned away, and nobody else served since: then it is not they, it is the other side.
_TURNED_AWAY = 2
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
class Tray:
    """How the outbox stands, in numbers."""

    waiting: int
    failed: int
    calls: int
    overdue: int


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
        and_(Message.kind == MessageKind.ANNOUNCEMENT, _is_nothing_to_her()),
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


def _is_nothing_to_her() -> ColumnElement[bool]:
    """Say whether what was written to everybody of a date is nothing to her: she comes no more, or nobody."""
    gone = Booking.state.not_in(HEARS_OF_A_CHANGE)
    return or_(gone, ScheduledSession.state != SessionState.PUBLISHED)


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
        waiting=_count(Message.channel.in_(_BY_ITSELF), Message.state.in_(_UNSENT)),
        failed=_count(Message.state == MessageState.FAILED),
        calls=_count(Message.channel == Channel.CALL, Message.state == MessageState.WAITING),
        overdue=overdue(now),
    )


def is_healthy(now: datetime) -> bool:
    """Say whether a worker is alive and nothing that it sends has been due and unsent for five minutes."""
    return is_worked(now) and overdue(now) == 0


def is_worked(now: datetime) -> bool:
    """Say whether a worker was seen in the last two minutes."""
    seen = worker_last_seen(now)
    return seen is not None and now - seen <= _BEATS_EVERY


def worker_last_seen(now: datetime) -> datetime | None:
    """Return when any worker was last alive; None when there never was one.

    What was noted before the clock was put back says nothing: that worker may have died since.
    """
    return db.session.scalar(
        select(func.max(WorkerBeat.beat_at)).where(WorkerBeat.beat_at <= now + _BEATS_EVERY)
    )


def overdue(now: datetime) -> int:
    """Count the letters and text messages that have been due and unsent for five minutes.

    Left out is what was turned away for its own sake and is tried again, and what only waits behind it.
    """
    return _count(*_overdue(now))


def overdue_since(now: datetime) -> datetime | None:
    """Return when the first of those was due; what was laid by a clock ahead is due since now."""
    since = db.session.scalar(select(func.min(Message.due_at)).where(*_overdue(now)))
    return min(since, now) if since is not None else None


def letters_in_mailbox(limit: int = 200) -> Sequence[MailboxLetter]:
    """Return what the mailbox of development holds, newest first."""
    return db.session.scalars(select(MailboxLetter).order_by(MailboxLetter.id.desc()).limit(limit)).all()


def letter_in_mailbox(letter_id: int) -> MailboxLetter:
    """Return one letter of the mailbox. Refuses: one that is not there."""
    letter = db.session.get(MailboxLetter, letter_id) if 0 < letter_id < 2**31 else None
    if letter is None:
        raise NotFound
    return letter


def fails_for_now(now: datetime, row: Any = Message) -> ColumnElement[bool]:
    """Return the condition that a message was answered with a code and rests until it is tried again.

    A rest that ended a moment ago still counts, until the worker has come round to it.
    """
    return and_(
        row.channel.in_(_BY_ITSELF),
        row.state.in_(_UNSENT),
        row.attempts > 0,
        func.length(row.why) == _DIGITS,
        row.why.between("400", "599"),
        row.leased_until.between(now - _TOO_LONG, now + LONGEST_REST),
    )


_UNSENT = (MessageState.WAITING, MessageState.SENDING)
_BY_ITSELF = (Channel.EMAIL, Channel.TEXT)
# Links that somebody waits for are no part of the order.
_OUT_OF_TURN = (MessageKind.CONFIRM_EMAIL, MessageKind.SIGN_IN, MessageKind.CHANGE_EMAIL)
_DIGITS = 3


def _overdue(now: datetime) -> tuple[ColumnElement[bool], ...]:
    itself = [one for one in _BY_ITSELF if not _turns_everybody_away(one, now)]
    excused = and_(Message.channel.in_(itself), or_(fails_for_now(now), _waits_behind_one(now)))
    return (
        Message.channel.in_(_BY_ITSELF),
        Message.state.in_(_UNSENT),
        or_(_was_due_for_long(now), laid_by_a_clock_ahead(now, _TOO_LONG)),
        ~excused,
    )


def _was_due_for_long(now: datetime) -> ColumnElement[bool]:
    """Say whether a message could have left for five minutes; what was laid just now could not."""
    return and_(Message.due_at < now - _TOO_LONG, Message.created_at < now - _TOO_LONG)


def _turns_everybody_away(channel: Channel, now: datetime) -> bool:
    """Say whether several people were turned away since the last message that was taken for anybody."""
    taken = (Message.channel == channel, Message.state == MessageState.SENT, Message.sent_at <= now)
    last = db.session.scalar(select(func.max(Message.sent_at)).where(*taken))
    since = (Message.due_at > last,) if last is not None else ()
    asked = select(func.count(func.distinct(func.lower(Message.recipient))))
    turned_away = db.session.scalar(asked.where(Message.channel == channel, fails_for_now(now), *since))
    return (turned_away or 0) >= _TURNED_AWAY


def _waits_behind_one(now: datetime) -> ColumnElement[bool]:
    """Say whether a message was never tried, because an earlier one to her, or about it, fails for now."""
    first = aliased(Message)
    hers = and_(first.person_id == Message.person_id, first.attempts < RESTS_LONGEST_FROM)
    before = (
        first.id < Message.id,
        first.channel == Message.channel,
        first.kind.not_in(_OUT_OF_TURN),
        fails_for_now(now, first),
        or_(hers, first.booking_id == Message.booking_id),
    )
    held_up = select(first.id).where(*before).correlate(Message).exists()
    return and_(Message.attempts == 0, Message.kind.not_in(_OUT_OF_TURN), held_up)


def _count(*conditions: ColumnElement[bool]) -> int:
    return db.session.scalar(select(func.count()).select_from(Message).where(*conditions)) or 0
