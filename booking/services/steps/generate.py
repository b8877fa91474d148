"""Turning a series into its dates: what its rule and its changes say, as far ahead as people can book."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import uuid4

from sqlalchemy import func, select

from booking import policy
from booking.db import db
from booking.models import (
    Person,
    ScheduledSession,
    Series,
    SeriesChange,
    SeriesFacilitator,
    SessionFacilitator,
    Venue,
)
from booking.models.kinds import SessionState
from booking.rules.recurrence import Rule, expand, parse_rule
from booking.rules.wall_time import ImpossibleTime, instants, to_local
from booking.services.steps.versions import keep_version

HORIZON = timedelta(weeks=26)
_SEASON_LOCK = 7_202_601


@dataclass(frozen=True, slots=True)
class PlannedDate:
    """One date as the series wants it today; `rule_date` is the date its rule gave."""

    rule_date: date
    local_date: date
    start_time: time
    end_time: time
    starts_at: datetime
    ends_at: datetime
    venue_id: int | None
    is_cancelled: bool
    reason: str


def take_the_season() -> None:
    """Let one at a time plan the season, before people and sessions are locked.

    Two workers that fill the horizon in the same moment would otherwise both lay the same date.
    SQLite's writing transaction is alone anyway.
    """
    if db.session.get_bind().dialect.name == "postgresql":
        db.session.execute(select(func.pg_advisory_xact_lock(_SEASON_LOCK)))


def changes_of(series_ids: Collection[int]) -> dict[int, dict[date, SeriesChange]]:
    """Return what is different on single dates of these series."""
    rows = db.session.scalars(
        select(SeriesChange)
        .where(SeriesChange.series_id.in_(series_ids))
        .order_by(SeriesChange.series_id, SeriesChange.rule_date)
    )
    found: dict[int, dict[date, SeriesChange]] = {series_id: {} for series_id in series_ids}
    for row in rows:
        found[row.series_id][row.rule_date] = row
    return found


def planned_dates(
    series: Series, changes: Mapping[date, SeriesChange], now: datetime, *, leave_out_impossible: bool
) -> dict[date, PlannedDate]:
    """Return the dates from today to the horizon, or to the last that stands already, by rule date.

    Refuses: a time that no clock shows on one of the nights when the clocks change, unless such a
    date may be left out.
    """
    rule = parse_rule(series.rule or "")
    today = to_local(now, series.zone).date()
    until = max(today + HORIZON, _last_date(rule, series))
    found: dict[date, PlannedDate] = {}
    for rule_date in _rule_dates(rule, series, changes, today, until):
        change = changes.get(rule_date)
        local_date = (change.moved_to if change else None) or rule_date
        if (change and change.action == "skip") or not today <= local_date <= until:
            continue
        try:
            found[rule_date] = _planned(series, change, rule_date, local_date)
        except ImpossibleTime:
            if not leave_out_impossible:
                raise
    return found


def add_missing_dates(series: Series, planned: Mapping[date, PlannedDate], now: datetime) -> int:
    """Add the planned dates that have no row yet, with the people who lead the series; return how many."""
    present = set(
        db.session.scalars(select(ScheduledSession.rule_date).where(ScheduledSession.series_id == series.id))
    )
    missing = [wanted for rule_date, wanted in planned.items() if rule_date not in present]
    added = [_row(series, wanted, now) for wanted in missing]
    db.session.add_all(added)
    db.session.flush()
    leaders = _who_may_lead(leaders_of(series.id))
    for scheduled in added:
        keep_version(scheduled, now)
        db.session.add_all(
            SessionFacilitator(session_id=scheduled.id, person_id=person_id, added_at=now)
            for person_id in leaders
        )
    db.session.flush()
    return len(added)


def leaders_of(series_id: int) -> list[int]:
    """Return the ids of the people who lead every new date of a series, in the order they were added."""
    return list(
        db.session.scalars(
            select(SeriesFacilitator.person_id)
            .where(SeriesFacilitator.series_id == series_id)
            .order_by(SeriesFacilitator.id)
        )
    )


def _who_may_lead(person_ids: Collection[int]) -> list[int]:
    """Leave out who died or hosts no more: her row stands, so that a mistake can be taken back."""
    able = set(db.session.scalars(select(Person.id).where(Person.id.in_(person_ids), policy.may_lead())))
    return [person_id for person_id in person_ids if person_id in able]


def _last_date(rule: Rule, series: Series) -> date:
    if rule.frequency == "ONCE":
        # A single date is there at once, however far away it is: the office has just put it in.
        return series.starts_on
    # A clock that was moved back must not make dates disappear that people have seen.
    standing = select(func.max(ScheduledSession.rule_date)).where(ScheduledSession.series_id == series.id)
    return db.session.scalar(standing) or series.starts_on


def _rule_dates(
    rule: Rule, series: Series, changes: Mapping[date, SeriesChange], today: date, until: date
) -> Iterator[date]:
    within = expand(rule, series.starts_on, today, until)
    # A date that was moved counts where it went, even when its rule date lies outside the window.
    moved = [on for on, change in changes.items() if change.moved_to and not today <= on <= until]
    yield from sorted({*within, *moved})


def _planned(series: Series, change: SeriesChange | None, rule_date: date, local_date: date) -> PlannedDate:
    end_time = (change.end_time if change else None) or series.end_time
    starts_at, ends_at = instants(local_date, series.start_time, end_time, series.zone)
    elsewhere = _venue_id(change.venue_name) if change and change.venue_name else None
    return PlannedDate(
        rule_date=rule_date,
        local_date=local_date,
        start_time=series.start_time,
        end_time=end_time,
        starts_at=starts_at,
        ends_at=ends_at,
        venue_id=elsewhere or series.venue_id,
        is_cancelled=change is not None and change.action == "cancel",
        reason=change.reason if change else "",
    )


def _venue_id(name: str) -> int | None:
    return db.session.scalar(select(Venue.id).where(Venue.name == name))


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
        state=SessionState.CANCELLED if wanted.is_cancelled else SessionState.PUBLISHED,
        cancelled_at=now if wanted.is_cancelled else None,
        schedule_version=1,
        changed_at=now,
        created_at=now,
    )
