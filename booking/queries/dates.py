"""The dates a series wants: what its rule and its changes say, as far ahead as people can book."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import func, select

from booking.db import db
from booking.models import ScheduledSession, Series, SeriesChange, Venue
from booking.models.kinds import Enrol
from booking.rules.changes import Change
from booking.rules.faults import N_, Fault
from booking.rules.recurrence import Rule, expand, last_date, parse_rule
from booking.rules.wall_time import ImpossibleTime, instants, to_local

HORIZON = timedelta(weeks=26)
MOST_DATES = 500


@dataclass(frozen=True, slots=True)
class Shape:
    """What decides about the dates of a series: the row as it is, or as an edit would make it."""

    series_id: int
    rule: Rule
    starts_on: date
    start_time: time
    end_time: time
    zone: str
    venue_id: int | None
    meeting_url: str
    places_room: int | None
    places_online: int | None
    enrol: Enrol
    holds_from: date | None


@dataclass(frozen=True, slots=True)
class DateChange:
    """What is different on one date of the rule; `venue_id` is None where it stays in the series' venue."""

    action: str
    moved_to: date | None = None
    end_time: time | None = None
    venue_id: int | None = None
    reason: str = ""

    @property
    def is_off(self) -> bool:
        """Say whether the date does not take place."""
        return self.action in ("skip", "cancel")


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


def shape_of(series: Series, **values: Any) -> Shape:
    """Return what decides about the dates of a series, with these values in place of its own."""
    shape = Shape(
        series_id=series.id,
        rule=parse_rule(series.rule or ""),
        starts_on=series.starts_on,
        start_time=series.start_time,
        end_time=series.end_time,
        zone=series.zone,
        venue_id=series.venue_id,
        meeting_url=series.meeting_url,
        places_room=series.places_room,
        places_online=series.places_online,
        enrol=series.enrol,
        holds_from=series.holds_from,
    )
    return replace(shape, **values)


def changes_of(series_ids: Collection[int]) -> dict[int, dict[date, DateChange]]:
    """Return what is different on single dates of these series."""
    rows = db.session.execute(
        select(SeriesChange, Venue.id)
        .outerjoin(Venue, Venue.name == SeriesChange.venue_name)
        .where(SeriesChange.series_id.in_(series_ids))
        .order_by(SeriesChange.series_id, SeriesChange.rule_date)
        # A deed that gave them other dates a moment ago asks again.
        .execution_options(populate_existing=True)
    )
    found: dict[int, dict[date, DateChange]] = {series_id: {} for series_id in series_ids}
    for row, venue_id in rows:
        change = DateChange(row.action, row.moved_to, row.end_time, venue_id, row.reason)
        found[row.series_id][row.rule_date] = change
    return found


def changes_in(changes: Collection[Change], venue_ids: Mapping[str, int]) -> dict[date, DateChange]:
    """Bring several changes of one date (moved, and longer, and elsewhere) into one."""
    found: dict[date, DateChange] = {}
    for change in changes:
        had = found.get(change.on) or DateChange(change.kind)
        said = dict.fromkeys(filter(None, [had.reason, change.reason]))
        found[change.on] = DateChange(
            had.action,
            had.moved_to or change.moved_to,
            had.end_time or change.ends,
            had.venue_id or venue_ids.get(change.place or ""),
            " ".join(said)[:300],
        )
    return found


def last_standing(series_ids: Collection[int]) -> dict[int, date]:
    """Return the last rule date that stands, of each series that has one."""
    asked = (
        select(ScheduledSession.series_id, func.max(ScheduledSession.rule_date))
        .where(ScheduledSession.series_id.in_(series_ids))
        .group_by(ScheduledSession.series_id)
    )
    return dict(db.session.execute(asked).all())


def reaches_until(shape: Shape, now: datetime, standing: date | None) -> date:
    """Return the day until which a series has dates: the horizon, or all weeks of a course that ends."""
    today = to_local(now, shape.zone).date()
    if shape.rule.frequency == "ONCE":
        # A single date is there at once, however far away it is: the office has just put it in.
        return max(today + HORIZON, shape.starts_on)
    ends_on = last_date(shape.rule, shape.starts_on) if shape.enrol is Enrol.COURSE else None
    # A clock that was moved back must not make dates disappear that people have seen.
    return max(today + HORIZON, standing or shape.starts_on, *([ends_on] if ends_on else []))


def planned_dates(
    shape: Shape,
    changes: Mapping[date, DateChange],
    now: datetime,
    standing: date | None,
    *,
    leave_out_impossible: bool,
) -> dict[date, PlannedDate]:
    """Return the dates from today to the horizon, or to the last that stands already, by rule date.

    Refuses: a time that no clock shows on one of the nights when the clocks change, unless such a
    date may be left out; more dates than anybody can mean.
    """
    today = to_local(now, shape.zone).date()
    until = reaches_until(shape, now, standing)
    found: dict[date, PlannedDate] = {}
    for rule_date in _rule_dates(shape, changes, today, until):
        change = changes.get(rule_date)
        local_date = (change.moved_to if change else None) or rule_date
        if (change and change.action == "skip") or not today <= local_date <= until:
            continue
        try:
            found[rule_date] = _planned(shape, change, rule_date, local_date)
        except ImpossibleTime:
            if not leave_out_impossible:
                raise
    if len(found) > MOST_DATES:
        raise Fault(N_("These would be more than %(most)s dates."), field="rrule", most=MOST_DATES)
    return found


def lacking(
    planned: Mapping[date, PlannedDate], present: Collection[date], now: datetime
) -> list[PlannedDate]:
    """Return the planned dates still to come that have no row yet."""
    return [each for on, each in planned.items() if on not in present and each.starts_at > now]


def _rule_dates(shape: Shape, changes: Mapping[date, DateChange], today: date, until: date) -> Iterator[date]:
    within = expand(shape.rule, shape.starts_on, today, until)
    # A date that was moved counts where it went, even when its rule date lies outside the window.
    moved = [on for on, change in changes.items() if change.moved_to and not today <= on <= until]
    # Of the dates before that day only their rows know what they are.
    since = shape.holds_from or date.min
    yield from sorted(on for on in {*within, *moved} if on >= since)


def _planned(shape: Shape, change: DateChange | None, rule_date: date, local_date: date) -> PlannedDate:
    end_time = (change.end_time if change else None) or shape.end_time
    starts_at, ends_at = instants(local_date, shape.start_time, end_time, shape.zone)
    return PlannedDate(
        rule_date=rule_date,
        local_date=local_date,
        start_time=shape.start_time,
        end_time=end_time,
        starts_at=starts_at,
        ends_at=ends_at,
        venue_id=(change.venue_id if change else None) or shape.venue_id,
        is_cancelled=change is not None and change.action == "cancel",
        reason=change.reason if change else "",
    )
