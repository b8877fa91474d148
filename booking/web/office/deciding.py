"""Dates of a series that fall on a day off: each stays, is left out or moves, because somebody says so."""

from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from booking import clock
from booking.queries import days_off
from booking.queries import series as one
from booking.refusals import Refusal
from booking.services import series as deeds
from booking.web.doors import Door, opens_for, visitor
from booking.web.office import blueprint
from booking.web.office.clash_answers import Decision, box_of, changes_in, waiting
from booking.web.office.refused import said


@dataclass(frozen=True)
class Waiting:
    """The dates that wait for a word, and what was wrong with the words that came."""

    decisions: tuple[Decision, ...]
    problem: str = ""
    problem_at: str = ""


@blueprint.route("/office/series/<int:series_id>/days-off", methods=["GET", "POST"])
@opens_for(Door.ADMIN)
def decide_dates(series_id: int) -> ResponseReturnValue:
    """Ask about each date on a day off, and remember the answers."""
    found, now = one.one_series(series_id), clock.now()
    planned, dates = one.as_plan(found), days_off.dates_to_decide(series_id, now)
    problem, box = "", ""
    if request.method == "POST":
        asked = {each.on for each in dates}
        try:
            answers = [each for each in changes_in(request.form, planned, asked) if each.on in asked]
            deeds.answer_clashes(series_id, answers, visitor().person_id, now)
        except Refusal as refusal:
            problem, box = said(refusal), box_of(refusal, request.form)
            # The rows were forgotten when the deed began.
            found = one.one_series(series_id)
        else:
            flash(_("Saved."), "success")
            return redirect(url_for("office.gaps"), 303)
    page = render_template(
        "office/decide_dates.html",
        found=found,
        look=Waiting(tuple(waiting(dates, planned)), problem, box),
    )
    return page, 422 if problem else 200
