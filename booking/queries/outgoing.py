"""Whether anything may leave the house at present."""

from sqlalchemy import select

from booking.db import db
from booking.models import OutgoingStop


def stop_today() -> OutgoingStop | None:
    """Return the stop that lasts, or nothing while messages leave as usual."""
    asked = select(OutgoingStop).where(OutgoingStop.resumed_at.is_(None)).order_by(OutgoingStop.id).limit(1)
    return db.session.scalar(asked)
