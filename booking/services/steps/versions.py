"""The versions of a date: they rise with its time, place or link, and each is kept for "was …, now …"."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from booking.db import db
from booking.models import ScheduledSession, SessionVersion
from booking.queries.wanted import TIME_AND_PLACE

__all__ = ["TIME_AND_PLACE", "keep_version", "put"]


def put(scheduled: ScheduledSession, values: Mapping[str, Any], now: datetime) -> frozenset[str]:
    """Write the values that differ and return their names; the version rises with time, place or link."""
    changed = frozenset(name for name, value in values.items() if getattr(scheduled, name) != value)
    for name in changed:
        setattr(scheduled, name, values[name])
    if changed:
        scheduled.changed_at = now
    if changed & TIME_AND_PLACE:
        scheduled.schedule_version += 1
        keep_version(scheduled, now)
    return changed


def keep_version(scheduled: ScheduledSession, now: datetime) -> None:
    """Keep what time and place are at the present version."""
    db.session.add(
        SessionVersion(
            session_id=scheduled.id,
            schedule_version=scheduled.schedule_version,
            local_date=scheduled.local_date,
            start_time=scheduled.start_time,
            end_time=scheduled.end_time,
            mode=scheduled.mode,
            venue_id=scheduled.venue_id,
            meeting_url=scheduled.meeting_url,
            made_at=now,
        )
    )
