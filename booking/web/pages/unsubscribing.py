"""Behind the link in a letter that stops reminders or news: opening it asks, posting to it acts."""

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue

from booking import clock
from booking.queries import unsubscribing as asked
from booking.refusals import LinkNoLongerWorks
from booking.services import reminders
from booking.web.doors import Door, opens_for
from booking.web.pages import blueprint
from booking.web.throttle import throttled

# What a mail program posts for its reader (RFC 8058); it follows no redirect.
_ONE_CLICK = ("List-Unsubscribe", "One-Click")


@blueprint.route("/unsubscribe/<token>", methods=["GET", "POST"])
@opens_for(Door.ANYONE)
# Many readers share the network of one mail provider, whose servers post for them.
@throttled("600 per hour")
def unsubscribe(token: str) -> ResponseReturnValue:
    """Ask on opening; stop at once what the letter was one of when its button, or a mail program, posts."""
    try:
        if request.method != "POST":
            return render_template("pages/unsubscribe.html", found=asked.behind(token))
        reminders.stop_by_link(token, clock.now())
        if request.form.get(_ONE_CLICK[0]) == _ONE_CLICK[1]:
            return render_template("pages/unsubscribe.html", found=asked.behind(token))
    except LinkNoLongerWorks:
        return render_template("pages/unsubscribe_gone.html"), 404
    return redirect(request.path, 303)
