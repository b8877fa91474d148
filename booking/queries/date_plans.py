"""What an edit of a series makes of one of its dates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from booking.models import ScheduledSession
from booking.models.kinds import LIVE, TAKING, BookingState, Pool, SessionState
from booking.queries.dates import DateChange, Shape
from booking.queries.wanted import brought, capacities, refuse_more_than_fits
from booking.refusals import InThePast, NotALaterTime
from booking.rules.faults import N_, Fault
from booking.rules.recurrence import expand
from booking.rules.words import day_words

Fate = Literal["stays", "cancelled", "removed", "undecided"]
_POOLS = ((Pool.ROOM, "places_room"), (Pool.ONLINE, "places_online"))


@dataclass(frozen=True)
class Booked:
    """One booking of a coming date, live or ended."""

    session_id: int
    person_id: int | None
    pool: Pool
    state: BookingState
    party_size: int


@dataclass(frozen=True)
class DatePlan:
    """What becomes of one date.

    Units: `values` are the columns that will be different; `keeps` are facts that the edit changes and
    the date keeps as its own; `is_left` says that the series has no such date any more.
    """

    scheduled: ScheduledSession
    rule_date: date
    values: Mapping[str, Any]
    fate: Fate = "stays"
    reason: str = ""
    keeps: tuple[str, ...] = ()
    is_left: bool = False

    @property
    def is_plain(self) -> bool:
        """Say whether the edit is about this date: it takes place, and is no odd one."""
        is_off = self.scheduled.state is SessionState.CANCELLED
        return self.fate == "stays" and not is_off and not self.is_left


@dataclass(frozen=True)
class Wanting:
    """A series before and after: its shape, its changes of single dates, and where each rule date goes."""

    old: Shape
    old_changes: Mapping[date, DateChange]
    new: Shape
    new_changes: Mapping[date, DateChange]
    went: Mapping[date, date]
    bookings: Mapping[int, Sequence[Booked]]


def live(bookings: Sequence[Booked]) -> int:
    """Count the bookings that still stand."""
    return sum(booked.state in LIVE for booked in bookings)


def taken(bookings: Sequence[Booked], pool: Pool) -> int:
    """Count the places of a pool that are taken. Units: places, not bookings."""
    return sum(each.party_size for each in bookings if each.pool is pool and each.state in TAKING)


def keeps_something(scheduled: ScheduledSession) -> bool:
    """Say whether a date has anything of its own, facts or words."""
    return bool(scheduled.own or scheduled.own_title or scheduled.own_description)


def plan_date(scheduled: ScheduledSession, wanting: Wanting, now: datetime) -> DatePlan:
    """Say what becomes of a date that the edit means.

    Refuses: an end before the start and a start in the past, naming the date.
    """
    on, to = scheduled.rule_date, wanting.went.get(scheduled.rule_date)
    if scheduled.state is SessionState.CANCELLED:
        # What was called off takes its slot along, and is otherwise as people were told.
        return DatePlan(scheduled, to or on, {})
    bookings = wanting.bookings[scheduled.id]
    if to is None:
        return _left(scheduled, bookings)
    if on == to and _waits_for_a_decision(scheduled, wanting.new):
        return DatePlan(scheduled, on, {}, is_left=True)
    was, will = wanting.old_changes.get(on), wanting.new_changes.get(to)
    if will is not None and will.is_off and not (was is not None and was.is_off):
        return _left(scheduled, bookings, will)
    old, new = _facts(wanting.old, was, on), _facts(wanting.new, will, to)
    delta = {name: value for name, value in new.items() if value != old[name]}
    try:
        values = brought(scheduled, delta, now)
    except InThePast:
        if on != to:
            return _left(scheduled, bookings)
        raise _fault(N_("On %(date)s it would have begun already."), scheduled, "start_time") from None
    except NotALaterTime:
        raise _fault(N_("On %(date)s the end must be after the start."), scheduled, "end_time") from None
    return DatePlan(
        scheduled,
        to,
        {name: value for name, value in values.items() if getattr(scheduled, name) != value},
        keeps=tuple(sorted(delta.keys() & scheduled.own)),
    )


def refuse_what_does_not_fit(shape: Shape, changed: Mapping[str, Any], laid: Sequence[DatePlan]) -> None:
    """Refuse more places than a venue holds, in the series or on one of its dates."""
    meant = [plan for plan in laid if plan.values.keys() & {"places_room", "venue_id"}]
    most = capacities([shape.venue_id, *(_after(plan, "venue_id") for plan in meant)])
    if changed.keys() & {"places_room", "venue_id"}:
        refuse_more_than_fits(shape.places_room, shape.venue_id, most)
    for plan in meant:
        refuse_more_than_fits(
            _after(plan, "places_room"), _after(plan, "venue_id"), most, plan.scheduled.local_date
        )


def too_few(plan: DatePlan, bookings: Sequence[Booked]) -> list[tuple[date, Pool, int]]:
    """Return the pools of a date that would be too small. Units: places that are taken."""
    sizes = [
        (pool, plan.values[field], taken(bookings, pool)) for pool, field in _POOLS if field in plan.values
    ]
    on = _after(plan, "local_date")
    return [(on, pool, many) for pool, places, many in sizes if places is not None and places < many]


def _after(plan: DatePlan, name: str) -> Any:
    return plan.values.get(name, getattr(plan.scheduled, name))


def _left(
    scheduled: ScheduledSession, bookings: Sequence[Booked], change: DateChange | None = None
) -> DatePlan:
    """Say what becomes of a date that the series will not have any more; no booking is ever lost by it."""
    reason, on = change.reason if change else "", scheduled.rule_date
    fate: Fate = "undecided"
    if change is None and keeps_something(scheduled) and not live(bookings):
        # Somebody planned this date on purpose: a new rule alone does not take it away.
        fate = "stays"
    elif not bookings:
        fate = "cancelled" if change is not None and change.action == "cancel" else "removed"
    elif not live(bookings):
        fate = "cancelled"
    return DatePlan(scheduled, on, {}, fate, reason, is_left=True)


def _waits_for_a_decision(scheduled: ScheduledSession, shape: Shape) -> bool:
    on = scheduled.rule_date
    undecided = scheduled.differs and not keeps_something(scheduled)
    return undecided and not expand(shape.rule, shape.starts_on, on, on)


def _facts(shape: Shape, change: DateChange | None, rule_date: date) -> dict[str, Any]:
    return {
        "local_date": (change.moved_to if change else None) or rule_date,
        "start_time": shape.start_time,
        "end_time": (change.end_time if change else None) or shape.end_time,
        "venue_id": (change.venue_id if change else None) or shape.venue_id,
        "meeting_url": shape.meeting_url,
        "places_room": shape.places_room,
        "places_online": shape.places_online,
        "public_reason": change.reason if change else "",
    }


def _fault(template: str, scheduled: ScheduledSession, field: str) -> Fault:
    return Fault(template, field=field, date=day_words(scheduled.local_date))
