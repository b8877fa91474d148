"""Not up to it today: the link in her reminder, one button, and no key, no reason, no scolding."""

from datetime import datetime

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue

from booking import clock
from booking.models.kinds import SessionState
from booking.queries import bookings as asked
from booking.queries.bookings import MyBooking
from booking.queries.not_today import date_after
from booking.refusals import LinkNoLongerWorks, Refusal
from booking.services import not_today as deeds
from booking.web.bookings import blueprint
from booking.web.doors import Door, opens_for
from booking.web.throttle import throttled

PURPOSE = "not today"


@blueprint.route("/not-today/<token>", methods=["GET", "POST"])
@opens_for(Door.ANYONE)
@throttled("60 per hour")
def not_today(token: str) -> ResponseReturnValue:
    """Ask once; the button gives the place back, and the same page then says that it is fine."""
    try:
        row = asked.by_token(token, PURPOSE)
    except LinkNoLongerWorks:
        return render_template("bookings/not_today_gone.html"), 404
    if request.method != "POST":
        return _page(row, clock.now())
    try:
        deeds.not_today(row.booking.id, clock.now())
    except LinkNoLongerWorks:
        return render_template("bookings/not_today_gone.html"), 404
    except Refusal as refusal:
        return _page(asked.by_token(token, PURPOSE), clock.now(), str(refusal.sentence), 409)
    return redirect(request.path, 303)


def _page(row: MyBooking, now: datetime, why: str = "", status: int = 200) -> ResponseReturnValue:
    is_time = now < row.session.starts_at + deeds.SAYS_UNTIL
    is_on = row.session.state is SessionState.PUBLISHED
    return render_template(
        "bookings/not_today.html",
        row=row,
        why=why,
        is_off=not is_on,
        may_say=row.booking.is_live and is_on and is_time,
        after=date_after(row.session, now),
        now=now,
    ), status
