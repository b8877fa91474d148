"""What leaves the house: whether anything may at present, how it goes, and every message to look at."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, extract, func, or_, select
from sqlalchemy.orm import joinedload

from booking.db import db
from booking.models import (
    Booking,
    Bounce,
    CallNote,
    Message,
    OutgoingStop,
    Person,
    ScheduledSession,
)
from booking.models.kinds import CallOutcome, Channel, MessageKind, MessageState
from booking.queries.messages import fails_for_now, is_worked, overdue, overdue_since, worker_last_seen
from booking.refusals import NotFound
from booking.rules.answers import NO_ANSWER

# So many that a page can be read to its end on a phone.
PAGE = 20
PROMPT_SECONDS = 60
# What the service sends by itself, as against what the office says or posts.
BY_ITSELF = (Channel.EMAIL, Channel.TEXT)
_LATELY = timedelta(days=7)
_FAILED_LATELY = timedelta(days=30)
_ON_ITS_WAY = (MessageState.WAITING, MessageState.SENDING)
_TOO_LATE = (Message.state == MessageState.WITHDRAWN, Message.why.in_(("too late", "over")))
_UNANSWERED = (
    Message.channel == Channel.EMAIL,
    Message.state.in_(_ON_ITS_WAY),
    Message.why.in_(sorted(NO_ANSWER)),
)


@dataclass(frozen=True)
class Going:
    """Whether letters go out: who stopped them and when, when a worker was last seen, what is late."""

    stopped_at: datetime | None
    stopped_by: str | None
    seen: datetime | None
    worker_is_late: bool
    overdue: int
    overdue_since: datetime | None
    # What is late waits because the mail server does not answer.
    mail_is_away: bool = False


@dataclass(frozen=True)
class Figures:
    """The numbers above the list.

    Units: messages; `prompt` of those `handed_over` were so within 60 seconds of being due.
    """

    handed_over: int
    prompt: int
    waiting: int
    failed: int
    failing: int
    too_late: int
    came_back: int
    calls: int
    letters_to_post: int


@dataclass(frozen=True)
class Look:
    """What the office looks for; None means any. `before` is the id above which the page was left.

    `failing_at` is the moment at which they fail for now.
    """

    person_ids: tuple[int, ...] | None = None
    kind: MessageKind | None = None
    state: MessageState | None = None
    channel: Channel | None = None
    before: int | None = None
    failing_at: datetime | None = None
    too_late: bool = False


@dataclass(frozen=True)
class Listed:
    """One line of the list."""

    message_id: int
    kind: MessageKind
    channel: Channel
    state: MessageState
    person_id: int | None
    full_name: str | None
    due_at: datetime
    sent_at: datetime | None
    attempts: int
    why: str


@dataclass(frozen=True)
class Noted:
    """How one attempt at a call went, and who noted it."""

    outcome: CallOutcome
    noted_at: datetime
    again_at: datetime | None
    noted_by: str


@dataclass(frozen=True)
class OneMessage:
    """A message with whom and what it is about, and everything that became of it."""

    row: Message
    person: Person | None
    about: ScheduledSession | None
    notes: tuple[Noted, ...]
    bounces: Sequence[Bounce]
    copies: Sequence[Message]
    parts: Sequence[Message]


@dataclass(frozen=True)
class Paper:
    """A letter to print, and whose name stands on its envelope."""

    message_id: int
    person_id: int
    full_name: str
    kind: MessageKind


def stop_today() -> OutgoingStop | None:
    """Return the stop that lasts, or nothing while messages leave as usual."""
    asked = select(OutgoingStop).where(OutgoingStop.resumed_at.is_(None)).order_by(OutgoingStop.id).limit(1)
    return db.session.scalar(asked)


def is_late(now: datetime) -> bool:
    """Say whether messages have been due and unsent for five minutes, though nobody stopped them."""
    return stop_today() is None and overdue(now) > 0


def how_it_goes(now: datetime) -> Going:
    """Say whether letters go out at present."""
    stop = stop_today()
    by = db.session.get(Person, stop.stopped_by) if stop is not None else None
    late = overdue(now)
    return Going(
        stopped_at=stop.stopped_at if stop is not None else None,
        stopped_by=by.known_as if by is not None else None,
        seen=worker_last_seen(now),
        worker_is_late=not is_worked(now),
        overdue=late,
        overdue_since=overdue_since(now) if late else None,
        mail_is_away=late > 0 and _count(*_UNANSWERED) > 0,
    )


def figures(now: datetime) -> Figures:
    """Count what was handed over in the last 7 days and how promptly, and what waits or went wrong."""
    handed = [
        Message.state == MessageState.SENT,
        Message.channel.in_(BY_ITSELF),
        Message.sent_at > now - _LATELY,
    ]
    failed = [Message.state == MessageState.FAILED, Message.due_at > now - _FAILED_LATELY]
    waiting = [Message.state == MessageState.WAITING, Message.due_at <= now]
    return Figures(
        handed_over=_count(*handed),
        prompt=_count(*handed, _seconds_late() <= PROMPT_SECONDS),
        waiting=_count(Message.state.in_(_ON_ITS_WAY), Message.channel.in_(BY_ITSELF)),
        failed=_count(*failed),
        failing=_count(fails_for_now(now)),
        too_late=_count(*_TOO_LATE, Message.due_at > now - _FAILED_LATELY),
        came_back=db.session.scalar(
            select(func.count()).select_from(Bounce).where(Bounce.noted_at > now - _FAILED_LATELY)
        )
        or 0,
        calls=_count(*waiting, Message.channel == Channel.CALL),
        letters_to_post=_count(*waiting, Message.channel == Channel.POST),
    )


def found(look: Look) -> list[Listed]:
    """Return a page of messages, the latest first, and one more where there are older ones."""
    asked = select(
        Message.id,
        Message.kind,
        Message.channel,
        Message.state,
        Message.person_id,
        Person.full_name,
        Message.due_at,
        Message.sent_at,
        Message.attempts,
        Message.why,
    ).outerjoin(Person, Person.id == Message.person_id)
    ordered = _looked(asked, look).order_by(Message.id.desc()).limit(PAGE + 1)
    return [Listed(*row) for row in db.session.execute(ordered)]


def one_message(message_id: int) -> OneMessage:
    """Return one message. Refuses: one that is not there."""
    row = db.session.get(Message, message_id) if 0 < message_id < 2**31 else None
    if row is None:
        raise NotFound
    person = db.session.get(Person, row.person_id) if row.person_id is not None else None
    return OneMessage(
        row=row,
        person=person,
        about=_about(row),
        notes=_notes(message_id),
        bounces=db.session.scalars(select(Bounce).where(Bounce.message_id == message_id)).all(),
        copies=_those(Message.again_of_id == message_id),
        parts=_those(Message.joined_to_id == message_id),
    )


def bounces_of(ids: Sequence[int]) -> Select[*tuple[Any, ...]]:
    """Return the question which letters to a person, and to the records that are hers, came back."""
    return (
        select(Message.kind, Bounce.code, Bounce.noted_at)
        .join(Message, Message.id == Bounce.message_id)
        .where(Bounce.person_id.in_(ids))
        .order_by(Bounce.id.desc())
    )


def letters_to_post(now: datetime, limit: int) -> list[Paper]:
    """Return the letters on paper that are due, the oldest first."""
    asked = (
        select(Message.id, Person.id, Person.full_name, Message.kind)
        .join(Person, Person.id == Message.person_id)
        .where(
            Message.channel == Channel.POST,
            Message.state == MessageState.WAITING,
            Message.due_at <= now,
            or_(Message.useless_at.is_(None), Message.useless_at > now),
        )
        .order_by(Message.due_at, Message.id)
        .limit(limit)
    )
    return [Paper(*row) for row in db.session.execute(asked)]


def names_of(person_ids: Collection[int]) -> dict[int, str]:
    """Return the full name of each of these people, as it stands on an envelope."""
    rows = db.session.execute(
        select(Person.id, Person.full_name).where(Person.id.in_(person_ids)).order_by(Person.id)
    )
    return dict(rows.all())


def _looked(asked: Select[*tuple[Any, ...]], look: Look) -> Select[*tuple[Any, ...]]:
    """Narrow a question down to what is looked for."""
    wanted: list[ColumnElement[bool]] = []
    if look.person_ids is not None:
        wanted.append(Message.person_id.in_(look.person_ids))
    if look.kind is not None:
        wanted.append(Message.kind == look.kind)
    if look.state is not None:
        wanted.append(Message.state == look.state)
    if look.channel is not None:
        wanted.append(Message.channel == look.channel)
    if look.before is not None:
        wanted.append(Message.id < look.before)
    if look.failing_at is not None:
        wanted.append(fails_for_now(look.failing_at))
    if look.too_late:
        wanted += _TOO_LATE
    return asked.where(*wanted)


def _about(row: Message) -> ScheduledSession | None:
    of_booking = select(Booking.session_id).where(Booking.id == row.booking_id)
    session_id = row.session_id or (db.session.scalar(of_booking) if row.booking_id is not None else None)
    asked = select(ScheduledSession).where(ScheduledSession.id == session_id)
    return db.session.scalar(asked.options(joinedload(ScheduledSession.series))) if session_id else None


def _notes(message_id: int) -> tuple[Noted, ...]:
    asked = (
        select(CallNote.outcome, CallNote.noted_at, CallNote.try_again_at, Person.known_as)
        .join(Person, Person.id == CallNote.noted_by)
        .where(CallNote.message_id == message_id)
        .order_by(CallNote.id)
    )
    return tuple(Noted(*row) for row in db.session.execute(asked))


def _those(which: ColumnElement[bool]) -> Sequence[Message]:
    return db.session.scalars(select(Message).where(which).order_by(Message.id)).all()


def _seconds_late() -> ColumnElement[Any]:
    """Return how long after it was due a message was handed over, in words of either database."""
    if db.session.get_bind().dialect.name == "postgresql":
        return extract("epoch", Message.sent_at - Message.due_at)
    # A day's fractions are not exact: a thousandth of a second more is none.
    return (func.julianday(Message.sent_at) - func.julianday(Message.due_at)) * 86400 - 0.001


def _count(*conditions: ColumnElement[bool]) -> int:
    return db.session.scalar(select(func.count()).select_from(Message).where(*conditions)) or 0
