"""Where somebody is signed in, and the button that ends it everywhere."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from booking import clock
from booking.queries import signin as asked
from booking.services import signin
from booking.web.accounts import blueprint, login
from booking.web.doors import Door, opens_for, visitor
from booking.web.throttle import throttled


@blueprint.route("/me/sign-ins", methods=["GET", "POST"])
@opens_for(Door.SIGNED_IN)
@throttled("60 per hour", by="visitor")
def sign_ins() -> ResponseReturnValue:
    """Show since when she is signed in on how many devices; sign out the others, or everywhere."""
    here = visitor()
    if request.method != "POST":
        live = asked.live_sign_ins(here.person_id, clock.now())
        return render_template("accounts/sign_ins.html", live=live, this=here.sign_in_public_id)
    if request.form.get("which") == "others":
        signin.sign_out_everywhere(here.person_id, clock.now(), but=here.sign_in_public_id)
        flash(_("The other devices are signed out. You are still signed in here."), "row:sign-ins")
        return redirect(url_for("accounts.me", _anchor="sign-ins"), 303)
    signin.sign_out_everywhere(here.person_id, clock.now())
    login.end()
    flash(_("You are signed out everywhere."), "success")
    return redirect(url_for("pages.home"), 303)
