"""What stands behind "not up to it today": whether there is something to give back, and the date after it."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from booking import policy
from booking.db import db
from booking.models import ScheduledSession, Series
from booking.models.kinds import SessionState


def date_after(scheduled: ScheduledSession, now: datetime) -> ScheduledSession | None:
    """Return the next date of the same series, which anybody may see; it says nothing of her own places."""
    if not policy.may_see(scheduled.series, is_facilitator=False):
        return None
    return db.session.scalar(
        select(ScheduledSession)
        .where(
            ScheduledSession.series_id == scheduled.series_id,
            ScheduledSession.state == SessionState.PUBLISHED,
            ScheduledSession.starts_at > max(now, scheduled.starts_at),
        )
        .options(
            joinedload(ScheduledSession.series).joinedload(Series.programme),
            joinedload(ScheduledSession.venue),
        )
        .order_by(ScheduledSession.starts_at, ScheduledSession.id)
        .limit(1)
    )
