"""Who may send which message, and what became of it; sending happens between two of these calls."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, delete, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from booking.db import db, transaction
from booking.messages.envelope import Envelope
from booking.messages.reach import ANSWERS, LINKS, is_paused, may_hear
from booking.models import Booking, EmailLink, MailboxLetter, Message, Person, ScheduledSession, WorkerBeat
from booking.models.kinds import BookingState, Channel, LinkPurpose, MessageKind, MessageState
from booking.rules.backoff import next_try_at
from booking.services.steps import links
from booking.services.steps.holds import begin_the_hour, end_the_wait

# Long enough for the slowest conversation with a mail server, short enough that a killed worker's
# letters are not forgotten for long.
LEASE = timedelta(seconds=120)
BATCH = 20
# So many workers may look at the same moment, and each still finds something of its own.
_WORKERS_AT_ONCE = 5
# After this long nobody needs to be told any more; a human decides.
GIVES_UP_AFTER = timedelta(days=5)
_SOON = timedelta(seconds=10)
_BEATS_KEPT = timedelta(days=1)
_TELLS_THE_VERSION = (
    MessageKind.BOOKED,
    MessageKind.SESSION_CHANGED,
    MessageKind.WAITING,
    MessageKind.OFFERED,
    MessageKind.PROVISIONAL,
)
_ON_ITS_WAY = (MessageState.WAITING, MessageState.SENDING)
_QUIETLY = {"synchronize_session": False}
_BACK_IN_THE_TRAY = {
    "state": MessageState.WAITING,
    "leased_by": None,
    "leased_until": None,
    "attempts": Message.attempts - 1,
}


def claim(
    worker: str,
    now: datetime,
    *,
    channel: Channel = Channel.EMAIL,
    limit: int = BATCH,
    lease: timedelta = LEASE,
) -> list[int]:
    """Take some messages that are due for this worker alone, links people wait for first; return their ids.

    A lease that has run out belonged to a worker that died: its messages are taken back here.
    """
    with transaction():
        ids = db.session.scalars(
            select(Message.id)
            .where(Message.id.in_(_first_in_turn(channel, now, limit * _WORKERS_AT_ONCE)), free_to_take(now))
            .order_by(Message.kind.in_(LINKS).desc(), Message.due_at, Message.id)
            .limit(limit)
            # PostgreSQL steps over rows another worker is taking; SQLite has one writer at a time anyway.
            .with_for_update(skip_locked=True)
        ).all()
        if ids:
            _change(
                Message.id.in_(ids),
                state=MessageState.SENDING,
                leased_by=worker,
                leased_until=now + lease,
                # Whoever held it before may have begun; this worker has not.
                began_at=None,
                attempts=Message.attempts + 1,
            )
        return list(ids)


def begins(message_id: int, worker: str, now: datetime) -> bool:
    """Note that the conversation about a message begins, and say whether it may.

    What was withdrawn, or whose person may not hear it any more, does not begin: it goes back into the
    tray, where it is judged anew. Her row is held while that is decided, so that a death is recorded
    either before, and nothing leaves, or after, and then it finds this letter already leaving.
    """
    with transaction():
        held = db.session.execute(
            select(Message.person_id, Message.kind).where(_held(worker, message_id))
        ).one_or_none()
        if held is None:
            return False
        if held.person_id is not None and not _may_still_hear(held.person_id, held.kind, now):
            _change(_held(worker, message_id), **_BACK_IN_THE_TRAY)
            return False
        # A merge may have given the letter to her other record, whose row nobody held just now.
        same = Message.person_id.is_not_distinct_from(held.person_id)
        begun = update(Message).where(_held(worker, message_id), same).values(began_at=now)
        return db.session.scalar(begun.returning(Message.id), execution_options=_QUIETLY) is not None


def free_to_take(now: datetime) -> ColumnElement[bool]:
    """Return the condition that a message is due and nobody holds it; a rest after a fault is a lease."""
    unheld = or_(Message.leased_until.is_(None), Message.leased_until <= now)
    return and_(Message.state.in_(_ON_ITS_WAY), Message.due_at <= now, unheld)


def put_back(message_ids: Collection[int], worker: str) -> None:
    """Give back messages that were claimed but not begun."""
    with transaction():
        # Whoever withdraws several of them at this moment goes through them in an order of its own.
        free = select(Message.id).where(_held(worker, *message_ids)).with_for_update(skip_locked=True)
        _change(Message.id.in_(db.session.scalars(free).all()), **_BACK_IN_THE_TRAY)


def sent(message_id: int, now: datetime, told_version: int | None = None) -> None:
    """Note that a message was handed over, whoever holds its lease by now: it has left the house."""
    with transaction():
        message = db.session.get(Message, message_id)
        if message is None or message.state is MessageState.SENT:
            return
        message.state, message.sent_at, message.why = MessageState.SENT, now, ""
        message.leased_by = message.leased_until = None
        if message.link_id is not None:
            _begin_life(message.link_id, now)
        if message.booking_id is not None and message.kind in _TELLS_THE_VERSION:
            _note_told(message.booking_id, told_version or message.schedule_version or 1)


def failed_for_now(message_id: int, worker: str, code: str, now: datetime, *, soon: bool = False) -> None:
    """Let a message rest after a temporary failure; `soon` when nobody could be spoken to at all.

    Only an answer is ever a reason to give up: while the mail server is away, nothing is lost.
    """
    with transaction():
        message = db.session.scalar(select(Message).where(_held(worker, message_id)))
        if message is None:
            return
        message.why, message.leased_by, message.began_at = code, None, None
        if not soon and now - message.due_at > GIVES_UP_AFTER:
            message.state, message.leased_until = MessageState.FAILED, None
            return
        message.state = MessageState.WAITING
        message.leased_until = now + _SOON if soon else next_try_at(message.attempts, now, message.id)


def failed_for_good(message_id: int, worker: str, code: str, now: datetime) -> None:
    """Stop trying: the office sees it. Places that waited for this letter wait no longer."""
    with transaction():
        message = db.session.scalar(select(Message).where(_held(worker, message_id)))
        if message is None:
            return
        message.state, message.why = MessageState.FAILED, code
        message.leased_by = message.leased_until = None
        if message.kind is MessageKind.CONFIRM_EMAIL and message.person_id is not None:
            end_the_wait(message.person_id, now)


def set_aside(message_id: int, worker: str, why: str) -> None:
    """Withdraw a message that is no longer true."""
    _settle(message_id, worker, state=MessageState.WITHDRAWN, why=why)


def hand_to_office(message_id: int, worker: str, why: str) -> None:
    """Make a message a call to make: still true, but not for email; no clock runs until she is reached."""
    with transaction():
        _stop_the_clock(message_id, worker)
        values = {"leased_by": None, "leased_until": None, "why": why}
        _change(_held(worker, message_id), state=MessageState.WAITING, channel=Channel.CALL, **values)


def hand_to(message_id: int, worker: str, channel: Channel, why: str) -> None:
    """Put a message back into the tray for another channel of ours, by which she is reached today."""
    values = {"leased_by": None, "leased_until": None, "why": why, "attempts": Message.attempts - 1}
    with transaction():
        _change(_held(worker, message_id), state=MessageState.WAITING, channel=channel, **values)


def beat(worker: str, started_at: datetime, now: datetime) -> None:
    """Note that a worker is alive, and forget those that were alive long ago."""
    with transaction():
        dialect = db.session.get_bind().dialect.name
        inserting = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(WorkerBeat)
        row = {"name": worker, "started_at": started_at, "beat_at": now}
        db.session.execute(
            inserting.values(row).on_conflict_do_update(index_elements=["name"], set_={"beat_at": now})
        )
        db.session.execute(delete(WorkerBeat).where(WorkerBeat.beat_at < now - _BEATS_KEPT))


def keep_in_mailbox(envelope: Envelope) -> None:
    """Keep a letter where development reads its mail."""
    letter = envelope.letter
    row = {
        "recipient": envelope.recipient,
        "subject": str(envelope.message["Subject"]),
        "text": letter.text,
        "html": letter.html,
        "source": envelope.message.as_bytes(),
        "sent_at": envelope.written_at,
    }
    with transaction():
        db.session.execute(insert(MailboxLetter).values(row))


def _first_in_turn(channel: Channel, now: datetime, limit: int) -> Sequence[int]:
    """Return messages before which no other about the same booking waits: an order that is always kept.

    Numbering them asks for one sorting, whatever the database believes about the table; looking for an
    earlier one for each took PostgreSQL a minute after ten thousand new rows.
    """
    same_booking = func.coalesce(Message.booking_id, -Message.id)
    turn = func.row_number().over(partition_by=same_booking, order_by=Message.id)
    numbered = (
        select(
            Message.id,
            turn.label("turn"),
            free_to_take(now).label("is_free"),
            Message.kind.in_(LINKS).label("is_awaited"),
            Message.due_at,
        )
        .where(Message.channel == channel, Message.state.in_(_ON_ITS_WAY))
        .subquery()
    )
    return db.session.scalars(
        select(numbered.c.id)
        .where(numbered.c.turn == 1, numbered.c.is_free)
        .order_by(numbered.c.is_awaited.desc(), numbered.c.due_at, numbered.c.id)
        .limit(limit)
    ).all()


def _held(worker: str, *message_ids: int) -> ColumnElement[bool]:
    return and_(
        Message.id.in_(message_ids), Message.state == MessageState.SENDING, Message.leased_by == worker
    )


def _may_still_hear(person_id: int, kind: MessageKind, now: datetime) -> bool:
    """Hold the person's row, as far as nobody else can change it, and say whether this may be said to her."""
    # A share of the row is enough to keep a death, a pause and a merge waiting, and writes nothing to it;
    # on SQLite the writing transaction is alone already.
    asked = select(Person).where(Person.id == person_id).with_for_update(read=True)
    person = db.session.scalars(asked.execution_options(populate_existing=True)).one()
    unasked = kind not in ANSWERS and is_paused(person, now)
    return may_hear(person, kind, now) and not unasked


def _settle(message_id: int, worker: str, **values: Any) -> None:
    with transaction():
        _change(_held(worker, message_id), leased_by=None, leased_until=None, **values)


def _change(which: ColumnElement[bool], **values: Any) -> None:
    db.session.execute(update(Message).where(which).values(**values), execution_options=_QUIETLY)


def _stop_the_clock(message_id: int, worker: str) -> None:
    """Let a place that was offered to her wait until the office has reached her, as with any call."""
    about = select(Message.booking_id).where(_held(worker, message_id), Message.kind == MessageKind.OFFERED)
    stopped = db.session.scalar(
        update(Booking)
        .where(Booking.id.in_(about), Booking.state == BookingState.OFFERED, Booking.waits_since.is_not(None))
        .values(held_until=None)
        .returning(Booking.session_id),
        execution_options=_QUIETLY,
    )
    if stopped is not None:
        starts_at = select(ScheduledSession.starts_at).where(ScheduledSession.id == stopped)
        _change(_held(worker, message_id), useless_at=starts_at.scalar_subquery())


def _begin_life(link_id: int, now: datetime) -> None:
    """Let the short life of a link begin, and with it the hour of the places that wait for it."""
    link = db.session.get(EmailLink, link_id)
    if link is not None:
        links.begin_life(link, now)
        if link.purpose is LinkPurpose.CONFIRM_EMAIL and link.person_id is not None:
            begin_the_hour(link.person_id, now)


def _note_told(booking_id: int, version: int) -> None:
    newer = case((Booking.told_version < version, version), else_=Booking.told_version)
    db.session.execute(
        update(Booking).where(Booking.id == booking_id).values(told_version=newer), execution_options=_QUIETLY
    )
