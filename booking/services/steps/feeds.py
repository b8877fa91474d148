"""Ending somebody's private calendar addresses inside the caller's transaction."""

from datetime import datetime

from sqlalchemy import update

from booking.db import db
from booking.models import CalendarFeed
from booking.models.kinds import FeedKind


def end_feeds(person_id: int, kind: FeedKind, now: datetime) -> bool:
    """Let her calendar addresses of one kind answer no more, and say whether there was one that did."""
    hers = (CalendarFeed.person_id == person_id) & (CalendarFeed.kind == kind)
    live = hers & CalendarFeed.revoked_at.is_(None)
    ended = db.session.scalars(
        update(CalendarFeed).where(live).values(revoked_at=now).returning(CalendarFeed.id),
        execution_options={"synchronize_session": False},
    ).all()
    return bool(ended)
