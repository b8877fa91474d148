"""Setting aside messages that a change has overtaken, in the same transaction as the change."""

from collections.abc import Collection

from sqlalchemy import update

from booking.db import db
from booking.models import Message
from booking.models.kinds import MessageKind, MessageState


def withdraw_for_booking(booking_id: int, kinds: Collection[MessageKind], why: str) -> None:
    """Withdraw what still waits about a booking; what is being sent is checked again by the sender."""
    db.session.execute(
        update(Message)
        .where(
            Message.booking_id == booking_id,
            Message.kind.in_(kinds),
            Message.state == MessageState.WAITING,
        )
        .values(state=MessageState.WITHDRAWN, why=why),
        execution_options={"synchronize_session": False},
    )
