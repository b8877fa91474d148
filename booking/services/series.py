"""A whole series: changing it, publishing it, ending it; nobody loses a booking by it."""

from collections.abc import Sequence, Set
from dataclasses import replace
from datetime import date, datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, select, update

from booking.db import db, transaction
from booking.models import (
    Booking,
    ScheduledSession,
    Series,
    SeriesChange,
    SeriesFacilitator,
    Task,
)
from booking.models.kinds import SessionState, TaskKind
from booking.queries.date_plans import live
from booking.queries.edit_plans import EditPlan, plan_edit
from booking.queries.effects import Effect, effect_of_plan, seen_mark
from booking.queries.series import changes_of
from booking.refusals import CapacityBelowBookings, InThePast, NotADraft, NotFound, StaleForm, StillBooked
from booking.rules.changes import Change
from booking.rules.edits import KEEP, SeriesEdit
from booking.rules.faults import N_, Fault
from booking.rules.recurrence import Rule, last_date, parse_rule
from booking.rules.words import day_words
from booking.services.steps import facilitators, redate
from booking.services.steps.audit import note
from booking.services.steps.changing import is_undecided
from booking.services.steps.generate import take_the_season
from booking.services.steps.locks import lock_people, lock_sessions
from booking.services.steps.reshaping import carry_out, remove
from booking.services.steps.series import add_changes


def change_series(
    series_id: int,
    edit: SeriesEdit,
    from_date: date | None,
    actor_id: int | None,
    now: datetime,
    seen: str,
) -> Effect:
    """Change a series and its coming dates in one go; everybody booked is told once for each booking.

    `from_date` None means all coming dates; else it is the rule date of the first one meant. `seen` is the
    mark of the series as the form knew it.
    Refuses: a stale form, fewer places than are taken on any date, and what `plan_edit` refuses.
    """
    with transaction():
        host_ids = () if edit.host_ids is KEEP else edit.host_ids
        series = _held(series_id, host_ids, now)
        if seen_mark(series) != seen:
            raise StaleForm
        facilitators.refuse_unless_hosts(host_ids)
        plan = plan_edit(series, edit, from_date, now)
        return _done(series, plan, edit, from_date, actor_id, now)


def publish_series(series_id: int, actor_id: int | None, now: datetime) -> None:
    """Put a draft and its dates into the public list; doing it twice is doing it once.

    Refuses: a draft without any date to come.
    """
    with transaction():
        series = _held(series_id, (), now)
        if series.state is SessionState.PUBLISHED:
            return
        coming = select(ScheduledSession).where(
            ScheduledSession.series_id == series_id,
            ScheduledSession.starts_at > now,
            ScheduledSession.state == SessionState.DRAFT,
        )
        found = list(db.session.scalars(coming.order_by(ScheduledSession.id)))
        if not found:
            raise InThePast
        series.state = SessionState.PUBLISHED
        for scheduled in found:
            scheduled.state, scheduled.changed_at = SessionState.PUBLISHED, now
        note(now, actor_id, "series published", f"series:{series_id}")


def discard_draft(series_id: int, actor_id: int | None, now: datetime) -> None:
    """Remove a draft that nobody has booked, with its dates.

    Refuses: a series that is published, and one that somebody has or had a place in.
    """
    with transaction():
        series = _held(series_id, (), now)
        booked = select(Booking.id).join(ScheduledSession).where(ScheduledSession.series_id == series_id)
        if series.state is not SessionState.DRAFT or db.session.scalar(booked.limit(1)) is not None:
            raise NotADraft
        dates = select(ScheduledSession).where(ScheduledSession.series_id == series_id)
        for scheduled in list(db.session.scalars(dates.order_by(ScheduledSession.id))):
            remove(scheduled, now)
        for table in (SeriesChange, SeriesFacilitator, Task):
            db.session.execute(delete(table).where(table.series_id == series_id))
        db.session.delete(series)
        note(now, actor_id, "draft discarded", f"series:{series_id}")


def end_series(series_id: int, last_on: date, actor_id: int | None, now: datetime) -> Effect:
    """Let a series end with its date on `last_on` or the last one before it.

    Refuses: an end before the first date, a single date, and dates after it that somebody has booked:
    the office cancels those first, so that their people are told.
    """
    with transaction():
        series = _held(series_id, (), now)
        rule = parse_rule(series.rule or "")
        was_last = last_date(rule, series.starts_on)
        # A later day than its last one would make it longer: that is a change of its rule.
        ended = rule if was_last is not None and was_last <= last_on else _ended(rule, last_on)
        edit = SeriesEdit(rule=ended, starts_on=series.starts_on)
        plan = plan_edit(series, edit, None, now)
        booked = [each.scheduled.local_date for each in plan.dates if each.fate == "undecided"]
        if booked:
            raise StillBooked(", ".join(map(day_words, booked)))
        return _done(series, plan, edit, None, actor_id, now)


def answer_clashes(series_id: int, answers: Sequence[Change], actor_id: int | None, now: datetime) -> None:
    """Keep, leave out or move dates that fall on a day off; what is answered already stays as it is.

    Refuses: leaving out or moving a date that somebody is booked on, because the office cancels or moves
    that one so that people are told; a date of an earlier rule; what `plan_edit` refuses.
    """
    with transaction():
        series, before = _held(series_id, (), now), changes_of(series_id)
        settled = {change.on for change in before}
        new = [change for change in answers if change.on not in settled]
        if all(change.kind == "keep" for change in new):
            add_changes(series, new)
        else:
            edit = SeriesEdit(answers=tuple(new))
            plan = plan_edit(series, edit, None, now)
            _refuse_booked(plan, {change.on for change in new if change.kind != "keep"})
            _done(series, plan, edit, None, actor_id, now)
        if new:
            days = [f"{change.on} {change.kind}" for change in new]
            note(now, actor_id, "clashes answered", f"series:{series_id}", *days)


def _refuse_booked(plan: EditPlan, meant: Set[date]) -> None:
    booked = [
        each.scheduled.local_date
        for each in plan.dates
        if each.scheduled.rule_date in meant and live(plan.bookings[each.scheduled.id])
    ]
    if booked:
        raise StillBooked(", ".join(map(day_words, booked)))


def _held(series_id: int, person_ids: tuple[int, ...], now: datetime) -> Series:
    """Hold the season, the people and all coming dates of a series, before anything that decides is read."""
    take_the_season()
    lock_people(person_ids)
    lock_sessions(redate.coming_ids(series_id, now))
    series = db.session.get(Series, series_id)
    if series is None:
        raise NotFound
    return series


def _done(
    series: Series,
    plan: EditPlan,
    edit: SeriesEdit,
    from_date: date | None,
    actor_id: int | None,
    now: datetime,
) -> Effect:
    effect = effect_of_plan(plan, now)
    if effect.too_few:
        raise _too_few(effect)
    if from_date is not None:
        _keep_earlier_words(series, plan, from_date, now)
    deed_ids = carry_out(series, plan, edit.said_of_dates, from_date, actor_id, now)
    _settle_if_longer(series, actor_id, now)
    names = {*plan.values, *(("hosts",) if plan.host_ids is not None else ())}
    names |= set() if edit.said_of_dates is KEEP else {"changes"}
    if names or effect.added or effect.removed:
        since = (f"from {from_date}",) if from_date else ()
        note(now, actor_id, "series changed", f"series:{series.id}", *sorted(names), *since)
    return replace(effect, deed_ids=deed_ids)


def _keep_earlier_words(series: Series, plan: EditPlan, from_date: date, now: datetime) -> None:
    """Let the dates before the first one meant go on saying what they say, as the page has promised."""
    words = [word for word in ("title", "description") if word in plan.values]
    earlier = select(ScheduledSession).where(
        ScheduledSession.series_id == series.id,
        ScheduledSession.starts_at > now,
        ScheduledSession.rule_date < from_date,
    )
    for scheduled in db.session.scalars(earlier.order_by(ScheduledSession.id)) if words else ():
        # A date that waits for a decision must not look as if somebody had planned it.
        for word in words if not is_undecided(scheduled) else ():
            if not getattr(scheduled, f"own_{word}"):
                setattr(scheduled, f"own_{word}", getattr(series, word))


def _too_few(effect: Effect) -> CapacityBelowBookings:
    """Say on which dates more people are booked, and how many: never who."""
    said = ", ".join(f"{day_words(on)} ({many})" for on, _pool, many in effect.too_few)
    return CapacityBelowBookings(
        _l("More people than that are booked: %(dates)s. Cancel or move them first.", dates=said),
        field=f"places_{effect.too_few[0][1].value}",
    )


def _ended(rule: Rule, last_on: date) -> Rule:
    if rule.frequency == "ONCE":
        raise Fault(N_("A single date has no end: cancel it instead."), field="last_on")
    if rule.frequency != "DATES":
        return replace(rule, count=None, until=last_on)
    dates = tuple(on for on in rule.dates if on <= last_on)
    if not dates:
        raise Fault(N_("The series ends before it starts."), field="last_on")
    return replace(rule, dates=dates)


def _settle_if_longer(series: Series, actor_id: int | None, now: datetime) -> None:
    """Take the news of an end off the office's list when the series ends on another day now."""
    ends_on = last_date(parse_rule(series.rule or ""), series.starts_on)
    about = (Task.kind == TaskKind.SERIES_ENDS) & (Task.series_id == series.id) & Task.settled_at.is_(None)
    other = about if ends_on is None else about & (Task.due_on != ends_on)
    db.session.execute(update(Task).where(other).values(settled_at=now, settled_by=actor_id))
