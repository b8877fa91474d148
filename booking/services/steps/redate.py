"""Bringing the dates of a series that stand already to what the series says now."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, func, select

from booking.db import db
from booking.models import Booking, ScheduledSession, Series, SeriesChange, SessionFacilitator, SessionVersion
from booking.models.kinds import LIVE, Mode, Pool, SessionState
from booking.refusals import CapacityBelowBookings
from booking.services.steps.audit import note
from booking.services.steps.cancelling import cancel
from booking.services.steps.generate import PlannedDate
from booking.services.steps.places import taken_places
from booking.services.steps.tell import tell_of_change
from booking.services.steps.versions import TIME_AND_PLACE, put


@dataclass(slots=True)
class Redated:
    """What became of the dates of one series; `kept` are those that somebody must decide by hand."""

    changed: int = 0
    cancelled: int = 0
    removed: int = 0
    kept: tuple[date, ...] = ()


def coming_ids(series_id: int, now: datetime) -> list[int]:
    """Return the ids of a series' dates that have not started: what has begun is never replanned."""
    return list(
        db.session.scalars(
            select(ScheduledSession.id)
            .where(ScheduledSession.series_id == series_id, ScheduledSession.starts_at > now)
            .order_by(ScheduledSession.id)
        )
    )


def redate(
    series: Series,
    planned: Mapping[date, PlannedDate],
    changes: Mapping[date, SeriesChange],
    now: datetime,
) -> Redated:
    """Bring every coming date that was not changed by hand to its plan; the caller holds their locks.

    Refuses: fewer places than are booked on one of the dates.
    """
    done = Redated()
    for scheduled in _coming(series.id, now):
        wanted = planned.get(scheduled.rule_date)
        if scheduled.state is SessionState.CANCELLED:
            # Whoever was told that it is off must not find it on again by a file.
            continue
        if scheduled.differs:
            off = wanted is None or wanted.is_cancelled
            done.kept += (scheduled.local_date,) if off else ()
        elif wanted is None:
            _drop(scheduled, changes.get(scheduled.rule_date), done, now)
        elif wanted.is_cancelled:
            cancel(scheduled, wanted.reason, None, now)
            done.cancelled += 1
        else:
            done.changed += _bring(scheduled, _values(series, wanted), now)
    db.session.flush()
    return done


def refuse_too_few(scheduled: ScheduledSession, values: Mapping[str, Any]) -> None:
    """Refuse fewer places than are taken, naming the field."""
    for pool, field in ((Pool.ROOM, "places_room"), (Pool.ONLINE, "places_online")):
        places = values.get(field)
        if places is not None and places < taken_places(scheduled.id, pool):
            raise CapacityBelowBookings(field=field)


def _coming(series_id: int, now: datetime) -> list[ScheduledSession]:
    ids = coming_ids(series_id, now)
    return list(
        db.session.scalars(
            select(ScheduledSession).where(ScheduledSession.id.in_(ids)).order_by(ScheduledSession.rule_date)
        )
    )


def _drop(scheduled: ScheduledSession, change: SeriesChange | None, done: Redated, now: datetime) -> None:
    """Take away a date that the series does not have any more; with bookings it is never just deleted."""
    skipped = change is not None and change.action == "skip"
    if not _count(scheduled.id):
        for table in (SessionFacilitator, SessionVersion):
            db.session.execute(delete(table).where(table.session_id == scheduled.id))
        db.session.delete(scheduled)
        done.removed += 1
    elif skipped or not _count(scheduled.id, only_live=True):
        cancel(scheduled, change.reason if change else "", None, now)
        done.cancelled += 1
    else:
        # A new rule alone must not take anybody's place away: the office cancels it or lets it stand.
        scheduled.differs = True
        done.kept += (scheduled.local_date,)


def _bring(scheduled: ScheduledSession, values: Mapping[str, Any], now: datetime) -> bool:
    refuse_too_few(scheduled, values)
    was_starting_at = scheduled.starts_at
    changed = put(scheduled, values, now)
    if changed & TIME_AND_PLACE:
        tell_of_change(scheduled, was_starting_at, now)
    if changed:
        note(now, None, "session changed", f"session:{scheduled.id}", *sorted(changed))
    return bool(changed)


def _values(series: Series, wanted: PlannedDate) -> dict[str, Any]:
    return {
        "local_date": wanted.local_date,
        "start_time": wanted.start_time,
        "end_time": wanted.end_time,
        "starts_at": wanted.starts_at,
        "ends_at": wanted.ends_at,
        "mode": Mode(series.mode),
        "venue_id": wanted.venue_id,
        "meeting_url": series.meeting_url,
        "places_room": series.places_room,
        "places_online": series.places_online,
        "public_reason": wanted.reason,
    }


def _count(session_id: int, *, only_live: bool = False) -> int:
    asked = select(func.count()).select_from(Booking).where(Booking.session_id == session_id)
    return db.session.scalar(asked.where(Booking.state.in_(LIVE)) if only_live else asked) or 0
