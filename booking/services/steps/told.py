"""What somebody was last told about her session, put right inside the caller's transaction."""

from sqlalchemy import case, func, select, update

from booking.db import db
from booking.models import Booking, Message
from booking.models.kinds import MessageKind, MessageState

TELLS = (MessageKind.BOOKED, MessageKind.SESSION_CHANGED)
_QUIETLY = {"synchronize_session": False}


def note_told(message: Message) -> None:
    """Note that she knows the session as this message says it; what she knew later stays."""
    version = message.schedule_version or 1
    newer = case((Booking.told_version < version, version), else_=Booking.told_version)
    db.session.execute(
        update(Booking).where(Booking.id == message.booking_id).values(told_version=newer),
        execution_options=_QUIETLY,
    )


def note_not_told(message: Message) -> None:
    """Let her booking know again what she last heard, so that whoever tells her says what it was before."""
    version = message.schedule_version or 1
    heard = db.session.scalar(
        select(func.max(Message.schedule_version)).where(
            Message.booking_id == message.booking_id,
            Message.state == MessageState.SENT,
            Message.kind.in_(TELLS),
            Message.schedule_version < version,
        )
    )
    db.session.execute(
        update(Booking)
        .where(Booking.id == message.booking_id, Booking.told_version == version)
        .values(told_version=heard or max(version - 1, 1)),
        execution_options=_QUIETLY,
    )
