"""Where a date meets online, as it is today, and into which meetings somebody can't get just now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, func, select
from sqlalchemy.orm import joinedload

from booking import policy
from booking.db import db
from booking.models import Booking, ScheduledSession
from booking.models.kinds import SessionState


@dataclass(frozen=True)
class Meeting:
    """Where a date meets online: an address, and how to join by telephone; empty where there is none."""

    url: str
    dial_in: str


def meeting_of(scheduled: ScheduledSession) -> Meeting:
    """Return where a date meets today; only what a browser opens safely is an address.

    The session comes with its series, which says how to dial in.
    """
    url = scheduled.meeting_url
    is_safe = url.startswith(("https://", "http://"))
    return Meeting(url if is_safe else "", scheduled.series.dial_in.strip())


def waits_for_help(now: datetime) -> Sequence[Row[ScheduledSession, int]]:
    """Return the dates into whose meeting somebody can't get just now, and how many; nobody's name."""
    counted = (
        select(Booking.session_id, func.count().label("number"))
        .where(Booking.stuck_at.is_not(None), policy.on_register())
        .group_by(Booking.session_id)
        .subquery()
    )
    found = db.session.execute(
        select(ScheduledSession, counted.c.number)
        .join(counted, counted.c.session_id == ScheduledSession.id)
        .where(ScheduledSession.state == SessionState.PUBLISHED, ScheduledSession.ends_at > now)
        .options(joinedload(ScheduledSession.series))
        .order_by(ScheduledSession.starts_at, ScheduledSession.id)
    )
    return found.all()
