"""Reminders that wait follow what she wishes, inside a caller's transaction that holds her row."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select, update

from booking.db import db
from booking.models import Booking, Message, Person
from booking.models.kinds import MessageKind, MessageState
from booking.queries.reminders import kind_of, wants
from booking.services.steps.letters import not_begun

# The word of the sender's, too, when it finds a reminder that nobody wants any more.
NOT_WISHED_FOR = "not wished for"


def follow_her_wish(person: Person, now: datetime) -> None:
    """Set aside what waits and is not wished for, and put back what was set aside so and is wished for.

    A reminder has its key once, so without putting it back a wish taken back would lose it for good.
    """
    db.session.flush()
    unwished = [row.id for row in _reminders(person.id, not_begun()) if not _is_wished_for(row, person)]
    _change(unwished, not_begun(), state=MessageState.WITHDRAWN, why=NOT_WISHED_FOR)
    aside = (Message.state == MessageState.WITHDRAWN) & (Message.why == NOT_WISHED_FOR)
    still = aside & (Message.useless_at > now) & Message.began_at.is_(None)
    wished = [row.id for row in _reminders(person.id, still) if _is_wished_for(row, person)]
    _change(wished, still, state=MessageState.WAITING, why="", joined_to_id=None)


def _reminders(person_id: int, which: ColumnElement[bool]) -> list[Message]:
    asked = select(Message).where(Message.person_id == person_id, Message.kind == MessageKind.REMINDER, which)
    return list(db.session.scalars(asked.order_by(Message.id)))


def _is_wished_for(message: Message, person: Person) -> bool:
    booking = db.session.get(Booking, message.booking_id) if message.booking_id is not None else None
    return booking is not None and wants(booking, person, kind_of(message.dedupe_key))


def _change(ids: Collection[int], only: ColumnElement[bool], **values: Any) -> None:
    """Change these rows where they still are as they were read: a worker may have begun one meanwhile."""
    if ids:
        db.session.execute(
            update(Message)
            .where(Message.id.in_(ids), only)
            .values(**values, leased_by=None, leased_until=None),
            execution_options={"synchronize_session": False},
        )
