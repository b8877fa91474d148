"""Attendance: who came, by month and by series, each number with its rows, and a file of it."""

from calendar import monthrange
from typing import Any

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from booking import clock
from booking.queries import report_rows, reports
from booking.queries.report_rows import PAGE_LENGTH
from booking.queries.reports import Counted, Figures, MonthFigures, Review, SeriesFigures
from booking.rules.shares import percent
from booking.rules.words import count_words, month_words
from booking.services import reports as exports
from booking.web.doors import Door, opens_for, visitor
from booking.web.office import blueprint
from booking.web.office.files import csv_file
from booking.web.office.review import ReviewForm, as_query

CSV_HEADINGS = ("session_date", "series", "programme", "pool", "state", "attendance", "person_id")
Link = dict[str, Any]


@blueprint.get("/office/attendance")
@opens_for(Door.ADMIN)
def attendance() -> ResponseReturnValue:
    """Show the figures, the line by month, and the tables."""
    form = ReviewForm(request.args, clock.now())
    review = form.review()
    months, series = reports.by_month(review), reports.by_series(review)
    return render_template(
        "office/attendance.html",
        form=form,
        review=review,
        filtered=bool(form.errors or request.args),
        chips=_chips(form, review),
        cards=_cards(reports.figures(review), review),
        points=[(_short_month(row), row.figures.attendances) for row in months],
        months=[_month_line(row, review) for row in months],
        series=[_series_line(row, review) for row in series],
        query=as_query(review),
    )


@blueprint.get("/office/attendance/rows")
@opens_for(Door.ADMIN)
def attendance_rows() -> ResponseReturnValue:
    """Show the rows behind one number."""
    form = ReviewForm(request.args, clock.now())
    review = form.review()
    if form.errors or request.args.get("counted") not in set(Counted):
        abort(404)
    counted, page = Counted(request.args["counted"]), _page()
    found = report_rows.rows(review, counted, page)
    if page > 1 and not found.rows:
        abort(404)
    more = found.total > page * PAGE_LENGTH
    return render_template(
        "office/attendance_rows.html",
        review=review,
        counted=counted,
        heading=_names()[counted],
        found=found,
        series=dict(form.titles).get(str(review.series_id)),
        first_number=(page - 1) * PAGE_LENGTH + 1,
        back=url_for("office.attendance", **as_query(review)),
        previous=_rows_at(review, counted, page - 1) if page > 1 else None,
        following=_rows_at(review, counted, page + 1) if more else None,
    )


@blueprint.post("/office/attendance.csv")
@opens_for(Door.ADMIN)
def attendance_csv() -> ResponseReturnValue:
    """Hand out the bookings as a file: no names, and a note of who took it."""
    now = clock.now()
    form = ReviewForm(request.form, now)
    review = form.review()
    if form.errors:
        abort(400)
    taken = exports.export_attendance(review, visitor().person_id, now)
    return csv_file(f"attendance-{review.first}-to-{review.last}.csv", CSV_HEADINGS, taken)


def _page() -> int:
    asked = request.args.get("page", "1")
    if not (asked.isascii() and asked.isdigit() and len(asked) < 7 and int(asked) > 0):
        abort(404)
    return int(asked)


def _names() -> dict[Counted, str]:
    return {
        Counted.PEOPLE: _("People who came"),
        Counted.FIRST_TIMERS: _("Came for the first time"),
        Counted.ATTENDANCES: _("Attendances"),
        Counted.KEPT: _("Places taken up"),
        Counted.DID_NOT_COME: _("Didn't come"),
        Counted.NOT_RECORDED: _("Not recorded"),
        Counted.GAVE_UP: _("Gave up their place"),
        Counted.SESSIONS: _("Sessions that took place"),
        Counted.CANCELLED: _("Sessions cancelled"),
    }


def _rows_at(review: Review, counted: Counted, page: int | None = None) -> str:
    asked = as_query(review, counted=counted.value, page=page)
    return url_for("office.attendance_rows", **asked)


def _cards(figures: Figures, review: Review) -> list[Link]:
    names, notes = _names(), _notes(figures)
    order = (
        Counted.PEOPLE,
        Counted.ATTENDANCES,
        Counted.KEPT,
        Counted.NOT_RECORDED,
        Counted.FIRST_TIMERS,
        Counted.SESSIONS,
        Counted.CANCELLED,
        Counted.GAVE_UP,
    )
    return [
        {
            "label": names[counted],
            "value": _said(figures, counted),
            "note": notes.get(counted),
            "href": _rows_at(review, counted),
        }
        for counted in order
    ]


def _notes(figures: Figures) -> dict[Counted, str]:
    """Return the line under a number that keeps it from being misread."""
    unnamed = count_words(figures.unnamed, _("person"), _("people"))
    kept, booked = f"{figures.kept:,}", f"{figures.recorded:,}"
    return {
        Counted.PEOPLE: _("and %(people)s without a name", people=unnamed) if figures.unnamed else "",
        Counted.ATTENDANCES: _("each time somebody came or joined"),
        Counted.KEPT: _("%(kept)s of %(booked)s booked and recorded", kept=kept, booked=booked),
        Counted.NOT_RECORDED: _("not counted as “didn't come”"),
        Counted.FIRST_TIMERS: _("had never come to anything before"),
        Counted.GAVE_UP: _("so that others could have them"),
    }


def _said(figures: Figures, counted: Counted) -> str:
    if counted is not Counted.KEPT:
        return f"{getattr(figures, counted.value):,}"
    share = percent(figures.kept, figures.recorded)
    return "–" if share is None else f"{share}%"


_COLUMNS = (
    Counted.SESSIONS,
    Counted.PEOPLE,
    Counted.FIRST_TIMERS,
    Counted.ATTENDANCES,
    Counted.DID_NOT_COME,
    Counted.NOT_RECORDED,
    Counted.GAVE_UP,
    Counted.KEPT,
)


def _line(name: str, href: str | None, figures: Figures, review: Review) -> Link:
    """Return one line of a table; each number leads to its rows, a nought leads nowhere."""
    names = _names()
    cells = [
        {
            "label": names[counted],
            "text": _said(figures, counted),
            "href": _rows_at(review, counted) if getattr(figures, counted.value) else None,
        }
        for counted in _COLUMNS
    ]
    return {"name": name, "href": href, "cells": cells}


def _month_line(row: MonthFigures, review: Review) -> Link:
    first, last = row.month, row.month.replace(day=monthrange(row.month.year, row.month.month)[1])
    within = Review(
        first=max(first, review.first),
        last=min(last, review.last),
        now=review.now,
        programme_id=review.programme_id,
        series_id=review.series_id,
    )
    return _line(month_words(row.month), None, row.figures, within)


def _series_line(row: SeriesFigures, review: Review) -> Link:
    within = Review(review.first, review.last, review.now, review.programme_id, row.series_id)
    href = url_for("office.attendance", **as_query(within))
    return _line(row.title, href, row.figures, within)


def _short_month(row: MonthFigures) -> str:
    # A chart's axis is the one place where months are cut short.
    return month_words(row.month)[:3]


def _chips(form: ReviewForm, review: Review) -> list[Link]:
    """Return the ways to look that one click away: everything of twelve months, and each programme."""
    chips = [
        {
            "text": _("Last 12 months"),
            "href": url_for("office.attendance"),
            "current": not request.args or bool(form.errors),
        }
    ]
    for key, name in form.programmes:
        here = as_query(review, programme=int(key), series=None)
        current = review.programme_id == int(key) and review.series_id is None
        chips.append({"text": name, "href": url_for("office.attendance", **here), "current": current})
    return chips
