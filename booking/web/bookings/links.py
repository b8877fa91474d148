"""What a calendar fetches: one booking as a file, or all of hers from her private address."""

import hashlib
from collections.abc import Callable

from flask import Response, abort, request
from flask.typing import ResponseReturnValue

from booking import clock
from booking.messages.letters import booking_event, her_calendar
from booking.models.kinds import LIVE
from booking.queries import bookings as asked
from booking.queries import feeds
from booking.refusals import LinkNoLongerWorks
from booking.web.bookings import blueprint
from booking.web.doors import Door, opens_for


@blueprint.get("/calendar/<token>.ics")
@opens_for(Door.ANYONE)
def calendar(token: str) -> ResponseReturnValue:
    """Give one booking as a calendar file, or all of hers to whatever follows her private address."""
    try:
        booking = asked.by_token(token, "calendar").booking
    except LinkNoLongerWorks:
        return _all_of_hers(token)
    # Nothing of a place that is not hers yet belongs in a calendar.
    if booking.state in LIVE and booking.state not in feeds.STANDS:
        abort(404)
    written = booking_event(booking)
    return _answer(repr(written), lambda: written, "attachment; filename=session.ics")


def _all_of_hers(token: str) -> Response:
    found = feeds.her_places(token, clock.now())
    said, write = her_calendar(found.bookings, plain=found.plain_titles)
    return _answer(said, write, 'inline; filename="sessions.ics"')


def _answer(said: str, write: Callable[[], bytes], disposition: str) -> Response:
    """Answer 304 to whatever has the same words already, without writing them out again."""
    tag = hashlib.sha256(said.encode(errors="replace")).hexdigest()[:32]
    known = request.if_none_match.contains_weak(tag)
    answer = Response(b"" if known else write(), mimetype="text/calendar")
    answer.set_etag(tag)
    answer.headers["Content-Disposition"] = disposition
    answer.make_conditional(request)
    return answer
