"""What a planned series comes to before it is saved: its next dates, its last one, and every clash."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from booking.db import db
from booking.models import Venue
from booking.queries.clashes import Hours, clashes_of
from booking.queries.dates import HORIZON
from booking.rules.changes import Change, changes_by_date
from booking.rules.clashes import Clash, ClockChange, clock_changes
from booking.rules.recurrence import expand, last_date, last_or_fourth, next_dates
from booking.rules.timetable import SeriesPlan
from booking.rules.wall_time import instants, to_local

_NEXT = 6


@dataclass(frozen=True, slots=True)
class PreviewDate:
    """One date of the rule: what it runs into where it goes, and what is already decided about it."""

    on: date
    clashes: tuple[Clash, ...]
    change: Change | None


@dataclass(frozen=True, slots=True)
class Preview:
    """What a plan comes to.

    Units: `last_on` and `total` are None when the series goes on; `explained` holds (fourth, last) of the
    months where the two differ; `clashing` reaches as far as the horizon, not only over the next six.
    """

    next_dates: tuple[PreviewDate, ...]
    last_on: date | None
    total: int | None
    clock_changes: tuple[ClockChange, ...]
    explained: tuple[tuple[date, date], ...]
    clashing: tuple[PreviewDate, ...]


def preview(
    plan: SeriesPlan, host_ids: Collection[int], now: datetime, except_series_id: int | None = None
) -> Preview:
    """Say what a plan comes to, in a constant number of queries.

    Refuses: a time that no clock shows on one of the dates, and a zone that is none.
    """
    today = to_local(now, plan.zone).date()
    first = max(plan.starts_on, today)
    soon = next_dates(plan.rule, plan.starts_on, first, _NEXT)
    until = max([first + HORIZON, *soon[-1:]])
    changes = changes_by_date(plan.changes)
    dates = expand(plan.rule, plan.starts_on, first, until)
    clashes = _clashes(plan, dates, changes, host_ids, except_series_id)
    shown = [PreviewDate(on, tuple(clashes.get(on, ())), changes.get(on)) for on in dates]
    last_on, total = _ending(plan, changes)
    return Preview(
        next_dates=tuple(shown[:_NEXT]),
        last_on=last_on,
        total=total,
        clock_changes=tuple(clock_changes(first, min(until, last_on or until), plan.zone)),
        explained=_explained(plan, first),
        clashing=tuple(each for each in shown if each.clashes),
    )


def _clashes(
    plan: SeriesPlan,
    dates: Collection[date],
    changes: Mapping[date, Change],
    host_ids: Collection[int],
    except_series_id: int | None,
) -> dict[date, list[Clash]]:
    """Return the clashes by the date of the rule, each looked for where that date really goes."""
    goes = {on: _hours(plan, on, changes.get(on)) for on in dates if _takes_place(changes.get(on))}
    found = clashes_of(
        dict(goes.values()),
        nation=plan.nation,
        venue_id=db.session.scalar(select(Venue.id).where(Venue.name == plan.place)) if plan.place else None,
        host_ids=host_ids,
        except_series_id=except_series_id,
    )
    return {on: found[local_date] for on, (local_date, _hours_there) in goes.items()}


def _takes_place(change: Change | None) -> bool:
    return change is None or change.kind not in ("skip", "cancel")


def _hours(plan: SeriesPlan, on: date, change: Change | None) -> tuple[date, Hours]:
    local_date = (change.moved_to if change else None) or on
    end_time = (change.ends if change else None) or plan.end_time
    return local_date, instants(local_date, plan.start_time, end_time, plan.zone)


def _ending(plan: SeriesPlan, changes: Mapping[date, Change]) -> tuple[date | None, int | None]:
    """Return the last date and how many there are; dates left out are no dates."""
    last_on = last_date(plan.rule, plan.starts_on)
    if last_on is None:
        return None, None
    every = expand(plan.rule, plan.starts_on, plan.starts_on, last_on)
    there = [on for on in every if not ((change := changes.get(on)) and change.kind == "skip")]
    goes = [(change.moved_to if (change := changes.get(on)) else None) or on for on in there]
    return max(goes, default=None), len(there)


def _explained(plan: SeriesPlan, first: date) -> tuple[tuple[date, date], ...]:
    """Explain "last" and "fourth" where somebody chose one of them."""
    if plan.rule.frequency != "MONTHLY" or plan.rule.nth not in (4, -1):
        return ()
    return tuple(last_or_fourth(plan.rule.weekdays[0], first))
