"""Who may send which message, and what became of it; sending happens between two of these calls.

A letter may have several parts: messages that joined the first of them. They share its fate, so that every
call here names the first one only.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, delete, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from booking.db import db, transaction
from booking.messages.envelope import Envelope
from booking.messages.reach import ANSWERS, COUNTED, contacts_of, is_paused, may_hear, way_to
from booking.models import (
    Booking,
    EmailLink,
    MailboxLetter,
    Message,
    OutgoingStop,
    Person,
    ScheduledSession,
    WorkerBeat,
)
from booking.models.kinds import BookingState, Channel, LinkPurpose, MessageKind, MessageState
from booking.rules.backoff import LONGEST_REST, RESTS_LONGEST_FROM, next_try_at
from booking.services.steps import bounces, claiming, links
from booking.services.steps.claiming import ON_ITS_WAY, QUIETLY, change
from booking.services.steps.holds import begin_the_hour, end_the_wait
from booking.services.steps.locks import lock_people

# Long enough for the slowest conversation with a mail server, short enough that a killed worker's
# letters are not forgotten for long.
LEASE = timedelta(seconds=120)
BATCH = 20
# After this long nobody needs to be told any more; a human decides. The time must have been spent trying:
# while the office has stopped everything, the server is away or a clock jumps, nobody refuses anything.
GIVES_UP_AFTER = timedelta(days=5)
GIVES_UP_FROM = GIVES_UP_AFTER // LONGEST_REST
_SOON = timedelta(seconds=10)
_BEATS_KEPT = timedelta(days=1)
_TELLS_THE_VERSION = (
    MessageKind.BOOKED,
    MessageKind.SESSION_CHANGED,
    MessageKind.WAITING,
    MessageKind.OFFERED,
    MessageKind.PROVISIONAL,
)
_NOBODYS = {"leased_by": None, "leased_until": None}
# What was never begun may go with others next time; what was, perhaps, is repeated as it was.
_LOOSENED = case(
    (and_(Message.attempts > 1, Message.state.in_(ON_ITS_WAY)), Message.joined_to_id), else_=None
)
_BACK_IN_THE_TRAY = {
    "state": MessageState.WAITING,
    "began_at": None,
    "attempts": Message.attempts - 1,
    "joined_to_id": _LOOSENED,
    **_NOBODYS,
}
# What nobody answered counts among the tries only as far as it lets her other letters pass.
_UNANSWERED = {
    "attempts": case((Message.attempts > RESTS_LONGEST_FROM, Message.attempts - 1), else_=Message.attempts)
}
_APART = _BACK_IN_THE_TRAY | {"joined_to_id": None}


def claim(
    worker: str,
    now: datetime,
    *,
    channel: Channel = Channel.EMAIL,
    limit: int = BATCH,
    lease: timedelta = LEASE,
) -> list[int]:
    """Take some letters that are due for this worker alone, links people wait for first.

    Returned is the first part of each. A lease that has run out belonged to a worker that died: its letters
    are taken back here. While the office has stopped everything, nothing is taken.
    """
    with transaction():
        taken = claiming.take(worker, now, free_to_take(now), channel, limit, lease)
        while taken.some_wait and not taken.leaders:
            taken = claiming.take(worker, now, free_to_take(now), channel, limit, lease)
        if not taken.leaders:
            claiming.wake_what_the_clock_left(now, lease)
        return taken.leaders


def begins(message_id: int, worker: str, now: datetime, *, keeps: bool = False) -> bool:
    """Note that the conversation about a letter begins, and say whether it may.

    What was withdrawn, or whose person may not hear it any more, does not begin: it goes back into the
    tray, where it is judged anew, and so does a letter one part of which was withdrawn. Her row is held
    while that is decided, so that a death is recorded either before, and nothing leaves, or after, and
    then it finds this letter already leaving; and so that of two carriers neither sends the third reminder
    of her day. `keeps` leaves with the worker what she may not hear, for it to judge at once.
    """
    with transaction():
        first = db.session.execute(
            select(Message.person_id, Message.kind).where(_held(worker, message_id))
        ).one_or_none()
        if first is None:
            return False
        if first.person_id is not None and not _may_still_hear(first.person_id, first.kind, now):
            if not keeps:
                _put_back([message_id], worker)
            return False
        parts = None
        if not _is_too_many(message_id, first.person_id, first.kind, now):
            parts = _all_held(message_id, worker)
        # A merge may have given the letter to her other record, whose row nobody held just now.
        same = Message.person_id.is_not_distinct_from(first.person_id)
        if parts is not None:
            may = and_(Message.id.in_(parts), _is_held_by(worker), same, ~_is_stopped())
            begun = update(Message).where(may).values(began_at=now).returning(Message.id)
            if len(db.session.scalars(begun, execution_options=QUIETLY).all()) == len(parts):
                return True
        _put_back([message_id], worker)
        return False


def free_to_take(now: datetime) -> ColumnElement[bool]:
    """Return the condition that a message is due and nobody holds it; a rest after a fault is a lease."""
    return and_(Message.state.in_(ON_ITS_WAY), claiming.is_due(now), claiming.is_unheld(now))


def put_back(message_ids: Collection[int], worker: str) -> None:
    """Give back letters that were claimed but not begun."""
    with transaction():
        _put_back(message_ids, worker)


def sent(message_id: int, now: datetime, told_version: int | None = None) -> None:
    """Note that a letter was handed over, whoever holds its lease by now: it has left the house."""
    with transaction():
        whole = select(Message).where(or_(Message.id == message_id, _left_with(message_id)))
        held = whole.order_by(Message.id).with_for_update().execution_options(populate_existing=True)
        parts = {part.id: part for part in db.session.scalars(held)}
        message = parts.pop(message_id, None)
        if message is None or message.state is MessageState.SENT:
            return
        _note_sent(message, now, told_version)
        if message.link_id is not None:
            _begin_life(message.link_id, now)
        for part in parts.values():
            _note_sent(part, now, None)


def failed_for_now(message_id: int, worker: str, code: str, now: datetime, *, soon: bool = False) -> None:
    """Let a letter rest after a temporary failure; `soon` when nobody could be spoken to at all.

    Only an answer is ever a reason to give up: while the mail server is away, nothing is lost.
    """
    with transaction():
        message = db.session.scalar(select(Message).where(_held(worker, message_id)))
        if message is None:
            return
        its_parts = _parts_of(message_id, worker)
        _hold_in_order(its_parts)
        if not soon and now - message.due_at > GIVES_UP_AFTER and message.attempts >= GIVES_UP_FROM:
            change(its_parts, state=MessageState.FAILED, why=code, began_at=None, **_NOBODYS)
            return
        rests_until = now + _SOON if soon else next_try_at(message.attempts, now, message.id)
        # Where nobody listened nothing was tried, so nothing ties the parts of this letter together.
        untried = _BACK_IN_THE_TRAY if message.began_at is None else _UNANSWERED
        rests = {"state": MessageState.WAITING, "why": code, "began_at": None, "leased_by": None}
        change(its_parts, **((untried if soon else {}) | rests | {"leased_until": rests_until}))


def failed_for_good(
    message_id: int, worker: str, code: str, now: datetime, *, bounced: bool = False, alone: bool = False
) -> None:
    """Stop trying: the office sees it. Places that waited for this letter wait no longer.

    `bounced` says that nobody is at that address, which counts as a letter that came back.
    A letter that could not even be written fails `alone`: its other parts are tried by themselves.
    """
    with transaction():
        # People come before their letters: whoever records a death holds her row and then these.
        person_id = db.session.scalar(select(Message.person_id).where(_held(worker, message_id)))
        if person_id is not None:
            lock_people([person_id])
        _hold_in_order(_parts_of(message_id, worker))
        message = db.session.scalar(select(Message).where(_held(worker, message_id)))
        if message is None:
            return
        unwritten = alone or message.began_at is None
        if unwritten:
            _part_from(message_id, worker)
        failed = {"state": MessageState.FAILED, "why": code, **_NOBODYS}
        apart = {"began_at": None, "joined_to_id": None} if unwritten else {}
        change(_parts_of(message_id, worker), **(failed | apart))
        if bounced:
            db.session.refresh(message)
            bounces.note_bounce(message, code, now)
        if message.kind is MessageKind.CONFIRM_EMAIL and message.person_id is not None:
            end_the_wait(message.person_id, now)


def set_aside(message_id: int, worker: str, why: str) -> None:
    """Withdraw a message that is no longer true; what had joined it is judged by itself."""
    with transaction():
        _settle(message_id, worker, state=MessageState.WITHDRAWN, why=why, began_at=None)


def hand_to_office(message_id: int, worker: str, why: str) -> None:
    """Make a message a call to make, or a letter to post: still true, but not for email or text.

    No clock runs until she is reached.
    """
    with transaction():
        _stop_the_clock(message_id, worker)
        channel = _by_hand(message_id)
        _settle(message_id, worker, state=MessageState.WAITING, channel=channel, why=why, began_at=None)


def hand_to(message_id: int, worker: str, channel: Channel, why: str) -> None:
    """Let a message go by another channel of ours, from which it is claimed as any other."""
    with transaction():
        _settle(message_id, worker, **(_APART | {"channel": channel, "why": why}))


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


def _held(worker: str, *message_ids: int) -> ColumnElement[bool]:
    return and_(Message.id.in_(message_ids), _is_held_by(worker))


def _is_held_by(worker: str) -> ColumnElement[bool]:
    return and_(Message.state == MessageState.SENDING, Message.leased_by == worker)


def _parts_of(message_id: int, worker: str) -> ColumnElement[bool]:
    """Return the condition that a message is a part of this letter, which the worker holds."""
    return and_(or_(Message.id == message_id, Message.joined_to_id == message_id), _is_held_by(worker))


def _left_with(message_id: int) -> ColumnElement[bool]:
    """Return the condition that a message went as a part of this letter, whoever holds it by now."""
    left = or_(Message.state.in_(ON_ITS_WAY), Message.began_at.is_not(None))
    return and_(Message.joined_to_id == message_id, left, Message.state != MessageState.SENT)


def _all_held(message_id: int, worker: str) -> list[int] | None:
    """Hold every part of a letter, or return nothing where one was withdrawn since it was written.

    Nobody waits for a row here: what another one holds is being withdrawn.
    """
    whole = or_(Message.id == message_id, Message.joined_to_id == message_id)
    ids = list(db.session.scalars(select(Message.id).where(whole).order_by(Message.id)))
    if ids == [message_id]:
        return ids
    free = select(Message.id).where(_parts_of(message_id, worker)).order_by(Message.id)
    held = list(db.session.scalars(free.with_for_update(skip_locked=True)))
    return held if held == ids else None


def _hold_in_order(which: ColumnElement[bool]) -> None:
    """Hold several messages in the order in which everybody takes them: no two then wait for each other."""
    db.session.execute(select(Message.id).where(which).order_by(Message.id).with_for_update()).all()


def _put_back(message_ids: Collection[int], worker: str) -> None:
    """Put letters back into the tray, and let go of parts that are no more."""
    ids = list(message_ids)
    whole = or_(Message.id.in_(ids), Message.joined_to_id.in_(ids))
    # What another one holds at this moment is being withdrawn.
    free = select(Message.id).where(whole, _is_held_by(worker)).with_for_update(skip_locked=True)
    change(Message.id.in_(db.session.scalars(free).all()), **_BACK_IN_THE_TRAY)
    gone = and_(Message.joined_to_id.in_(ids), Message.state.not_in(ON_ITS_WAY))
    over = db.session.scalars(select(Message.id).where(gone).with_for_update(skip_locked=True)).all()
    if over:
        change(Message.id.in_(over), joined_to_id=None)


def _part_from(message_id: int, worker: str) -> None:
    """Let what had joined a letter that does not leave go by itself."""
    change(and_(Message.joined_to_id == message_id, _is_held_by(worker)), **_APART)


def _note_sent(message: Message, now: datetime, told_version: int | None) -> None:
    message.state, message.sent_at, message.why = MessageState.SENT, now, ""
    message.leased_by = message.leased_until = None
    if message.booking_id is not None and message.kind in _TELLS_THE_VERSION:
        _note_told(message.booking_id, told_version or message.schedule_version or 1)


def _is_stopped() -> ColumnElement[bool]:
    return select(OutgoingStop.id).where(OutgoingStop.resumed_at.is_(None)).exists()


def _is_too_many(message_id: int, person_id: int | None, kind: MessageKind, now: datetime) -> bool:
    counts = kind in COUNTED and person_id is not None
    return counts and claiming.is_one_too_many(message_id, person_id or 0, now)


def _may_still_hear(person_id: int, kind: MessageKind, now: datetime) -> bool:
    """Hold the person's row, as far as nobody else can change it, and say whether this may be said to her."""
    # A share of the row is enough to keep a death, a pause and a merge waiting, and writes nothing to it;
    # on SQLite the writing transaction is alone already. What is counted needs the row for itself.
    asked, alone = select(Person).where(Person.id == person_id), kind in COUNTED
    asked = asked.with_for_update(read=not alone, key_share=alone)
    person = db.session.scalars(asked.execution_options(populate_existing=True)).one()
    unasked = kind not in ANSWERS and is_paused(person, now)
    return may_hear(person, kind, now) and not unasked


def _settle(message_id: int, worker: str, **values: Any) -> None:
    _hold_in_order(_parts_of(message_id, worker))
    _part_from(message_id, worker)
    change(_held(worker, message_id), **(_NOBODYS | {"joined_to_id": None} | values))


def _by_hand(message_id: int) -> Channel:
    """Return whether the office writes to her or calls her."""
    message = db.session.get_one(Message, message_id)
    person = db.session.get(Person, message.person_id) if message.person_id is not None else None
    if person is None:
        return Channel.CALL
    way = way_to(person, contacts_of(person.id), message.kind, message.due_at)
    return Channel.POST if way.channel is Channel.POST else Channel.CALL


def _stop_the_clock(message_id: int, worker: str) -> None:
    """Let a place that was offered to her wait until the office has reached her, as with any call."""
    about = select(Message.booking_id).where(_held(worker, message_id), Message.kind == MessageKind.OFFERED)
    stopped = db.session.scalar(
        update(Booking)
        .where(Booking.id.in_(about), Booking.state == BookingState.OFFERED, Booking.waits_since.is_not(None))
        .values(held_until=None)
        .returning(Booking.session_id),
        execution_options=QUIETLY,
    )
    if stopped is not None:
        starts_at = select(ScheduledSession.starts_at).where(ScheduledSession.id == stopped)
        change(_held(worker, message_id), useless_at=starts_at.scalar_subquery())


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
        update(Booking).where(Booking.id == booking_id).values(told_version=newer), execution_options=QUIETLY
    )
