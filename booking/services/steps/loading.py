"""Loading a season from its file: every row or none, and what that changed."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from sqlalchemy import select, update

from booking.db import db
from booking.models import ScheduledSession, Series
from booking.models.kinds import SessionState
from booking.refusals import Refusal
from booking.rules.faults import N_, Fault
from booking.rules.timetable import Problem, SeriesPlan, Timetable
from booking.services.steps import facilitators, generate, redate
from booking.services.steps.audit import note
from booking.services.steps.locks import lock_people, lock_sessions
from booking.services.steps.series import add_series, update_series
from booking.services.steps.series_deeds import SeriesDeeds

Outcome = Literal["new", "changed", "same"]


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
    # Each series of the file by its title, and whether it is new, changed or as before.
    each: list[tuple[str, Outcome]] = field(default_factory=list, compare=False)
    # The deeds of which people have to be told.
    deed_ids: tuple[int, ...] = field(default=(), compare=False)

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

    def add(self, title: str, outcome: Outcome) -> None:
        """Add what became of one series."""
        self.each.append((title, outcome))
        self.series_added += outcome == "new"
        self.series_changed += outcome == "changed"
        self.series_same += outcome == "same"

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


def load(timetable: Timetable, actor_id: int | None, now: datetime) -> LoadReport:
    """Bring every series of a file, and its dates, to what the file says.

    Refuses: the whole file, naming every bad row by line and reason.
    """
    generate.take_the_season()
    hosts = _hosts_of(timetable)
    lock_people({person_id for meant in hosts.values() for person_id in meant})
    there = series_by_key([plan.key for plan in timetable.plans])
    lock_sessions(session_id for series in there.values() for session_id in redate.coming_ids(series.id, now))
    return _load_all(timetable, there, hosts, actor_id, now)


def series_by_key(keys: Collection[str]) -> dict[str, Series]:
    """Return the series with these keys."""
    rows = db.session.scalars(select(Series).where(Series.key.in_(keys)).order_by(Series.id))
    return {series.key: series for series in rows}


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
    timetable: Timetable,
    there: dict[str, Series],
    hosts: dict[str, list[int]],
    actor_id: int | None,
    now: datetime,
) -> LoadReport:
    report, problems, deeds = LoadReport(), [], SeriesDeeds(actor_id, now)
    for plan in timetable.plans:
        try:
            _load_one(plan, there.get(plan.key), hosts[plan.key], deeds, actor_id, now, report)
        except Refusal as refusal:
            problems.append(Problem(plan.line, str(refusal)))
    if problems:
        raise TimetableRefused(problems)
    if report.series_added or report.series_changed or report.dates_added:
        note(now, actor_id, "season loaded", "season:1")
    report.deed_ids = deeds.ids
    return report


def _load_one(
    plan: SeriesPlan,
    series: Series | None,
    host_ids: list[int],
    deeds: SeriesDeeds,
    actor_id: int | None,
    now: datetime,
    report: LoadReport,
) -> None:
    if series is None:
        series = add_series(plan, now)
        facilitators.lead(series, host_ids, actor_id, now, only_these=False)
        report.add(plan.title, "new")
    else:
        _refuse_taking_back(series, plan)
        was_a_draft = series.state is SessionState.DRAFT
        changed = bool(update_series(series, plan))
        if was_a_draft and series.state is SessionState.PUBLISHED:
            _publish_dates(series)
        # A blank cell says nothing about hosts: the office may have given some by hand.
        changed |= bool(host_ids) and facilitators.lead(series, host_ids, actor_id, now, only_these=True)
        report.add(plan.title, "changed" if changed else "same")
    changes = generate.changes_of([series.id])[series.id]
    planned = generate.planned_dates(series, changes, now, leave_out_impossible=False)
    report.count(series.key, redate.redate(series, planned, changes, deeds, now))
    report.dates_added += generate.add_missing_dates(series, planned, now)


def _refuse_taking_back(series: Series, plan: SeriesPlan) -> None:
    """Refuse a draft of what is in the public list: people may have booked it, so a person must decide."""
    published = series.state is SessionState.PUBLISHED
    if published and plan.state == SessionState.DRAFT.value and "state" not in plan.unsaid:
        raise Fault(N_("state: this series is published, so a file can't make it a draft."), field="state")


def _publish_dates(series: Series) -> None:
    """Put the dates of a series that was a draft into the public list; what is cancelled stays so."""
    hers = (ScheduledSession.series_id == series.id) & (ScheduledSession.state == SessionState.DRAFT)
    db.session.execute(
        update(ScheduledSession)
        .where(hers)
        .values(state=SessionState.PUBLISHED)
        .execution_options(synchronize_session="fetch")
    )
