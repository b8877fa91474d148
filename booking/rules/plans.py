"""A series as somebody plans it, and whether its parts agree, whichever form or file it came from."""

from dataclasses import dataclass, field
from datetime import date, time

from booking.rules.changes import Change
from booking.rules.discreet import holds_forbidden
from booking.rules.faults import N_, Fault
from booking.rules.programmes import HOSTS_ONLY
from booking.rules.recurrence import Rule, expand, next_dates
from booking.rules.rule_text import LAST_YEAR
from booking.rules.words import day_words


@dataclass(frozen=True, slots=True)
class SeriesPlan:
    """A series as somebody plans it.

    Units: places None = no limit, 0 = no such pool; mode, audience, companions, enrol, suits and state as
    rows hold them; `opens_days_before` None = as soon as it is published.
    """

    key: str
    title: str
    programme: str
    mode: str
    place: str
    nation: str
    rule: Rule
    starts_on: date
    start_time: time
    end_time: time
    places_room: int | None = 0
    places_online: int | None = 0
    audience: str = "anyone"
    companions: str = "never"
    enrol: str = "each"
    movement_check: bool = False
    welcome_call: bool = False
    discreet_name: str = ""
    description: str = ""
    meeting_url: str = ""
    dial_in: str = ""
    grant: str = ""
    office_notes: str = ""
    hosts: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    join_until_week: int = 1
    single_weeks: bool = False
    waiting_list: bool = True
    waiting_books: bool = False
    opens_days_before: int | None = None
    closes_minutes_before: int = 0
    newcomer_places: int = 0
    min_facilitators: int = 1
    ground_rules_version: str = ""
    suits: tuple[str, ...] = ()
    state: str = "published"
    zone: str = "Europe/London"
    # Where it stands in the file, so that a later no can still name the line.
    line: int = field(default=0, compare=False)
    # The facts whose columns the file does not have: a series that stands keeps its own.
    unsaid: frozenset[str] = field(default=frozenset(), compare=False)


def check_plan(plan: SeriesPlan) -> SeriesPlan:
    """Return the plan when its parts agree, whichever form or file it came from.

    Refuses: a health word where a lock screen would show it, an end before the start, a programme of
    hosts that others may come to, a rule without dates, a change of a date that the rule does not have.
    """
    if plan.end_time <= plan.start_time:
        raise Fault(N_("The end must be after the start."), field="end_time")
    if holds_forbidden(plan.key):
        raise Fault(N_("The key stands in web addresses and holds a health word."), field="key")
    if holds_forbidden(plan.discreet_name):
        raise Fault(N_("The discreet name holds a health word."), field="discreet_name")
    if plan.programme == HOSTS_ONLY and plan.audience != "facilitators":
        raise Fault(N_("“Hosts only” is for hosts and tutors: nobody else may come."), field="audience")
    _check_dates(plan)
    for change in plan.changes:
        _check_change(plan, change)
    return plan


def _check_dates(plan: SeriesPlan) -> None:
    rule = plan.rule
    if rule.until is not None and rule.until < plan.starts_on:
        raise Fault(N_("The series ends before it starts."), field="until")
    if rule.dates and rule.dates[0] < plan.starts_on:
        raise Fault(N_("%(date)s is before the series starts."), field="dates", date=day_words(rule.dates[0]))
    if not next_dates(rule, plan.starts_on, plan.starts_on, 1):
        raise Fault(N_("The rule gives no date at all."), field="rrule")
    if rule.count is not None:
        last = date(LAST_YEAR, 12, 31)
        if len(expand(rule, plan.starts_on, plan.starts_on, last)) < rule.count:
            raise Fault(N_("So many dates would go on beyond the year 2100."), field="count")


def _check_change(plan: SeriesPlan, change: Change) -> None:
    if not falls_on(plan, change.on):
        raise Fault(N_("%(date)s is not a date of this series."), date=change.on, field="changes")
    if change.ends is not None and change.ends <= plan.start_time:
        raise Fault(N_("On %(date)s the end must be after the start."), date=change.on, field="changes")
    if change.place is not None and plan.mode == "online":
        raise Fault(
            N_("On %(date)s a place is named, but the series is online."), date=change.on, field="changes"
        )
    vacated = {other.on for other in plan.changes if other.kind in ("skip", "move")}
    if change.moved_to and change.moved_to not in vacated and falls_on(plan, change.moved_to):
        raise Fault(N_("%(date)s is already a date of this series."), date=change.moved_to, field="changes")


def falls_on(plan: SeriesPlan, on: date) -> bool:
    """Say whether the rule of a plan has this date."""
    return bool(expand(plan.rule, plan.starts_on, on, on))
