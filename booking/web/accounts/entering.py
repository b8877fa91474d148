"""What follows a proven address: the sign-in, what became of places held for her, and where she goes on."""

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from booking.refusals import NotFound
from booking.services.signin import Entered
from booking.web import afterwards
from booking.web.accounts import login


def go_in(entered: Entered) -> ResponseReturnValue:
    """Sign this browser in, and say which of the places that waited for her are hers now."""
    login.start(entered.public_id)
    if not entered.kept:
        return redirect(entered.next_path or login.first_page(), 303)
    hers = [one for one in entered.kept if one.booking_id is not None and not one.waits]
    waits = any(one.waits for one in entered.kept)
    lost = [one for one in entered.kept if one.why_not is not None]
    if hers:
        said = ngettext("You have a place.", "You have %(num)s places.", len(hers))
        flash(said, "success")
        afterwards.offer_needs()
    if waits:
        flash(_("You are on the waiting list. We tell you when a place comes free for you."), "success")
    for one in lost:
        flash(str(one.why_not), "notice")
    if hers or waits or isinstance(lost[0].why_not, NotFound):
        return redirect(url_for("bookings.mine"), 303)
    # The other dates stand on the session's own page.
    return redirect(url_for("schedule.session", session_id=lost[0].session_id), 303)
