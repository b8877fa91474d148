"""The links in her letters and calendar: a token opens a page, a button on it acts."""

from datetime import datetime

from flask import Response, abort, render_template, request
from flask.typing import ResponseReturnValue

from booking import clock
from booking.messages.letters.invitations import event_facts
from booking.queries import bookings as asked
from booking.queries.bookings import MyBooking
from booking.refusals import LinkNoLongerWorks
from booking.rules.calendar import event_file
from booking.web.bookings import blueprint
from booking.web.doors import Door, opens_for
from booking.web.throttle import throttled


@blueprint.get("/calendar/<token>.ics")
@opens_for(Door.ANYONE)
def calendar(token: str) -> ResponseReturnValue:
    """Give one booking as a calendar file, with the words that may stand on a lock screen."""
    try:
        row = asked.by_token(token, "calendar")
    except LinkNoLongerWorks:
        abort(404)
    response = Response(event_file(event_facts(row.booking), "PUBLISH"), mimetype="text/calendar")
    response.headers["Content-Disposition"] = "attachment; filename=session.ics"
    return response


@blueprint.route("/join/<token>", methods=["GET", "POST"])
@opens_for(Door.ANYONE)
@throttled("120 per hour")
def join(token: str) -> ResponseReturnValue:
    """Show when the door to the meeting opens; within that time the button leads to it."""
    try:
        row = asked.by_token(token, "join")
    except LinkNoLongerWorks:
        return render_template("bookings/join_gone.html", row=None), 404
    now = clock.now()
    if not asked.may_join(row) or row.session.ends_at <= now:
        return render_template("bookings/join_gone.html", row=row), 410
    return _join_page(row, now)


def _join_page(row: MyBooking, now: datetime) -> ResponseReturnValue:
    is_open = asked.join_is_open(row.session, now)
    # The address is shown by the answer to a button only: a scanner that follows links never reads it.
    address = row.session.meeting_url if is_open and request.method == "POST" else ""
    return render_template("bookings/join.html", row=row, is_open=is_open, address=address, now=now)
