"""Support and information: where to turn to, for everybody."""

from flask import render_template
from flask.typing import ResponseReturnValue

from booking.queries import support as asked
from booking.web.doors import Door, opens_for
from booking.web.pages import blueprint


@blueprint.get("/support")
@opens_for(Door.ANYONE)
def support() -> ResponseReturnValue:
    """Show whom to call and where to look."""
    return render_template("pages/support.html", page=asked.page())
