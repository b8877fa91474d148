"""Carrying out the plan of an edit inside a caller's transaction, which holds the locks of all its dates."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import delete, update

from booking.db import db
from booking.models import ScheduledSession, Series, SeriesChange, SessionFacilitator, SessionVersion
from booking.queries.date_plans import DatePlan, keeps_something
from booking.queries.edit_plans import EditPlan
from booking.rules.changes import Change
from booking.rules.edits import KEEP, Keep
from booking.services.steps import facilitators, generate, host_letters, waiting
from booking.services.steps.audit import note
from booking.services.steps.series import add_changes, programme_named
from booking.services.steps.series_deeds import SeriesDeeds
from booking.services.steps.tell import readable_at
from booking.services.steps.versions import TIME_AND_PLACE, put

# Where rule dates wait while all of them change places: no series has a date there.
_ASIDE = timedelta(days=366 * 1000)


def carry_out(
    series: Series,
    plan: EditPlan,
    changes: Sequence[Change] | Keep,
    from_date: date | None,
    actor_id: int | None,
    now: datetime,
) -> tuple[int, ...]:
    """Bring a series and its dates to the plan, and tell everybody booked of each date that changes.

    Returns the deeds of which somebody has to be told.
    """
    deeds = SeriesDeeds(actor_id, now)
    write_row(series, plan)
    _write_changes(series, plan, changes, from_date)
    _move_slots(plan, now)
    standing = [each.scheduled for each in plan.dates if each.fate != "removed"]
    places = {scheduled.id: waiting.places_of(scheduled) for scheduled in standing}
    told = [_carry_out_one(each, plan, deeds, actor_id, now) for each in plan.dates]
    deeds.tell_of_changes([news for news in told if news is not None])
    db.session.flush()
    waiting.after_changes(((one, places[one.id]) for one in standing), now)
    if plan.host_ids is not None:
        facilitators.lead(series, plan.host_ids, actor_id, now, only_these=True, since=from_date)
    db.session.flush()
    known = generate.changes_of([series.id])[series.id]
    planned = generate.planned_dates(series, known, now, leave_out_impossible=False)
    generate.add_missing_dates(series, planned, now)
    return deeds.ids


def write_row(series: Series, plan: EditPlan) -> None:
    """Write what the series shall be."""
    for name, value in plan.values.items():
        if name == "programme":
            series.programme_id = programme_named(value).id
        else:
            setattr(series, name, value)
    db.session.flush()


def remove(scheduled: ScheduledSession, now: datetime) -> None:
    """Take away a date that nobody has ever booked, and tell whoever was to lead it."""
    host_letters.forget_date(scheduled, now, readable_at(scheduled.starts_at, now))
    for table in (SessionFacilitator, SessionVersion):
        db.session.execute(delete(table).where(table.session_id == scheduled.id))
    db.session.delete(scheduled)
    db.session.flush()


def _write_changes(
    series: Series, plan: EditPlan, changes: Sequence[Change] | Keep, from_date: date | None
) -> None:
    hers = SeriesChange.series_id == series.id
    db.session.execute(delete(SeriesChange).where(hers, SeriesChange.rule_date.in_(plan.dropped)))
    for on, to in plan.rekeyed.items():
        _rekey_change(series.id, on, to + _ASIDE)
    for to in plan.rekeyed.values():
        _rekey_change(series.id, to + _ASIDE, to)
    if changes is not KEEP:
        meant = [change for change in changes if from_date is None or change.on >= from_date]
        add_changes(series, meant)


def _rekey_change(series_id: int, on: date, to: date) -> None:
    db.session.execute(
        update(SeriesChange)
        .where(SeriesChange.series_id == series_id, SeriesChange.rule_date == on)
        .values(rule_date=to),
        execution_options={"synchronize_session": False},
    )


def _move_slots(plan: EditPlan, now: datetime) -> None:
    """Give each date its new slot; all step aside first, because two dates never share one."""
    for each in plan.dates:
        if each.fate == "removed":
            remove(each.scheduled, now)
    moving = [each for each in plan.dates if each.rule_date != each.scheduled.rule_date]
    for each in moving:
        each.scheduled.rule_date += _ASIDE
    db.session.flush()
    for each in moving:
        each.scheduled.rule_date = each.rule_date
    db.session.flush()


def _carry_out_one(
    each: DatePlan, plan: EditPlan, deeds: SeriesDeeds, actor_id: int | None, now: datetime
) -> tuple[ScheduledSession, datetime] | None:
    """Bring one date to its plan; what people have to be told of is returned, with when it was to start."""
    scheduled = each.scheduled
    if each.fate == "removed":
        return None
    if each.fate == "cancelled":
        deeds.cancel(scheduled, each.reason)
        return None
    if each.fate == "undecided":
        # A new rule alone must not take anybody's place away: the office cancels it or lets it stand.
        scheduled.differs = True
        return None
    if plan.is_reshaped and each.is_plain and not keeps_something(scheduled):
        scheduled.differs = False
    was_starting_at = scheduled.starts_at
    changed = put(scheduled, each.values, now)
    if changed:
        note(now, actor_id, "session changed", f"session:{scheduled.id}", *sorted(changed))
    return (scheduled, was_starting_at) if changed & TIME_AND_PLACE else None
