"""The way into an online meeting: calm before, one button within, and somebody to help who can't get in."""

from contextlib import suppress
from datetime import datetime

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from booking import clock
from booking.queries import bookings as asked
from booking.queries.bookings import MyBooking
from booking.queries.joining import meeting_of
from booking.refusals import DoorShut, LinkNoLongerWorks
from booking.services import joining
from booking.web.bookings import blueprint
from booking.web.doors import Door, opens_for
from booking.web.throttle import throttled


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
    if request.method != "POST":
        return _page(row, token, now)
    try:
        address = joining.press_join(row.booking.id, now)
    except DoorShut:
        return redirect(request.path, 303)
    # The address is shown by the answer to a button only: a scanner that follows links never reads it.
    return _page(asked.by_token(token, "join"), token, now, address)


@blueprint.post("/join/<token>/help")
@opens_for(Door.ANYONE)
@throttled("60 per hour")
def cannot_get_in(token: str) -> ResponseReturnValue:
    """Tell the hosts that she can't get in, and lead back to what she can try meanwhile."""
    # That page says why, whatever it is.
    with suppress(LinkNoLongerWorks, DoorShut):
        joining.say_stuck(asked.by_token(token, "join").booking.id, clock.now())
    return redirect(url_for("bookings.join", token=token), 303)


def _page(row: MyBooking, token: str, now: datetime, address: str = "") -> ResponseReturnValue:
    meeting = meeting_of(row.session)
    return render_template(
        "bookings/join.html",
        row=row,
        token=token,
        is_open=asked.join_is_open(row.session, now),
        opens_at=row.session.starts_at - asked.JOIN_OPENS,
        has_address=bool(meeting.url),
        dial_in=meeting.dial_in,
        is_stuck=row.booking.stuck_at is not None,
        address=address,
        now=now,
    )
