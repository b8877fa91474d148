"""The season: loading it, keeping its dates filled, and changing or cancelling one of them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from booking.db import db, transaction
from booking.models import ScheduledSession, Series
from booking.models.kinds import SessionState
from booking.refusals import InThePast, Refusal
from booking.rules.addresses import clean_line
from booking.rules.faults import N_, Fault
from booking.rules.recurrence import expand
from booking.rules.timetable import Problem, SeriesPlan, Timetable, check_plan, read_timetable
from booking.rules.wall_time import LONDON, to_local
from booking.services.steps import facilitators, generate, redate
from booking.services.steps.audit import note
from booking.services.steps.cancelling import cancel
from booking.services.steps.changing import KEEP, SessionChange, refuse_unless_changeable, values_of
from booking.services.steps.locks import lock_people, lock_sessions
from booking.services.steps.series import add_series, update_series
from booking.services.steps.tell import tell_of_change
from booking.services.steps.versions import TIME_AND_PLACE, put

__all__ = [
    "KEEP",
    "LoadReport",
    "SessionChange",
    "TimetableRefused",
    "cancel_session",
    "change_session",
    "create_series",
    "fill_horizon",
    "load_timetable",
]


@dataclass(slots=True)
class LoadReport:
    """What loading a season changed; `kept` are dates the rule lost but somebody has booked."""

    series_added: int = 0
    series_changed: int = 0
    series_same: int = 0
    dates_added: int = 0
    dates_changed: int = 0
    dates_cancelled: int = 0
    dates_removed: int = 0
    kept: tuple[tuple[str, date], ...] = ()

    def sentences(self) -> list[str]:
        """Say what was done, in words for whoever loaded it."""
        said = [
            f"Series: {self.series_added} new, {self.series_changed} changed, {self.series_same} as before.",
            f"Dates: {self.dates_added} new, {self.dates_changed} changed, {self.dates_cancelled} cancelled, "
            f"{self.dates_removed} removed.",
        ]
        return said + [
            f"{key} on {on}: left as it is, because it was changed by hand or somebody is booked. "
            "Cancel it in the office if it does not take place."
            for key, on in self.kept
        ]

    def count(self, key: str, done: redate.Redated) -> None:
        """Add what became of the dates of one series."""
        self.dates_changed += done.changed
        self.dates_cancelled += done.cancelled
        self.dates_removed += done.removed
        self.kept = (*self.kept, *((key, on) for on in done.kept))


class TimetableRefused(Refusal):
    """Nothing was loaded; `problems` name every bad row by its line."""

    def __init__(self, problems: Collection[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join([*map(str, self.problems), "Nothing was loaded."]))


def load_timetable(text: str, now: datetime) -> LoadReport:
    """Load a season; loading it again changes nothing, a changed row changes its series and dates.

    Refuses: the whole file, naming every bad row by line and reason.
    """
    timetable = read_timetable(text)
    with transaction():
        generate.take_the_season()
        hosts = _hosts_of(timetable)
        lock_people({person_id for meant in hosts.values() for person_id in meant})
        there = _series_by_key([plan.key for plan in timetable.plans])
        lock_sessions(
            session_id for series in there.values() for session_id in redate.coming_ids(series.id, now)
        )
        return _load_all(timetable, there, hosts, now)


def fill_horizon(now: datetime) -> int:
    """Add the dates that the passing of time has brought within reach; return how many.

    Looking costs no writing transaction, so that a worker may ask as often as it likes.
    """
    if not _anything_missing(now):
        return 0
    with transaction():
        generate.take_the_season()
        return sum(_fill(series, now) for series in _running_series())


def create_series(
    plan: SeriesPlan, actor_id: int | None, now: datetime, host_ids: Collection[int] = ()
) -> int:
    """Add a series, or a single date when its rule is empty, with its dates; return its id.

    Refuses: what `check_plan` refuses, a key that is taken, and a series without any date to come.
    """
    check_plan(plan)
    with transaction():
        generate.take_the_season()
        people = [*dict.fromkeys([*host_ids, *facilitators.people_meant(plan.hosts)])]
        lock_people(people)
        if plan.key and _series_by_key([plan.key]):
            raise Fault(N_("There is a series with this key already."), field="key")
        _refuse_if_over(plan, now)
        series = add_series(plan, now)
        facilitators.lead(series, people, actor_id, now, only_these=False)
        _add_dates(series, now)
        note(now, actor_id, "series created", f"series:{series.id}")
        return series.id


def change_session(
    session_id: int, change: SessionChange, actor_id: int | None, now: datetime, seen_version: int
) -> None:
    """Change one date; everybody booked is told once when its time, place or link is different.

    Refuses: a stale form, a cancelled or started session, fewer places than are taken, and what
    `values_of` refuses.
    """
    with transaction():
        lock_sessions([session_id])
        scheduled = db.session.get_one(ScheduledSession, session_id)
        refuse_unless_changeable(scheduled, seen_version, now)
        values = values_of(scheduled, change, now)
        redate.refuse_too_few(scheduled, values)
        was_starting_at = scheduled.starts_at
        changed = put(scheduled, values, now)
        if not changed:
            return
        scheduled.differs = True
        if changed & TIME_AND_PLACE:
            tell_of_change(scheduled, was_starting_at, now)
        note(now, actor_id, "session changed", f"session:{session_id}", *sorted(changed))


def cancel_session(session_id: int, reason: str, actor_id: int | None, now: datetime) -> None:
    """Cancel one date and tell everybody booked; doing it twice is doing it once.

    Refuses: a session that is over.
    """
    with transaction():
        lock_sessions([session_id])
        scheduled = db.session.get_one(ScheduledSession, session_id)
        if scheduled.state is SessionState.CANCELLED:
            return
        if scheduled.ends_at <= now:
            raise InThePast(_l("This session is over, so it can't be cancelled."))
        cancel(scheduled, clean_line(reason, 300), actor_id, now)


def _hosts_of(timetable: Timetable) -> dict[str, list[int]]:
    """Find the people each row names, and refuse the file when any row has a fault."""
    problems = list(timetable.problems)
    hosts: dict[str, list[int]] = {}
    for plan in timetable.plans:
        try:
            hosts[plan.key] = facilitators.people_meant(plan.hosts)
        except Fault as fault:
            problems.append(Problem(plan.line, str(fault)))
    if problems:
        raise TimetableRefused(problems)
    return hosts


def _load_all(
    timetable: Timetable, there: dict[str, Series], hosts: dict[str, list[int]], now: datetime
) -> LoadReport:
    report, problems = LoadReport(), []
    for plan in timetable.plans:
        try:
            _load_one(plan, there.get(plan.key), hosts[plan.key], now, report)
        except Refusal as refusal:
            problems.append(Problem(plan.line, str(refusal)))
    if problems:
        raise TimetableRefused(problems)
    if report.series_added or report.series_changed or report.dates_added:
        note(now, None, "season loaded", "season:1")
    return report


def _load_one(
    plan: SeriesPlan, series: Series | None, host_ids: list[int], now: datetime, report: LoadReport
) -> None:
    if series is None:
        series = add_series(plan, now)
        facilitators.lead(series, host_ids, None, now, only_these=False)
        report.series_added += 1
    else:
        changed = bool(update_series(series, plan))
        # A blank cell says nothing about hosts: the office may have given some by hand.
        changed |= bool(host_ids) and facilitators.lead(series, host_ids, None, now, only_these=True)
        report.series_changed += changed
        report.series_same += not changed
    changes = generate.changes_of([series.id])[series.id]
    planned = generate.planned_dates(series, changes, now, leave_out_impossible=False)
    report.count(series.key, redate.redate(series, planned, changes, now))
    report.dates_added += generate.add_missing_dates(series, planned, now)


def _series_by_key(keys: Collection[str]) -> dict[str, Series]:
    rows = db.session.scalars(select(Series).where(Series.key.in_(keys)).order_by(Series.id))
    return {series.key: series for series in rows}


def _running_series() -> list[Series]:
    published = select(Series).where(Series.state == SessionState.PUBLISHED).order_by(Series.id)
    return list(db.session.scalars(published))


def _anything_missing(now: datetime) -> bool:
    running = _running_series()
    changes = generate.changes_of([series.id for series in running])
    present = set(db.session.execute(select(ScheduledSession.series_id, ScheduledSession.rule_date)))
    return any(
        (series.id, rule_date) not in present
        for series in running
        for rule_date in generate.planned_dates(series, changes[series.id], now, leave_out_impossible=True)
    )


def _fill(series: Series, now: datetime) -> int:
    changes = generate.changes_of([series.id])[series.id]
    # One date at an hour that the clocks skip must not keep every other series from being filled.
    planned = generate.planned_dates(series, changes, now, leave_out_impossible=True)
    return generate.add_missing_dates(series, planned, now)


def _add_dates(series: Series, now: datetime) -> None:
    changes = generate.changes_of([series.id])[series.id]
    planned = generate.planned_dates(series, changes, now, leave_out_impossible=False)
    generate.add_missing_dates(series, planned, now)


def _refuse_if_over(plan: SeriesPlan, now: datetime) -> None:
    """Refuse a series whose last date is behind us: nobody would ever see it."""
    today = to_local(now, LONDON).date()
    last_year = date(min(today.year + 5, 2100), 12, 31)
    if not expand(plan.rule, plan.starts_on, today, max(last_year, plan.starts_on)):
        raise InThePast
