"""Who comes for the first time, and how many places are still kept for them: of a course, until it starts."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select

from booking import policy
from booking.db import db
from booking.models import Booking, ScheduledSession
from booking.models.kinds import TAKING, Pool, SessionState
from booking.rules.booking_window import kept_for_newcomers, newcomers_until


def kept_places(scheduled: ScheduledSession, pool: Pool, now: datetime) -> int:
    """Count the places of a pool that only somebody who comes for the first time may take now."""
    wanted = scheduled.series.newcomer_places
    if not wanted or pool is not policy.newcomers_pool(scheduled):
        return 0
    counted = db.session.scalar(
        select(func.coalesce(func.sum(Booking.party_size), 0)).where(
            Booking.session_id == scheduled.id,
            Booking.pool == pool,
            Booking.state.in_(TAKING),
            Booking.person_id.is_not(None),
            ~policy.has_come(Booking.person_id),
        )
    )
    return kept_for_newcomers(wanted, int(counted or 0), until(scheduled), now)


def until(scheduled: ScheduledSession) -> datetime:
    """Return from when on kept places are everybody's: those of a course, two days before its first week."""
    if not scheduled.series.is_course:
        return newcomers_until(scheduled.starts_at)
    first = db.session.scalar(
        select(func.min(ScheduledSession.starts_at)).where(
            ScheduledSession.series_id == scheduled.series_id,
            ScheduledSession.state == SessionState.PUBLISHED,
        )
    )
    return newcomers_until(first or scheduled.starts_at)


def kept_of_course(dates: Sequence[ScheduledSession], now: datetime) -> dict[int, int]:
    """Count, by date, the places of one course that are kept just now: all its dates in one query."""
    on = [one for one in dates if one.state is SessionState.PUBLISHED]
    if not on or not on[0].series.newcomer_places or newcomers_until(on[0].starts_at) <= now:
        return {}
    rows = db.session.execute(
        select(Booking.session_id, Booking.pool, func.sum(Booking.party_size))
        .where(
            Booking.session_id.in_([one.id for one in on]),
            Booking.state.in_(TAKING),
            Booking.person_id.is_not(None),
            ~policy.has_come(Booking.person_id),
        )
        .group_by(Booking.session_id, Booking.pool)
    )
    new = {(session_id, pool): int(places) for session_id, pool, places in rows}
    wanted = on[0].series.newcomer_places
    return {one.id: max(0, wanted - new.get((one.id, policy.newcomers_pool(one)), 0)) for one in on}


def has_come(person_id: int) -> bool:
    """Say whether somebody came to a session before."""
    return bool(db.session.scalar(select(policy.has_come(person_id))))
