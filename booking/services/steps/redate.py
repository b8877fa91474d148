"""Bringing the dates of a series that stand already to what the series says now."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, func, select

from booking.db import db
from booking.models import Booking, ScheduledSession, Series, SessionFacilitator, SessionVersion
from booking.models.kinds import LIVE, Pool, SessionState
from booking.queries.date_plans import keeps_something
from booking.queries.dates import DateChange, PlannedDate
from booking.queries.wanted import brought, capacities, refuse_more_than_fits
from booking.refusals import CapacityBelowBookings
from booking.rules.words import day_words
from booking.services.steps import host_letters, waiting
from booking.services.steps.audit import note
from booking.services.steps.places import taken_places_of
from booking.services.steps.series_deeds import SeriesDeeds
from booking.services.steps.tell import readable_at
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
    changes: Mapping[date, DateChange],
    deeds: SeriesDeeds,
    now: datetime,
) -> Redated:
    """Bring every coming date to its plan, but for what it changed for itself; the caller holds their locks.

    Refuses: fewer places than are booked on one of the dates, and more than its venue holds.
    """
    done = Redated()
    refuse_too_many(series, planned)
    told: list[tuple[ScheduledSession, datetime]] = []
    coming = _coming(series, now)
    places = {scheduled.id: waiting.places_of(scheduled) for scheduled in coming}
    brought_along: list[ScheduledSession] = []
    taken = taken_places_of([scheduled.id for scheduled in coming])
    for scheduled in coming:
        wanted = planned.get(scheduled.rule_date)
        if scheduled.state is SessionState.CANCELLED:
            # Whoever was told that it is off must not find it on again by a file.
            continue
        if wanted is not None and not wanted.is_cancelled:
            if not keeps_something(scheduled):
                # It may have waited for a decision: its rule has it again.
                scheduled.differs = False
            values = brought(scheduled, _values(series, wanted), now)
            _refuse_fewer(scheduled, values, taken.get(scheduled.id, {}))
            was_starting_at, changed = scheduled.starts_at, _bring(scheduled, values, now)
            done.changed += bool(changed)
            brought_along += [scheduled] if changed else []
            told += [(scheduled, was_starting_at)] if changed & TIME_AND_PLACE else []
        elif scheduled.differs:
            done.kept += (scheduled.local_date,)
        elif wanted is None:
            drop(scheduled, changes.get(scheduled.rule_date), done, deeds, now)
        else:
            deeds.cancel(scheduled, wanted.reason)
            done.cancelled += 1
    deeds.tell_of_changes(told)
    db.session.flush()
    waiting.after_changes(((one, places[one.id]) for one in brought_along), now)
    return done


def refuse_too_few(scheduled: ScheduledSession, values: Mapping[str, Any]) -> None:
    """Refuse fewer places than are taken, naming the field."""
    _refuse_fewer(scheduled, values, taken_places_of([scheduled.id]).get(scheduled.id, {}))


def _refuse_fewer(scheduled: ScheduledSession, values: Mapping[str, Any], taken: Mapping[Pool, int]) -> None:
    for pool, field in ((Pool.ROOM, "places_room"), (Pool.ONLINE, "places_online")):
        places = values.get(field)
        if places is not None and places < taken.get(pool, 0):
            raise CapacityBelowBookings.on(day_words(scheduled.local_date), taken[pool], field)


def refuse_too_many(series: Series, planned: Mapping[date, PlannedDate]) -> None:
    """Refuse a series with more places in the room than one of its venues holds."""
    most = capacities([series.venue_id, *(wanted.venue_id for wanted in planned.values())])
    refuse_more_than_fits(series.places_room, series.venue_id, most)
    for wanted in planned.values():
        if wanted.venue_id != series.venue_id:
            refuse_more_than_fits(series.places_room, wanted.venue_id, most, wanted.local_date)


def _coming(series: Series, now: datetime) -> list[ScheduledSession]:
    """Return the coming dates that the series decides about, in the order of the rule."""
    asked = select(ScheduledSession).where(ScheduledSession.id.in_(coming_ids(series.id, now)))
    if series.holds_from is not None:
        # An earlier date is what its row says: the rule and the values of today are not meant for it.
        asked = asked.where(ScheduledSession.rule_date >= series.holds_from)
    return list(db.session.scalars(asked.order_by(ScheduledSession.rule_date)))


def drop(
    scheduled: ScheduledSession,
    change: DateChange | None,
    done: Redated,
    deeds: SeriesDeeds,
    now: datetime,
) -> None:
    """Take away a date that the series does not have any more; with bookings it is never just deleted."""
    skipped = change is not None and change.action == "skip"
    if not _count(scheduled.id):
        host_letters.forget_date(scheduled, now, readable_at(scheduled.starts_at, now))
        for table in (SessionFacilitator, SessionVersion):
            db.session.execute(delete(table).where(table.session_id == scheduled.id))
        db.session.delete(scheduled)
        done.removed += 1
    elif skipped or not _count(scheduled.id, only_live=True):
        deeds.cancel(scheduled, change.reason if change else "")
        done.cancelled += 1
    else:
        # A new rule alone must not take anybody's place away: the office cancels it or lets it stand.
        scheduled.differs = True
        done.kept += (scheduled.local_date,)


def _bring(scheduled: ScheduledSession, values: Mapping[str, Any], now: datetime) -> frozenset[str]:
    """Give a date its values; return the names of what is different."""
    if any(values[name] != getattr(scheduled, name) for name in ("venue_id", "places_room")):
        most = capacities([values["venue_id"]])
        refuse_more_than_fits(values["places_room"], values["venue_id"], most, scheduled.local_date)
    changed = put(scheduled, values, now)
    if changed:
        note(now, None, "session changed", f"session:{scheduled.id}", *sorted(changed))
    return changed


def _values(series: Series, wanted: PlannedDate) -> dict[str, Any]:
    return {
        "local_date": wanted.local_date,
        "start_time": wanted.start_time,
        "end_time": wanted.end_time,
        "venue_id": wanted.venue_id,
        "meeting_url": series.meeting_url,
        "places_room": series.places_room,
        "places_online": series.places_online,
        "public_reason": wanted.reason,
    }


def _count(session_id: int, *, only_live: bool = False) -> int:
    asked = select(func.count()).select_from(Booking).where(Booking.session_id == session_id)
    return db.session.scalar(asked.where(Booking.state.in_(LIVE)) if only_live else asked) or 0
