"""Turning a series into its dates: adding rows for what its rule and its changes say."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from uuid import uuid4

from sqlalchemy import func, select

from booking import policy
from booking.db import db
from booking.models import Person, ScheduledSession, Series, SeriesFacilitator, SessionFacilitator
from booking.models.kinds import SessionState
from booking.queries import dates
from booking.queries.dates import HORIZON, DateChange, PlannedDate, changes_of
from booking.services.steps.versions import keep_version

__all__ = [
    "HORIZON",
    "PlannedDate",
    "add_all_missing",
    "add_missing_dates",
    "anything_missing",
    "changes_of",
    "leaders_of",
    "missing_of",
    "planned_dates",
    "take_the_season",
]

_SEASON_LOCK = 7_202_601


def take_the_season() -> None:
    """Let one at a time plan the season, before people and sessions are locked.

    Two workers that fill the horizon in the same moment would otherwise both lay the same date.
    SQLite's writing transaction is alone anyway.
    """
    if db.session.get_bind().dialect.name == "postgresql":
        db.session.execute(select(func.pg_advisory_xact_lock(_SEASON_LOCK)))


def planned_dates(
    series: Series, changes: Mapping[date, DateChange], now: datetime, *, leave_out_impossible: bool
) -> dict[date, PlannedDate]:
    """Return the dates that a series wants now, by rule date.

    Refuses: what `queries.dates.planned_dates` refuses.
    """
    standing = dates.last_standing([series.id]).get(series.id)
    return dates.planned_dates(
        dates.shape_of(series), changes, now, standing, leave_out_impossible=leave_out_impossible
    )


def add_missing_dates(series: Series, planned: Mapping[date, PlannedDate], now: datetime) -> int:
    """Add the planned dates that have no row yet, with the people who lead the series; return how many."""
    present = set(
        db.session.scalars(select(ScheduledSession.rule_date).where(ScheduledSession.series_id == series.id))
    )
    leaders = _leading([series.id]).get(series.id, [])
    return _add(series, dates.lacking(planned, present, now), leaders, now)


def missing_of(running: Sequence[Series], now: datetime) -> dict[int, list[PlannedDate]]:
    """Return what is missing of these series, by series; the number of questions is the same for any number.

    One date at an hour that the clocks skip must not keep every other series from being filled.
    """
    ids = [series.id for series in running]
    changes, standing = changes_of(ids), dates.last_standing(ids)
    present: dict[int, set[date]] = {series_id: set() for series_id in ids}
    asked = select(ScheduledSession.series_id, ScheduledSession.rule_date)
    for series_id, rule_date in db.session.execute(asked.where(ScheduledSession.series_id.in_(ids))):
        present[series_id].add(rule_date)
    missing: dict[int, list[PlannedDate]] = {}
    for series in running:
        planned = dates.planned_dates(
            dates.shape_of(series),
            changes[series.id],
            now,
            standing.get(series.id),
            leave_out_impossible=True,
        )
        wanted = dates.lacking(planned, present[series.id], now)
        missing |= {series.id: wanted} if wanted else {}
    return missing


def anything_missing(running: Sequence[Series], now: datetime) -> bool:
    """Say whether any of these series lacks a date."""
    return bool(missing_of(running, now))


def add_all_missing(running: Sequence[Series], now: datetime) -> int:
    """Add what is missing of all these series; return how many dates."""
    missing = missing_of(running, now)
    leading = _leading(missing)
    lacking = [series for series in running if series.id in missing]
    return sum(_add(series, missing[series.id], leading.get(series.id, []), now) for series in lacking)


def _add(series: Series, wanted: Iterable[PlannedDate], leaders: Collection[int], now: datetime) -> int:
    added = [_row(series, each, now) for each in wanted]
    db.session.add_all(added)
    db.session.flush()
    for scheduled in added:
        keep_version(scheduled, now)
        db.session.add_all(
            SessionFacilitator(session_id=scheduled.id, person_id=person_id, added_at=now)
            for person_id in leaders
        )
    db.session.flush()
    return len(added)


def _leading(series_ids: Iterable[int]) -> dict[int, list[int]]:
    """Return who leads new dates, by series, leaving out who died or hosts no more.

    Her row stands, so that a mistake can be taken back.
    """
    asked = (
        select(SeriesFacilitator.series_id, SeriesFacilitator.person_id)
        .join(Person, Person.id == SeriesFacilitator.person_id)
        .where(SeriesFacilitator.series_id.in_(list(series_ids)), policy.may_lead())
        .order_by(SeriesFacilitator.id)
    )
    found: dict[int, list[int]] = {}
    for series_id, person_id in db.session.execute(asked):
        found.setdefault(series_id, []).append(person_id)
    return found


def leaders_of(series_id: int) -> list[int]:
    """Return the ids of the people who lead every new date of a series, in the order they were added."""
    return list(
        db.session.scalars(
            select(SeriesFacilitator.person_id)
            .where(SeriesFacilitator.series_id == series_id)
            .order_by(SeriesFacilitator.id)
        )
    )


def _row(series: Series, wanted: PlannedDate, now: datetime) -> ScheduledSession:
    return ScheduledSession(
        series_id=series.id,
        uid=str(uuid4()),
        rule_date=wanted.rule_date,
        local_date=wanted.local_date,
        start_time=wanted.start_time,
        end_time=wanted.end_time,
        zone=series.zone,
        starts_at=wanted.starts_at,
        ends_at=wanted.ends_at,
        mode=series.mode,
        venue_id=wanted.venue_id,
        meeting_url=series.meeting_url,
        places_room=series.places_room,
        places_online=series.places_online,
        public_reason=wanted.reason,
        state=SessionState.CANCELLED if wanted.is_cancelled else series.state,
        cancelled_at=now if wanted.is_cancelled else None,
        schedule_version=1,
        changed_at=now,
        created_at=now,
    )
