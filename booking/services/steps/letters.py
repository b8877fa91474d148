"""Setting aside messages that a change has overtaken, in the same transaction as the change."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select, update

from booking.db import db
from booking.models import Message
from booking.models.kinds import Channel, MessageKind, MessageState


def withdraw_for_booking(booking_id: int, kinds: Collection[MessageKind], why: str) -> None:
    """Withdraw what still waits about a booking, and what is claimed but not begun."""
    withdraw_for_bookings([booking_id], kinds, why)


def withdraw_for_bookings(booking_ids: Collection[int], kinds: Collection[MessageKind], why: str) -> None:
    """Withdraw what still waits about these bookings, and what is claimed but not begun."""
    withdraw(and_(Message.booking_id.in_(booking_ids), Message.kind.in_(kinds), not_begun()), why)


def withdraw_reminders(person_id: int, why: str) -> None:
    """Withdraw the reminders that wait for a person or are not begun, calls to make included."""
    nudges = Message.kind.in_((MessageKind.REMINDER, MessageKind.COURSE_STARTS))
    withdraw(and_(Message.person_id == person_id, nudges, not_begun()), why)


def withdraw(which: ColumnElement[bool], why: str) -> None:
    """Withdraw the messages that meet a condition. `why` is a word of our own.

    They are held in the order of their ids first: an update alone would take its rows in any order, and two
    of them could wait for each other.
    """
    db.session.execute(select(Message.id).where(which).order_by(Message.id).with_for_update()).all()
    db.session.execute(
        update(Message)
        .where(which)
        .values(state=MessageState.WITHDRAWN, why=why, leased_by=None, leased_until=None),
        execution_options={"synchronize_session": False},
    )


def told_in_this_call(letter: Message, now: datetime) -> None:
    """Leave no second call to make: whoever is on the phone says it now."""
    if letter.channel is Channel.CALL:
        letter.state, letter.sent_at, letter.attempts = MessageState.SENT, now, 1


def not_begun() -> ColumnElement[bool]:
    """Return the condition that a message can still be called back: it waits, or was claimed and no more."""
    only_claimed = and_(Message.state == MessageState.SENDING, Message.began_at.is_(None))
    return or_(Message.state == MessageState.WAITING, only_claimed)
