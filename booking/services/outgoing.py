"""What the office does with messages that have left or wait: send again, withdraw, stop all and resume."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update

from booking.db import db, transaction
from booking.messages import outbox
from booking.messages.reach import ANSWERS, LINKS, may_hear
from booking.models import Booking, EmailLink, Message, OutgoingStop, Person, ScheduledSession
from booking.models.kinds import MessageKind, MessageState
from booking.queries.messages import is_overtaken
from booking.queries.outgoing import stop_today
from booking.refusals import AlreadyOnItsWay, AskForANewLink, NotFound, NothingToSend, TooLateToWithdraw
from booking.rules.quiet_hours import next_allowed
from booking.services.steps.audit import note
from booking.services.steps.holds import end_the_wait
from booking.services.steps.letters import not_begun
from booking.services.steps.locks import lock_people, lock_sessions
from booking.services.steps.told import note_not_told

BY_THE_OFFICE = "by the office"
SENT_AGAIN = "sent again"
# So near the start, quiet hours would make it too late.
_SOON = timedelta(hours=24)
_ON_ITS_WAY = (MessageState.WAITING, MessageState.SENDING)
# These go to the address they name, whatever she has now.
_TO_AN_ADDRESS = (*LINKS, MessageKind.EMAIL_CHANGED)
_QUIETLY = {"synchronize_session": False}


def stop_outgoing(actor_id: int, now: datetime) -> None:
    """Let nothing leave the house until somebody resumes; what is in the mail server's hands has left."""
    with transaction():
        if stop_today() is None:
            db.session.add(OutgoingStop(stopped_at=now, stopped_by=actor_id))
            note(now, actor_id, "outgoing stopped", "outgoing")


def resume_outgoing(actor_id: int | None, now: datetime) -> bool:
    """Let messages leave again, and say whether they were stopped; what was due meanwhile goes if still true.

    Nobody's name stands there when the command line does it.
    """
    with transaction():
        resumed = db.session.scalars(
            update(OutgoingStop)
            .where(OutgoingStop.resumed_at.is_(None))
            .values(resumed_at=now, resumed_by=actor_id)
            .returning(OutgoingStop.id),
            execution_options=_QUIETLY,
        ).all()
        if resumed:
            note(now, actor_id, "outgoing resumed", "outgoing")
        return bool(resumed)


def send_again(message_id: int, actor_id: int, now: datetime) -> int:
    """Lay a message into the tray anew, as a row with its own key, and return that row's id.

    It is written from today's rows and goes the way she is reached today. Of a letter that failed the new
    one takes the place; that of a change tells her once more what it was before.
    Refuses: what is on its way already, what would no longer be true, and a link that was handed over.
    """
    with transaction():
        old = _held(message_id)
        root = db.session.get(Message, old.again_of_id) if old.again_of_id is not None else None
        original = root or old
        _refuse_if_on_its_way(old, original)
        copy = _laid_again(old, original, now)
        if old.state is MessageState.FAILED:
            old.state, old.why = MessageState.WITHDRAWN, SENT_AGAIN
        if old.kind is MessageKind.SESSION_CHANGED:
            note_not_told(old)
        db.session.flush()
        if _would_be_untrue(copy.id, now):
            raise NothingToSend
        note(now, actor_id, "message sent again", f"message:{copy.id}", f"message:{original.id}")
        return copy.id


def withdraw(message_id: int, actor_id: int, now: datetime) -> None:
    """Set aside a message that waits, or that a worker took and has not begun with.

    Refuses: one that has left, is leaving this moment, or was set aside before.
    """
    with transaction():
        message = _held(message_id)
        taken = db.session.scalar(
            update(Message)
            .where(Message.id == message_id, not_begun())
            .values(state=MessageState.WITHDRAWN, why=BY_THE_OFFICE, leased_by=None, leased_until=None)
            .returning(Message.id),
            execution_options=_QUIETLY,
        )
        if taken is None:
            raise TooLateToWithdraw
        _let_riders_go_alone(message_id)
        if message.kind is MessageKind.CONFIRM_EMAIL and message.person_id is not None:
            # Nobody will press a button in a letter that does not come.
            end_the_wait(message.person_id, now)
        note(now, actor_id, "message withdrawn", f"message:{message_id}")


def _held(message_id: int) -> Message:
    """Hold whom a message is for and what it is about, in the one order, and read it afterwards."""
    message = db.session.get(Message, message_id) if 0 < message_id < 2**31 else None
    if message is None:
        raise NotFound
    lock_people([message.person_id] if message.person_id is not None else [])
    about = select(Booking.session_id).where(Booking.id == message.booking_id)
    lock_sessions(db.session.scalars(about).all())
    db.session.refresh(message)
    return message


def _refuse_if_on_its_way(old: Message, original: Message) -> None:
    copies = select(Message.id).where(Message.again_of_id == original.id, Message.state.in_(_ON_ITS_WAY))
    waits = old.state in _ON_ITS_WAY or original.state in _ON_ITS_WAY
    if waits or db.session.scalar(copies.limit(1)) is not None:
        raise AlreadyOnItsWay


def _laid_again(old: Message, original: Message, now: datetime) -> Message:
    """Lay the copy. Its key ends as the original's does, because letters read from it what they say."""
    link = _link_still_good(old, now)
    person = db.session.get(Person, old.person_id) if old.person_id is not None else None
    if person is not None and not may_hear(person, old.kind, now):
        raise NothingToSend
    copies = select(func.count()).where(Message.again_of_id == original.id)
    number = (db.session.scalar(copies) or 0) + 1
    copy = outbox.post(
        old.kind,
        person=person,
        now=now,
        key=f"again{number}:{original.dedupe_key}"[:200],
        booking=db.session.get(Booking, old.booking_id) if old.booking_id is not None else None,
        link=link,
        recipient=old.recipient if old.kind in _TO_AN_ADDRESS else None,
        due_at=_due_at(old, now),
        useless_at=old.useless_at,
        schedule_version=old.schedule_version,
        # Whoever heard of a deed counts once; where the letter failed the copy counts in its stead.
        season_deed_id=None if old.state is MessageState.SENT else old.season_deed_id,
    )
    if copy is None:
        raise AlreadyOnItsWay
    for name, value in _named_besides(old).items():
        setattr(copy, name, value)
    copy.again_of_id = original.id
    return copy


def _named_besides(old: Message) -> dict[str, Any]:
    return {name: getattr(old, name) for name in ("session_id", "about_on", "announcement_id")}


def _link_still_good(old: Message, now: datetime) -> EmailLink | None:
    """Return the link of a letter that never arrived, while it still opens what it should."""
    if old.kind in LINKS and old.state is MessageState.SENT:
        raise AskForANewLink
    link = db.session.get(EmailLink, old.link_id) if old.link_id is not None else None
    if link is not None and (link.used_at is not None or link.expires_at <= now):
        raise AskForANewLink
    return link


def _due_at(old: Message, now: datetime) -> datetime:
    """Say when the copy goes: at once if it answers her, or the start is near, else outside quiet hours."""
    starts = select(ScheduledSession.starts_at).join(Booking, Booking.session_id == ScheduledSession.id)
    starts_at = db.session.scalar(starts.where(Booking.id == old.booking_id))
    is_near = starts_at is not None and starts_at - now <= _SOON
    return now if old.kind in ANSWERS or is_near else next_allowed(now)


def _would_be_untrue(message_id: int, now: datetime) -> bool:
    """Say whether the copy would be set aside at once: the sender judges it again by itself."""
    judged = (
        select(Message.id)
        .outerjoin(Booking, Booking.id == Message.booking_id)
        .outerjoin(ScheduledSession, ScheduledSession.id == Booking.session_id)
        .outerjoin(Person, Person.id == Booking.person_id)
        .where(Message.id == message_id)
    )
    too_late = judged.where(Message.useless_at <= now)
    untrue = judged.where(Message.booking_id.is_not(None), is_overtaken(now))
    return any(db.session.scalar(asked) is not None for asked in (too_late, untrue))


def _let_riders_go_alone(message_id: int) -> None:
    """Put what was to go as part of a letter that is withdrawn back into the tray."""
    db.session.execute(
        update(Message)
        .where(Message.joined_to_id == message_id, not_begun())
        .values(state=MessageState.WAITING, joined_to_id=None, leased_by=None, leased_until=None),
        execution_options=_QUIETLY,
    )
