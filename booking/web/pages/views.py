"""The first page, help, privacy, and a word to search engines."""

from flask import Response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from booking import clock
from booking.services.deaths_reported import report_death
from booking.web.doors import Door, opens_for
from booking.web.pages import blueprint
from booking.web.pages.forms import SomeoneHasDiedForm
from booking.web.throttle import throttled

_ROBOTS = "User-agent: *\nDisallow: /my-sessions\nDisallow: /me\nDisallow: /host\nDisallow: /office\n"


@blueprint.get("/")
@opens_for(Door.ANYONE)
def home() -> ResponseReturnValue:
    return render_template("pages/home.html")


@blueprint.get("/help")
@opens_for(Door.ANYONE)
def help() -> ResponseReturnValue:
    return render_template("pages/help.html")


@blueprint.get("/privacy")
@opens_for(Door.ANYONE)
def privacy() -> ResponseReturnValue:
    return render_template("pages/privacy.html")


@blueprint.route("/someone-has-died", methods=["GET", "POST"])
@opens_for(Door.ANYONE)
@throttled("20 per hour")
def someone_has_died() -> ResponseReturnValue:
    """Take down what somebody tells us; a human reads it, and no page says whom we know."""
    form = SomeoneHasDiedForm()
    if not form.validate_on_submit():
        return render_template("pages/someone_has_died.html", form=form), 422 if form.errors else 200
    report_death(*form.told(), clock.now())
    return redirect(url_for("pages.thank_you"), 303)


@blueprint.get("/someone-has-died/thank-you")
@opens_for(Door.ANYONE)
def thank_you() -> ResponseReturnValue:
    return render_template("pages/thank_you.html")


@blueprint.get("/robots.txt")
@opens_for(Door.ANYONE)
def robots() -> ResponseReturnValue:
    return Response(_ROBOTS, mimetype="text/plain")
