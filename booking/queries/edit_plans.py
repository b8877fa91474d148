"""What an edit makes of each date of a series: laid out once, for the preview and for the deed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from booking.db import db
from booking.models import Booking, ScheduledSession, Series, SeriesFacilitator, Venue
from booking.models.kinds import SessionState
from booking.queries import dates
from booking.queries.date_plans import Booked, DatePlan, Wanting, live, plan_date, refuse_what_does_not_fit
from booking.queries.dates import DateChange, PlannedDate, Shape
from booking.queries.series_values import values_after
from booking.rules.changes import Change
from booking.rules.edits import KEEP, SeriesEdit
from booking.rules.faults import N_, Fault
from booking.rules.recurrence import expand, parse_rule
from booking.rules.reshaping import Reshaped, Standing, reshape
from booking.rules.wall_time import to_local

# Half the longest rhythm there is: every twelve months.
_NEAR = timedelta(days=186)
# The changes of single dates after an edit, the new rule dates of those that move, and those that end.
_Changed = tuple[dict[date, DateChange], dict[date, date], tuple[date, ...]]
_SHAPING = (
    "starts_on",
    "start_time",
    "end_time",
    "venue_id",
    "meeting_url",
    "places_room",
    "places_online",
    "enrol",
    "holds_from",
)


@dataclass(frozen=True)
class EditPlan:
    """What an edit makes of a series.

    Units: `values` are the columns of the series that change, `rekeyed` says where the changes of single
    dates go, `dropped` which of them end; `host_ids` is None where the hosts stay.
    """

    values: Mapping[str, Any]
    dates: tuple[DatePlan, ...]
    added: tuple[PlannedDate, ...]
    rekeyed: Mapping[date, date]
    dropped: tuple[date, ...]
    host_ids: tuple[int, ...] | None
    bookings: Mapping[int, Sequence[Booked]]
    is_reshaped: bool


@dataclass(frozen=True)
class _Before:
    """What stands: read once."""

    series: Series
    coming: tuple[ScheduledSession, ...]
    begun: tuple[date, ...]
    bookings: Mapping[int, Sequence[Booked]]
    changes: Mapping[date, DateChange]


def plan_edit(series: Series, edit: SeriesEdit, from_date: date | None, now: datetime) -> EditPlan:
    """Lay out what an edit does; `from_date` is None for all coming dates, else the first rule date meant.

    Refuses: what `values_after` refuses, a date that is none of the coming ones, an end before the start
    or a start in the past on any date, more places than a venue holds. Too few places are not refused here.
    """
    values, before = values_after(series, edit), _read(series, now)
    if from_date is not None and from_date not in {each.rule_date for each in before.coming}:
        raise Fault(N_("Choose one of the dates that are still to come."), field="from_date")
    meant = [each for each in before.coming if from_date is None or each.rule_date >= from_date]
    shape = _shape(series, values)
    new_changes = None if edit.changes is KEEP else _new_changes(edit.changes, before, from_date)
    answers = {} if edit.answers is KEEP else _meant_by(edit.answers, from_date)
    reshaped = None
    if values.keys() & {"rule", "starts_on"}:
        reshaped = _reshaped(before, meant, shape, new_changes, answers, from_date, now)
        shape = replace(shape, holds_from=_holds_from(reshaped, from_date))
    elif from_date is not None:
        shape = replace(shape, holds_from=max(filter(None, (series.holds_from, from_date))))
    if shape.holds_from != series.holds_from:
        values = {**values, "holds_from": shape.holds_from}
    went = {each.rule_date: each.rule_date for each in meant} if reshaped is None else _went(reshaped)
    after, rekeyed, dropped = _answered(
        _changes_after(before, went, new_changes, reshaped, from_date), answers
    )
    wanting = Wanting(dates.shape_of(series), before.changes, shape, after, went, before.bookings)
    laid = tuple(plan_date(each, wanting, now) for each in meant)
    refuse_what_does_not_fit(shape, values, laid)
    return EditPlan(
        values=values,
        dates=laid,
        added=_added(before, shape, after, laid, now),
        rekeyed=rekeyed,
        dropped=dropped,
        host_ids=_new_hosts(series, edit),
        bookings=before.bookings,
        is_reshaped=reshaped is not None,
    )


def _read(series: Series, now: datetime) -> _Before:
    asked = select(ScheduledSession).where(ScheduledSession.series_id == series.id)
    coming = asked.where(ScheduledSession.starts_at > now).order_by(ScheduledSession.rule_date)
    begun = select(ScheduledSession.rule_date).where(
        ScheduledSession.series_id == series.id, ScheduledSession.starts_at <= now
    )
    rows = tuple(db.session.scalars(coming))
    return _Before(
        series,
        rows,
        tuple(db.session.scalars(begun)),
        bookings_of([row.id for row in rows]),
        dates.changes_of([series.id])[series.id],
    )


def bookings_of(session_ids: Sequence[int]) -> dict[int, list[Booked]]:
    """Return every booking of these dates, live or ended."""
    asked = (
        select(Booking.session_id, Booking.person_id, Booking.pool, Booking.state, Booking.party_size)
        .where(Booking.session_id.in_(session_ids))
        .order_by(Booking.id)
    )
    found: dict[int, list[Booked]] = {session_id: [] for session_id in session_ids}
    for row in db.session.execute(asked):
        found[row[0]].append(Booked(*row))
    return found


def _shape(series: Series, values: Mapping[str, Any]) -> Shape:
    shaped = {name: values[name] for name in _SHAPING if name in values}
    if "rule" in values:
        shaped["rule"] = parse_rule(values["rule"] or "")
    return dates.shape_of(series, **shaped)


def _new_changes(
    changes: Sequence[Change], before: _Before, from_date: date | None
) -> dict[date, DateChange]:
    """Return the changes of single dates as they shall be, those of earlier dates as they are."""
    kept = {on: change for on, change in before.changes.items() if from_date and on < from_date}
    return kept | _meant_by(changes, from_date)


def _meant_by(changes: Sequence[Change], from_date: date | None) -> dict[date, DateChange]:
    """Return what is said of the dates that an edit means. Refuses: a venue that is none of ours."""
    names = {change.place for change in changes if change.place}
    known = dict(db.session.execute(select(Venue.name, Venue.id).where(Venue.name.in_(names))).all())
    for name in sorted(names - known.keys()):
        raise Fault(N_("There is no venue called “%(name)s”."), field="changes", name=name[:80])
    wanted = dates.changes_in(changes, known)
    return {on: change for on, change in wanted.items() if from_date is None or on >= from_date}


def _reshaped(
    before: _Before,
    meant: Sequence[ScheduledSession],
    shape: Shape,
    new_changes: Mapping[date, DateChange] | None,
    answers: Mapping[date, DateChange],
    from_date: date | None,
    now: datetime,
) -> Reshaped:
    today = to_local(now, shape.zone).date()
    ids = {each.id for each in meant}
    slots = [
        Standing(
            each.id,
            each.rule_date,
            each.state is SessionState.CANCELLED,
            each.own,
            live(before.bookings[each.id]),
            each.id not in ids,
        )
        for each in before.coming
    ]
    slots += [Standing(None, on, is_fixed=True) for on in before.begun if on >= today - 2 * _NEAR]
    if new_changes is None:
        since = from_date or today
        taken = {slot.rule_date for slot in slots}
        off = {on for on, change in before.changes.items() if change.action != "keep"}
        slots += [Standing(None, on) for on in sorted(off) if on >= since and on not in taken]
    first = min([today, *(each.rule_date for each in meant)]) - _NEAR
    standing = max([shape.starts_on, *(each.rule_date for each in before.coming)])
    until = min(dates.reaches_until(shape, now, standing) + _NEAR, date(2100, 12, 31))
    skipped = {on for on, change in {**(new_changes or {}), **answers}.items() if change.action == "skip"}
    rule_dates = expand(shape.rule, shape.starts_on, first, until)
    return reshape(slots, [on for on in rule_dates if on not in skipped])


def _holds_from(reshaped: Reshaped, from_date: date | None) -> date | None:
    """Return the first day of the new rule: after the dates that what is not meant stands for."""
    after_claimed = max(reshaped.claimed, default=None)
    if from_date is None:
        return after_claimed + timedelta(days=1) if after_claimed else None
    kept = [slot.rule_date for slot in reshaped.stays] + [to for _id, _on, to in reshaped.moves]
    first = min([from_date, *kept])
    return max(first, after_claimed + timedelta(days=1)) if after_claimed else first


def _went(reshaped: Reshaped) -> dict[date, date]:
    went = {slot.rule_date: slot.rule_date for slot in reshaped.stays}
    return went | {on: to for _id, on, to in reshaped.moves}


def _changes_after(
    before: _Before,
    went: Mapping[date, date],
    new_changes: Mapping[date, DateChange] | None,
    reshaped: Reshaped | None,
    from_date: date | None,
) -> _Changed:
    """Return the changes of single dates after the edit; where the rule is new they go with their dates."""
    if new_changes is not None:
        return dict(new_changes), {}, tuple(on for on in before.changes if not from_date or on >= from_date)
    if reshaped is None:
        return dict(before.changes), {}, ()
    left = {on for _id, on in reshaped.leaves}
    # That somebody kept a date on one day off says nothing about the day it goes to.
    elsewhere = {on for on in before.changes if went.get(on, on) != on}
    left |= {on for on in elsewhere if before.changes[on].action == "keep"}
    rekeyed = {on: went[on] for on in elsewhere - left}
    dropped = tuple(on for on in before.changes if on in left)
    after = {went.get(on, on): change for on, change in before.changes.items() if on not in left}
    return after, rekeyed, dropped


def _answered(changed: _Changed, answers: Mapping[date, DateChange]) -> _Changed:
    """Put the answers beside the changes; of a date that is answered, nothing said before counts."""
    after, rekeyed, dropped = changed
    gone = {on for on, to in rekeyed.items() if to in answers}
    gone |= {on for on in answers if on in after and on not in rekeyed.values()}
    kept = {on: to for on, to in rekeyed.items() if on not in gone}
    return {**after, **answers}, kept, (*dropped, *sorted(gone - set(dropped)))


def _added(
    before: _Before,
    shape: Shape,
    after: Mapping[date, DateChange],
    laid: Sequence[DatePlan],
    now: datetime,
) -> tuple[PlannedDate, ...]:
    """Return the dates that the series will lack then: what the deed adds, by the same two functions."""
    planned_on = {plan.scheduled.id: plan.rule_date for plan in laid}
    gone = {plan.scheduled.id for plan in laid if plan.fate == "removed"}
    there = [planned_on.get(row.id, row.rule_date) for row in before.coming if row.id not in gone]
    present = {*there, *before.begun}
    planned = dates.planned_dates(shape, after, now, max(present, default=None), leave_out_impossible=False)
    return tuple(dates.lacking(planned, present, now))


def _new_hosts(series: Series, edit: SeriesEdit) -> tuple[int, ...] | None:
    if edit.host_ids is KEEP:
        return None
    asked = select(SeriesFacilitator.person_id).where(SeriesFacilitator.series_id == series.id)
    wanted = tuple(dict.fromkeys(edit.host_ids))
    return None if set(db.session.scalars(asked)) == set(wanted) else wanted
