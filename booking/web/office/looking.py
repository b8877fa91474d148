"""How a planner looks at the season: which dates she asks for, the other views, the tools."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import abort, request, url_for
from flask_babel import lazy_gettext as _l

from booking.models.kinds import SessionState
from booking.queries import office, planner, reports, venues
from booking.queries.planner import PAGE_LENGTH, Wanted
from booking.rules.holidays import NATIONS
from booking.rules.wall_time import to_local
from booking.web.office.numbers import row_number

STATES = {
    SessionState.PUBLISHED: _l("Published"),
    SessionState.DRAFT: _l("Draft"),
    SessionState.CANCELLED: _l("Cancelled"),
}
PAST = "past"
PERIODS = {
    "week": _l("The next 7 days"),
    "month": _l("The next 4 weeks"),
    "quarter": _l("The next 3 months"),
    PAST: _l("Dates that are over"),
}
_LENGTHS = {"week": timedelta(days=7), "month": timedelta(weeks=4), "quarter": timedelta(weeks=13)}
_VIEWS = (
    ("office.schedule", _l("List")),
    ("office.schedule_week", _l("Week")),
    ("office.schedule_month", _l("Month")),
    ("office.schedule_hosts", _l("By host")),
    ("office.schedule_venues", _l("By venue")),
    ("office.drafts", _l("Drafts")),
    ("office.differences", _l("Differences")),
    ("office.gaps", _l("Gaps")),
)
_TOOLS = (
    ("office.call_off", _l("Cancel or move several dates")),
    ("office.copy_season", _l("Copy a season")),
    ("office.import_timetable", _l("Load a season from a file")),
    ("office.venues", _l("Venues")),
    ("office.listings", _l("Listed, not booked")),
    ("office.feed", _l("The season in your calendar")),
    ("office.demand", _l("Who waits in vain")),
    ("office.support", _l("Support and information")),
)


@dataclass(frozen=True)
class Choice:
    """What was asked for, in rows and in the words of the address, and what there is to choose from."""

    wanted: Wanted
    asked: dict[str, Any]
    is_past: bool
    lists: dict[str, dict[Any, Any]]

    @property
    def is_narrowed(self) -> bool:
        """Say whether any filter is on."""
        return any(self.asked.values())


def read(now: datetime) -> Choice:
    """Read the filters of the list from the address; a row that is not there is no page of ours."""
    lists = _lists()
    rows = {name: _one_of(name, lists[name]) for name in ("programme", "series", "venue", "host")}
    period = _word("period", lists["period"])
    nation, state = _word("nation", lists["nation"]), _word("state", lists["state"])
    today, is_past = to_local(now).date(), period == PAST
    length = _LENGTHS.get(period)
    wanted = Wanted(
        last=today + length - timedelta(days=1) if length else None,
        not_over=None if is_past else now,
        over=now if is_past else None,
        programme_id=rows["programme"],
        series_id=rows["series"],
        venue_id=rows["venue"],
        host_id=rows["host"],
        nation=nation,
        state=SessionState(state) if state else None,
    )
    asked = {**rows, "nation": nation or None, "state": state or None, "period": period or None}
    return Choice(wanted, asked, is_past, lists)


def menu(current: str) -> list[dict[str, Any]]:
    """Return the views of the season, the one that is open marked."""
    return [{"text": text, "href": url_for(name), "current": name == current} for name, text in _VIEWS]


def tools() -> list[dict[str, Any]]:
    """Return the ways to what else belongs to the season."""
    return [{"text": text, "href": url_for(name)} for name, text in _TOOLS]


def series_page(series_id: int) -> str:
    """Return where a series is looked at as a whole."""
    return url_for("office.series", series_id=series_id)


def turn(endpoint: str, total: int, page: int, **asked: Any) -> dict[str, str | None]:
    """Return where the pages before and after this one are."""
    more = total > page * PAGE_LENGTH
    return {
        "previous": url_for(endpoint, **asked, page=page - 1 if page > 2 else None) if page > 1 else None,
        "following": url_for(endpoint, **asked, page=page + 1) if more else None,
    }


def _lists() -> dict[str, dict[Any, Any]]:
    return {
        "programme": dict(planner.programmes()),
        "series": dict(reports.all_series()),
        "venue": {venue.id: venue.name for venue in venues.all_venues()},
        "host": {host.person_id: host.full_name for host in office.all_hosts()},
        "nation": {nation: nation for nation in NATIONS},
        "period": dict(PERIODS),
        "state": {state.value: words for state, words in STATES.items()},
    }


def _one_of(name: str, rows: dict[Any, Any]) -> int | None:
    asked = row_number(name)
    if asked is not None and asked not in rows:
        abort(404)
    return asked


def _word(name: str, words: dict[Any, Any]) -> str:
    """Return a word that is asked for; one that is none of ours asks for nothing."""
    asked = request.args.get(name, "")
    return asked if asked in words else ""
