"""The sample season, moved so that it lies around today: a year of dates behind it, half a year ahead."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path

from booking.rules.changes import Change, changes_by_date
from booking.rules.recurrence import expand
from booking.rules.timetable import SeriesPlan, read_timetable
from booking.rules.wall_time import instants

FILE = Path(__file__).with_name("season.csv")
YEAR = timedelta(weeks=52)
HORIZON = timedelta(weeks=26)
_FIRST_COURSE = timedelta(weeks=2)
# Six weeks in which courses may begin, each filled in turn: the last begins before eight weeks are over.
_COURSE_WEEKS = 6


class UnusableSeason(ValueError):
    """The sample season of the repository can't be read: a fault of ours, not of whoever runs the demo."""


@dataclass(frozen=True, slots=True)
class Occasion:
    """One date of the season; `place` is where it meets, nothing when it is online."""

    plan: SeriesPlan
    rule_date: date
    local_date: date
    end_time: time
    starts_at: datetime
    ends_at: datetime
    place: str
    reason: str
    is_cancelled: bool


def plans_around(today: date, file: Path = FILE) -> list[SeriesPlan]:
    """Read the season: courses begin 2 to 8 weeks from today, everything else began a year ago or earlier."""
    season = read_timetable(file.read_text(encoding="utf-8"))
    if season.problems:
        raise UnusableSeason("\n".join(map(str, season.problems)))
    courses = [plan.key for plan in season.plans if _has_an_end(plan)]
    return [
        _moved_ahead(plan, today, courses.index(plan.key)) if plan.key in courses else _begun(plan, today)
        for plan in season.plans
    ]


def occasions(plan: SeriesPlan, first: date, last: date) -> list[Occasion]:
    """List the dates of a series between two days, both included, with what is different on some."""
    changes = changes_by_date(plan.changes)
    moved = [on for on, change in changes.items() if change.moved_to]
    dates = sorted({*expand(plan.rule, plan.starts_on, first, last), *moved})
    # A change that changes nothing saves asking of each part whether there is one.
    found = [_occasion(plan, on, changes.get(on) or Change(on, "at")) for on in dates]
    return [each for each in found if each is not None and first <= each.local_date <= last]


def _has_an_end(plan: SeriesPlan) -> bool:
    """Say whether a series is over some day: a course, a talk; its dates mean nothing once they are past."""
    return plan.enrol == "course" or plan.rule.frequency == "ONCE" or plan.rule.count is not None


def _moved_ahead(plan: SeriesPlan, today: date, number: int) -> SeriesPlan:
    earliest = today + _FIRST_COURSE + timedelta(weeks=number % _COURSE_WEEKS)
    starts_on = earliest + timedelta(days=(plan.starts_on - earliest).days % 7)
    by = starts_on - plan.starts_on
    return replace(plan, starts_on=starts_on, changes=tuple(_moved(change, by) for change in plan.changes))


def _moved(change: Change, by: timedelta) -> Change:
    return replace(change, on=change.on + by, moved_to=change.moved_to and change.moved_to + by)


def _begun(plan: SeriesPlan, today: date) -> SeriesPlan:
    # Whole years of 52 weeks keep the weekday, and whether a fortnight is an odd or an even one.
    years = max(0, -((today - YEAR - plan.starts_on).days // YEAR.days))
    return replace(plan, starts_on=plan.starts_on - years * YEAR)


def _occasion(plan: SeriesPlan, rule_date: date, change: Change) -> Occasion | None:
    if change.kind == "skip":
        return None
    local_date, end_time = change.moved_to or rule_date, change.ends or plan.end_time
    starts_at, ends_at = instants(local_date, plan.start_time, end_time)
    return Occasion(
        plan=plan,
        rule_date=rule_date,
        local_date=local_date,
        end_time=end_time,
        starts_at=starts_at,
        ends_at=ends_at,
        place=change.place or plan.place,
        reason=change.reason or "",
        is_cancelled=change.kind == "cancel",
    )
