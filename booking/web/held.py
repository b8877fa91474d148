"""The page of a place that waits for somebody new: for the browser that asked, and true by the clock."""

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from booking import clock
from booking.models.kinds import SessionState
from booking.queries import bookings
from booking.web import asked
from booking.web.code import HeldCodeForm
from booking.web.course_week import week_of
from booking.web.doors import visitor_or_none


def held_page(session_id: int, form: HeldCodeForm) -> ResponseReturnValue:
    """Say what waits for her and what to do now; the page is the same for every address."""
    if visitor_or_none():
        return redirect(url_for("bookings.mine"), 303)
    now, place = clock.now(), asked.place_asked(session_id)
    choice = bookings.place_choice(session_id, None, False, now)
    is_to_come = choice.session.state is SessionState.PUBLISHED and choice.session.starts_at > now
    if place is None or not is_to_come:
        return redirect(url_for("schedule.session", session_id=session_id), 303)
    page = render_template(
        "bookings/held_waiting.html" if place.waits else "bookings/held.html",
        choice=choice,
        week=week_of(choice.session, now),
        place=place,
        form=form,
        is_to_be_called=place.link_id is None,
        surely_waits=place.surely_waits(now),
    )
    return page, 422 if form.errors else 200
