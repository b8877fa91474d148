"""The first page, help, privacy, and a word to search engines."""

from flask import Response, render_template
from flask.typing import ResponseReturnValue

from booking.web.doors import Door, opens_for
from booking.web.pages import blueprint

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


@blueprint.get("/robots.txt")
@opens_for(Door.ANYONE)
def robots() -> ResponseReturnValue:
    return Response(_ROBOTS, mimetype="text/plain")
