"""Writing nothing more to somebody, inside the caller's transaction, which holds the person's lock."""

from datetime import datetime

from sqlalchemy import and_, select

from booking.db import db
from booking.models import Message
from booking.models.kinds import MessageState
from booking.services.steps.letters import not_begun, withdraw


def silence(person_id: int, why: str, now: datetime) -> list[int]:
    """Withdraw what waits for a person by whatever channel, and what is claimed but not begun.

    `why` is a word of our own. Returned are the messages whose sending has begun: nobody can call them
    back, so the office may want to know of them. One whose worker died over it is not tried again.
    """
    hers = Message.person_id == person_id
    leaving = and_(hers, Message.state == MessageState.SENDING, Message.began_at.is_not(None))
    withdraw(and_(hers, not_begun()), why)
    # Asked after the withdrawal: one that began while that waited for its row is among these.
    begun = db.session.scalars(select(Message.id).where(leaving).order_by(Message.id)).all()
    withdraw(and_(leaving, Message.leased_until <= now), why)
    return list(begun)
