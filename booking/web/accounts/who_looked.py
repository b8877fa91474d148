"""Who looked at her contact details: hers to see."""

from flask import render_template
from flask.typing import ResponseReturnValue

from booking.queries import reveals
from booking.web.accounts import blueprint
from booking.web.doors import Door, opens_for, visitor


@blueprint.get("/me/who-looked")
@opens_for(Door.SIGNED_IN)
def who_looked() -> ResponseReturnValue:
    """Show every look of a host at her contact details."""
    looks = reveals.who_looked(visitor().person_id)
    return render_template("accounts/who_looked.html", looks=looks)
