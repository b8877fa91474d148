"""Who waits in vain: where there were too few places, per series and per hour of the week."""

from datetime import time
from typing import Any

from flask import Response, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from booking import clock
from booking.queries import demand as asked
from booking.queries.demand import PAGE_LENGTH, Demand, Hour, Outcome
from booking.queries.reports import Review
from booking.rules.words import time_words, weekday_words
from booking.services import reports as exports
from booking.web.doors import Door, opens_for, visitor
from booking.web.office import blueprint, said
from booking.web.office.files import csv_file
from booking.web.office.numbers import page_number
from booking.web.office.review import A_SEASON, ReviewForm, as_query

NAMES = {
    Outcome.WAITED: _l("Waited"),
    Outcome.IN_VAIN: _l("In vain"),
    Outcome.STILL_WAITS: _l("Still wait"),
    Outcome.NOT_TAKEN: _l("Offered, not taken"),
    Outcome.GOT_A_PLACE: _l("Got a place"),
}
CSV_HEADINGS = (
    "session_date",
    "start",
    "series",
    "programme",
    "pool",
    "party_size",
    "waits_since_utc",
    "times_offered",
    "outcome",
    "person_id",
)
_NOTES = {
    Outcome.WAITED: _l("each person once for each date"),
    Outcome.IN_VAIN: _l("never offered a place"),
    Outcome.STILL_WAITS: _l("for dates to come"),
    Outcome.NOT_TAKEN: _l("or given up again"),
    Outcome.GOT_A_PLACE: _l("from the waiting list"),
}
Line = dict[str, Any]


@blueprint.get("/office/demand", endpoint="demand")
@opens_for(Door.ADMIN)
def demand_page() -> ResponseReturnValue:
    """Show how many waited, and for how many there was no room."""
    form = ReviewForm(request.args, clock.now(), ahead=A_SEASON)
    review = form.review()
    found = asked.figures(review)
    return render_template(
        "office/demand.html",
        form=form,
        review=review,
        filtered=bool(form.errors or request.args),
        found=found,
        cards=[_card(outcome, found, review) for outcome in Outcome],
        series=[_series_line(row, review) for row in asked.by_series(review)],
        hours=[_hour_line(row, review) for row in asked.by_hour(review)],
        names=NAMES,
        query=as_query(review),
    )


@blueprint.get("/office/demand/rows")
@opens_for(Door.ADMIN)
def demand_rows() -> ResponseReturnValue:
    """Show the waits behind one number."""
    form = ReviewForm(request.args, clock.now(), ahead=A_SEASON)
    review = form.review()
    if form.errors or request.args.get("counted") not in set(Outcome):
        abort(404)
    outcome, hour, page = Outcome(request.args["counted"]), _hour_asked(), page_number()
    found = asked.rows(review, outcome, hour, page)
    if page > 1 and not found.rows:
        abort(404)
    more = found.total > page * PAGE_LENGTH
    return render_template(
        "office/demand_rows.html",
        review=review,
        heading=NAMES[outcome],
        names=NAMES,
        found=found,
        of=", ".join(filter(None, [dict(form.titles).get(str(review.series_id)), _hour_words(hour)])),
        back=url_for("office.demand", **as_query(review)),
        previous=_rows_at(review, outcome, hour, page - 1) if page > 1 else None,
        following=_rows_at(review, outcome, hour, page + 1) if more else None,
        said=said,
    )


@blueprint.post("/office/demand.csv")
@opens_for(Door.ADMIN)
def demand_csv() -> Response:
    """Hand out the waits as a file: no names, and a note of who took it."""
    now = clock.now()
    form = ReviewForm(request.form, now, ahead=A_SEASON)
    review = form.review()
    if form.errors:
        abort(400)
    taken = exports.export_demand(review, visitor().person_id, now)
    return csv_file(f"waiting-{review.first}-to-{review.last}.csv", CSV_HEADINGS, taken)


def _hour_asked() -> Hour | None:
    weekday, hour = request.args.get("weekday", ""), request.args.get("hour", "")
    if not weekday and not hour:
        return None
    if not all(each.isascii() and each.isdigit() and len(each) < 3 for each in (weekday, hour)):
        abort(404)
    found = Hour(int(weekday), int(hour))
    if found.weekday > 6 or found.hour > 23:
        abort(404)
    return found


def _hour_words(hour: Hour | None) -> str:
    """Say an hour of the week, such as "Wednesday, from 1pm"."""
    if hour is None:
        return ""
    starts = time_words(time(hour.hour))
    return str(_("%(day)s, from %(time)s", day=weekday_words(hour.weekday), time=starts))


def _rows_at(review: Review, outcome: Outcome, hour: Hour | None = None, page: int | None = None) -> str:
    at = {"weekday": hour.weekday, "hour": hour.hour} if hour is not None else {}
    return url_for("office.demand_rows", **as_query(review, counted=outcome.value, page=page, **at))


def _card(outcome: Outcome, found: Demand, review: Review) -> Line:
    number = getattr(found, outcome.value)
    href = _rows_at(review, outcome) if number else None
    return {"label": NAMES[outcome], "value": f"{number:,}", "note": _NOTES[outcome], "href": href}


def _cells(found: Demand, review: Review, hour: Hour | None = None) -> list[Line]:
    """Return the numbers of a line; each leads to its rows, a nought leads nowhere."""
    numbers = {outcome: getattr(found, outcome.value) for outcome in Outcome}
    return [
        {
            "label": NAMES[outcome],
            "text": f"{number:,}",
            "href": _rows_at(review, outcome, hour) if number else None,
        }
        for outcome, number in numbers.items()
    ]


def _series_line(row: asked.SeriesDemand, review: Review) -> Line:
    within = Review(review.first, review.last, review.now, review.programme_id, row.series_id)
    href = url_for("office.demand", **as_query(within))
    cells = _cells(row.demand, within)
    return {"name": row.title, "href": href, "cells": cells, "found": row.demand}


def _hour_line(row: asked.HourDemand, review: Review) -> Line:
    hour = Hour(row.weekday, row.hour)
    cells = _cells(row.demand, review, hour)
    return {"name": _hour_words(hour), "href": None, "cells": cells, "found": row.demand}
