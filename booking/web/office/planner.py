"""The season in other ways than a list: a week, a month, by host, by venue, drafts, differences, gaps."""

import re
from datetime import date, timedelta
from typing import Any

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from booking import clock
from booking.queries import days_off, planner, planner_lists
from booking.queries import gaps as holes
from booking.queries.planner import MOST_IN_A_CELL, MOST_OF_A_DAY, Wanted
from booking.rules.wall_time import to_local
from booking.web.doors import Door, opens_for
from booking.web.office import blueprint, looking
from booking.web.office.difference_words import said_differences
from booking.web.office.numbers import page_number

_MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])", re.ASCII)
_DAY = re.compile(r"20\d\d-\d\d-\d\d", re.ASCII)
_MOST_SHORT = 10


@blueprint.get("/office/schedule/week")
@opens_for(Door.ADMIN)
def schedule_week() -> ResponseReturnValue:
    """Show one week, a row for each day."""
    monday = _monday(to_local(clock.now()).date())
    days = [monday + timedelta(days=number) for number in range(7)]
    found = planner.by_day(Wanted(first=monday, last=days[-1]), MOST_OF_A_DAY)
    return _view(
        "office/schedule_week.html",
        days=days,
        found=found,
        earlier=url_for("office.schedule_week", day=monday - timedelta(days=7)),
        later=url_for("office.schedule_week", day=monday + timedelta(days=7)),
    )


@blueprint.get("/office/schedule/month")
@opens_for(Door.ADMIN)
def schedule_month() -> ResponseReturnValue:
    """Show one month as a table, a column for each weekday."""
    first = _month(to_local(clock.now()).date())
    following = holes.months_from(first, 2)[1]
    before = (first - timedelta(days=1)).replace(day=1)
    found = planner.by_day(Wanted(first=first, last=following - timedelta(days=1)), MOST_IN_A_CELL)
    return _view(
        "office/schedule_month.html",
        first=first,
        weeks=_weeks(first, following),
        found=found,
        total=sum(day.total for day in found.values()),
        before=before,
        following=following,
    )


@blueprint.get("/office/schedule/hosts")
@opens_for(Door.ADMIN)
def schedule_hosts() -> ResponseReturnValue:
    """Show who leads what in the weeks ahead, after the dates that have too few."""
    now, page = clock.now(), page_number()
    short, first_short = planner_lists.short_of_hosts(now, 1, _MOST_SHORT) if page == 1 else (0, [])
    total, groups = planner_lists.by_host(now, page)
    _not_beyond(page, groups)
    turn = looking.turn("office.schedule_hosts", total, page)
    return _view("office/schedule_hosts.html", short=short, first_short=first_short, groups=groups, turn=turn)


@blueprint.get("/office/schedule/venues")
@opens_for(Door.ADMIN)
def schedule_venues() -> ResponseReturnValue:
    """Show what is on in which venue in the weeks ahead."""
    page = page_number()
    total, groups = planner_lists.by_venue(clock.now(), page)
    _not_beyond(page, groups)
    return _view(
        "office/schedule_venues.html", groups=groups, turn=looking.turn("office.schedule_venues", total, page)
    )


@blueprint.get("/office/schedule/drafts")
@opens_for(Door.ADMIN)
def drafts() -> ResponseReturnValue:
    """Show what only the office sees yet: whole series."""
    page = page_number()
    total, found = planner_lists.drafts(page, clock.now())
    _not_beyond(page, found)
    return _view(
        "office/drafts.html", total=total, found=found, turn=looking.turn("office.drafts", total, page)
    )


@blueprint.get("/office/schedule/differences")
@opens_for(Door.ADMIN)
def differences() -> ResponseReturnValue:
    """Show the dates that are not as their series says, and how."""
    page = page_number()
    total, found = planner_lists.differing(clock.now(), page)
    _not_beyond(page, found)
    return _view(
        "office/differences.html",
        total=total,
        found=[(differing, said_differences(differing)) for differing in found],
        turn=looking.turn("office.differences", total, page),
    )


@blueprint.get("/office/schedule/gaps")
@opens_for(Door.ADMIN)
def gaps() -> ResponseReturnValue:
    """Show where the season has holes."""
    now, page = clock.now(), page_number()
    total, short = planner_lists.short_of_hosts(now, page)
    _not_beyond(page, short)
    first = page == 1
    return _view(
        "office/gaps.html",
        undecided=days_off.how_many(now) if first else 0,
        to_decide=days_off.series_to_decide(now, holes.MOST_SERIES) if first else [],
        missing=holes.missing_months(now) if first else [],
        without_host=holes.series_without_host(now) if first else (0, []),
        ending=holes.ending_series(now) if first else (0, []),
        page=page,
        total=total,
        short=short,
        turn=looking.turn("office.gaps", total, page),
    )


def _view(template: str, **facts: Any) -> str:
    return render_template(
        template,
        menu=looking.menu(request.endpoint or ""),
        today=to_local(clock.now()).date(),
        series_page=looking.series_page,
        **facts,
    )


def _not_beyond(page: int, found: list[Any]) -> None:
    if page > 1 and not found:
        abort(404)


def _monday(today: date) -> date:
    """Return the Monday of the week that is asked for, this week's unless the address says so."""
    asked = request.args.get("day", "")
    on = today
    if asked:
        try:
            on = date.fromisoformat(asked if _DAY.fullmatch(asked) else "")
        except ValueError:
            abort(404)
    return on - timedelta(days=on.weekday())


def _month(today: date) -> date:
    """Return the first day of the month that is asked for, this month's unless the address says so."""
    asked = request.args.get("m", "")
    if not asked:
        return today.replace(day=1)
    match = _MONTH.fullmatch(asked)
    if match is None:
        abort(404)
    return date(int(match[1]), int(match[2]), 1)


def _weeks(first: date, following: date) -> list[list[date | None]]:
    """Return the weeks of a month, Monday first; days of other months are None."""
    start = first - timedelta(days=first.weekday())
    weeks = []
    while start < following:
        days = [start + timedelta(days=number) for number in range(7)]
        weeks.append([day if first <= day < following else None for day in days])
        start += timedelta(days=7)
    return weeks
