"""One series in the office: what it is, its dates to come, and putting it out, away or to an end."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField
from wtforms.validators import InputRequired

from booking import clock
from booking.models.kinds import SessionState
from booking.queries import days_off
from booking.queries import series as one
from booking.refusals import Refusal
from booking.rules.words import day_words
from booking.services import series as deeds
from booking.web.doors import Door, opens_for, visitor
from booking.web.office import blueprint
from booking.web.office.refused import put_beside, said
from booking.web.office.series_words import facts_of, left_out, own_of, own_words
from booking.web.widgets import GovSelect, options

# More would hide the buttons; the schedule has them all.
_MOST_SHOWN = 20


class EndForm(FlaskForm):
    """Which date is the last one."""

    last_on = SelectField(_l("The last date"), validators=[InputRequired()], widget=GovSelect())


@blueprint.get("/office/series/<int:series_id>")
@opens_for(Door.ADMIN)
def series(series_id: int) -> ResponseReturnValue:
    """Show a series with its facts, its coming dates, and what can be done with it."""
    found, now = one.one_series(series_id), clock.now()
    coming = one.coming_dates(series_id, now)
    return render_template(
        "office/series.html",
        found=found,
        facts_of_it=facts_of(one.as_plan(found), dict(found.hosts).values(), found.series.discreet_name)[1:],
        left_out=left_out(found),
        coming=coming[:_MOST_SHOWN],
        coming_until=max((each.rule_date for each in coming), default=None),
        more=len(coming) - _MOST_SHOWN,
        booked=one.booked_on(series_id, now),
        undecided=len(days_off.dates_to_decide(series_id, now)),
        own_of=own_of,
        own_words=own_words,
        SessionState=SessionState,
    )


@blueprint.post("/office/series/<int:series_id>/publish")
@opens_for(Door.ADMIN)
def publish_series(series_id: int) -> ResponseReturnValue:
    """Put a draft into the public list."""
    one.one_series(series_id)
    try:
        deeds.publish_series(series_id, visitor().person_id, clock.now())
    except Refusal as refusal:
        flash(said(refusal), "notice")
    else:
        flash(_("Published."), "success")
    return redirect(url_for("office.series", series_id=series_id), 303)


@blueprint.post("/office/series/<int:series_id>/discard")
@opens_for(Door.ADMIN)
def discard_draft(series_id: int) -> ResponseReturnValue:
    """Throw a draft away that nobody has booked."""
    title = one.one_series(series_id).series.title
    try:
        deeds.discard_draft(series_id, visitor().person_id, clock.now())
    except Refusal as refusal:
        flash(said(refusal), "notice")
        return redirect(url_for("office.series", series_id=series_id), 303)
    flash(_("The draft “%(title)s” is gone.", title=title), "success")
    return redirect(url_for("office.schedule"), 303)


@blueprint.route("/office/series/<int:series_id>/end", methods=["GET", "POST"])
@opens_for(Door.ADMIN)
def end_series(series_id: int) -> ResponseReturnValue:
    """Let a series stop after one of its dates; what stands after it is seen first."""
    found, now = one.one_series(series_id), clock.now()
    coming = [each for each in one.coming_dates(series_id, now) if each.state is not SessionState.CANCELLED]
    form = EndForm()
    form.last_on.choices = options(
        (each.local_date.isoformat(), day_words(each.local_date)) for each in coming
    )
    if not coming:
        flash(_("This series has no dates to come."), "notice")
        return redirect(url_for("office.series", series_id=series_id), 303)
    step, status, later = request.form.get("step", ""), 200, None
    if request.method == "POST":
        status = 200 if form.validate() else 422
        last = next(
            (each.local_date for each in coming if form.last_on.data == each.local_date.isoformat()), None
        )
        if last is not None and step == "save":
            try:
                deeds.end_series(series_id, last, visitor().person_id, now)
            except Refusal as refusal:
                put_beside(form, refusal)
                status = 422
            else:
                flash(_("The last date is %(day)s.", day=day_words(last)), "success")
                return redirect(url_for("office.series", series_id=series_id), 303)
        elif last is not None:
            later = [each for each in coming if each.local_date > last]
    page = render_template(
        "office/end_series.html", form=form, found=found, later=later, booked=one.booked_on(series_id, now)
    )
    return page, status
