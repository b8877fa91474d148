"""Her own calendar: a private address that holds her places, and how plainly they are named there."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from booking import clock
from booking.models.kinds import FeedKind
from booking.queries import feeds as asked
from booking.queries.people import herself
from booking.services import feeds
from booking.settings import settings
from booking.web.bookings import blueprint
from booking.web.doors import Door, opens_for, visitor

_DEEDS = ("make", "end", "plain", "discreet")


@blueprint.route("/my-sessions/calendar", methods=["GET", "POST"])
@opens_for(Door.SIGNED_IN)
def my_calendar() -> ResponseReturnValue:
    """Show her private calendar address; make her a new one, switch it off, or choose what its titles say."""
    person_id = visitor().person_id
    if request.method != "POST":
        token = asked.token_of(person_id, FeedKind.PERSON)
        path = url_for("bookings.calendar", token=token) if token else ""
        address = settings().base_url + path if token else ""
        return render_template(
            "bookings/my_calendar.html",
            address=address,
            webcal=f"webcal:{address.partition(':')[2]}" if address else "",
            is_plain=herself(person_id).plain_titles,
        )
    deed = request.form.get("deed", "")
    if deed not in _DEEDS:
        abort(400)
    flash(_done(deed, person_id), "success")
    return redirect(url_for("bookings.my_calendar"), 303)


def _done(deed: str, person_id: int) -> str:
    now = clock.now()
    if deed == "make":
        feeds.make_feed(person_id, now, FeedKind.PERSON)
        return str(_("Your private address is below. Keep it to yourself."))
    if deed == "end":
        feeds.end_feed(person_id, now, FeedKind.PERSON)
        return str(_("Switched off. The address no longer works."))
    feeds.choose_titles(person_id, deed == "plain", now)
    if deed == "plain":
        return str(_("Your calendar shows the full names from now on."))
    return str(_("Your calendar shows the discreet names from now on."))
