"""The office's calls: how each one went is noted, once, and a slip of the finger is put right."""

from datetime import datetime

from sqlalchemy import select, update

from booking.db import db, transaction
from booking.models import Booking, CallNote, Message, Person, ScheduledSession
from booking.models.kinds import CallOutcome, Channel, MessageKind, MessageState
from booking.queries.tasks import of_use_until
from booking.refusals import (
    CallAlreadyNoted,
    CallNotSettledToday,
    MayNotLeaveWord,
    NotByPost,
    NotFound,
    TryAgainLater,
)
from booking.rules.wall_time import to_local
from booking.services.steps import calls, told
from booking.services.steps.audit import note
from booking.services.steps.locks import lock_people, lock_sessions

_BY_HAND = (Channel.CALL, Channel.POST)
_BECOMES = {
    CallOutcome.REACHED: MessageState.SENT,
    CallOutcome.LEFT_WORD: MessageState.SENT,
    CallOutcome.NO_ANSWER: MessageState.WAITING,
    CallOutcome.NOT_NEEDED: MessageState.WITHDRAWN,
    CallOutcome.TRY_AGAIN: MessageState.WAITING,
    CallOutcome.POSTED: MessageState.SENT,
}
# After these somebody has heard of what is offered to her; a letter on paper takes days to say it.
_HEARD = (CallOutcome.REACHED, CallOutcome.LEFT_WORD, CallOutcome.NOT_NEEDED)


def note_call(
    message_id: int,
    outcome: CallOutcome,
    actor_id: int,
    now: datetime,
    *,
    again_at: datetime | None = None,
) -> None:
    """Note how a call went: reached, left word or posted ends it; no answer keeps it on the list.

    Once somebody was reached, or word was left, the time of what is offered to her begins to run.
    `again_at` is when she asked to be tried again.
    Refuses: a message that is no call to make, one that somebody else has just noted, word left where she
    has not allowed it, a call that was posted, and a time to try again that has passed or is too late.
    """
    with transaction():
        message = _held(message_id)
        _refuse_unfit(message, outcome, again_at, now)
        _settle(message, outcome, now)
        if message.kind is MessageKind.OFFERED and message.booking_id and outcome in _HEARD:
            calls.start_clock(message.booking_id, now)
        facts = {"outcome": outcome, "noted_by": actor_id, "noted_at": now, "try_again_at": again_at}
        db.session.add(CallNote(message_id=message_id, **facts))
        note(now, actor_id, "call noted", f"message:{message_id}", outcome)


def reopen_call(message_id: int, actor_id: int, now: datetime) -> None:
    """Put a call that was settled today back on the list; what was noted about it stays written down.

    Refuses: a message that is no call to make, and one that was not settled today.
    """
    with transaction():
        message = _held(message_id)
        last = db.session.scalar(
            select(CallNote).where(CallNote.message_id == message_id).order_by(CallNote.id.desc()).limit(1)
        )
        if last is None or to_local(last.noted_at).date() != to_local(now).date():
            raise CallNotSettledToday
        _put_back(message, last.outcome)
        note(now, actor_id, "call put back", f"message:{message_id}")


def _held(message_id: int) -> Message:
    """Hold whom a call is for and what it is about, in the one order, and read the message afterwards."""
    message = db.session.get(Message, message_id)
    if message is None or message.channel not in _BY_HAND:
        raise NotFound
    lock_people([message.person_id] if message.person_id is not None else [])
    about = select(Booking.session_id).where(Booking.id == message.booking_id)
    lock_sessions(db.session.scalars(about).all())
    db.session.refresh(message)
    return message


def _refuse_unfit(message: Message, outcome: CallOutcome, again_at: datetime | None, now: datetime) -> None:
    """Refuse an outcome that this call can't have."""
    person = db.session.get(Person, message.person_id) if message.person_id is not None else None
    if outcome is CallOutcome.LEFT_WORD and not (person is not None and person.may_leave_word):
        raise MayNotLeaveWord
    if outcome is CallOutcome.POSTED and message.channel is not Channel.POST:
        raise NotByPost
    is_later = again_at is not None and again_at > now
    if (outcome is CallOutcome.TRY_AGAIN) != is_later or (is_later and _is_too_late(message, again_at, now)):
        raise TryAgainLater


def _is_too_late(message: Message, again_at: datetime | None, now: datetime) -> bool:
    about = select(ScheduledSession).join(Booking, Booking.session_id == ScheduledSession.id)
    date = db.session.scalar(about.where(Booking.id == message.booking_id))
    until = of_use_until(message.useless_at, date, now)
    return until is not None and again_at is not None and again_at >= until


def _put_back(message: Message, outcome: CallOutcome) -> None:
    """Change the state only from the one that the outcome gave it, never from one of another cause."""
    settled = _BECOMES[outcome]
    taken = db.session.scalar(
        update(Message)
        .where(
            Message.id == message.id,
            Message.state == settled,
            Message.state != MessageState.WAITING,
            Message.why == ("" if settled is MessageState.SENT else outcome.value),
        )
        .values(state=MessageState.WAITING, sent_at=None, why="")
        .returning(Message.id),
        execution_options={"synchronize_session": False},
    )
    if taken is None or _is_answered(message):
        raise CallNotSettledToday
    if message.kind is MessageKind.OFFERED and message.booking_id is not None:
        calls.stop_clock(message.booking_id)
    if settled is MessageState.SENT and message.kind is MessageKind.SESSION_CHANGED:
        told.note_not_told(message)


def _is_answered(message: Message) -> bool:
    """Say whether she has answered what a call offered her: then nobody has to call again."""
    is_offer = message.kind is MessageKind.OFFERED and message.booking_id is not None
    return is_offer and calls.is_answered(message.booking_id or 0)


def _settle(message: Message, outcome: CallOutcome, now: datetime) -> None:
    """Change the state only from waiting, so that of two who note the same call the second is told."""
    state = _BECOMES[outcome]
    values = {
        "state": state,
        "attempts": Message.attempts + 1,
        "sent_at": now if state is MessageState.SENT else None,
        "why": "" if state is MessageState.SENT else outcome.value,
    }
    taken = db.session.scalar(
        update(Message)
        .where(Message.id == message.id, Message.state == MessageState.WAITING)
        .values(**values)
        .returning(Message.id),
        execution_options={"synchronize_session": False},
    )
    if taken is None:
        raise CallAlreadyNoted
    if state is MessageState.SENT and message.kind in told.TELLS:
        told.note_told(message)
