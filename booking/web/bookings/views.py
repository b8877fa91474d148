"""Booking in two screens, My sessions, and giving a place up in two taps."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from booking import clock
from booking.models.kinds import BookingState
from booking.queries import bookings as asked
from booking.queries import movement, my_courses, my_waiting, party
from booking.queries.bookings import MyBooking
from booking.queries.not_today import date_after
from booking.queries.people import herself
from booking.refusals import NotFound, Refusal
from booking.services import bookings
from booking.web import afterwards
from booking.web.bookings import blueprint
from booking.web.doors import Door, opens_for, visitor
from booking.web.wordings import ABOUT, to_show_again

if TYPE_CHECKING:
    from booking.models import ScheduledSession


@blueprint.get("/my-sessions")
@opens_for(Door.SIGNED_IN)
def mine() -> ResponseReturnValue:
    """Show when her next session is and how she gets in."""
    now, here = clock.now(), visitor().person_id
    left = request.args.get("left", "")
    found = asked.my_sessions(here, now)
    on_courses = my_courses.courses_among(found.coming)
    joinable = {
        row.booking.id: asked.join_is_open(row.session, now) for row in found.coming if asked.may_join(row)
    }
    return render_template(
        "bookings/mine.html",
        found=found,
        on_courses=on_courses,
        later_weeks=my_courses.later_weeks(on_courses),
        joinable=joinable,
        now=now,
        is_kept=asked.is_kept,
        changes=party.changes(found.coming, now),
        stands=my_waiting.stands_among(found.coming, now),
        tokens=asked.tokens,
        opens_before=asked.JOIN_OPENS,
        ask_again=to_show_again(here),
        about=ABOUT,
        asks_movement=movement.is_wanted(here, now),
        left=_left_lately(int(left), here, now) if left.isascii() and left.isdigit() else None,
        after=_date_after(request.args.get("given_up", ""), here, now),
        offers_needs=afterwards.needs_are_offered() and not herself(here).access_needs,
    )


def _left_lately(booking_id: int, person_id: int, now: datetime) -> MyBooking | None:
    """Return whose waiting list she left a moment ago, so that one tap puts her back."""
    try:
        row = asked.mine(booking_id, person_id)
    except NotFound:
        return None
    return row if my_waiting.may_go_back(row.booking, now) else None


@blueprint.route("/my-sessions/<int:booking_id>/give-up", methods=["GET", "POST"])
@opens_for(Door.SIGNED_IN)
def give_up(booking_id: int) -> ResponseReturnValue:
    """Ask once, then give the place back; no reason is asked for."""
    row = asked.mine(booking_id, visitor().person_id)
    if row.booking.state is BookingState.WAITING:
        # There is no place to give up yet: the way off the list stands on its own page.
        return redirect(url_for("bookings.change_wait", booking_id=booking_id), 303)
    if request.method != "POST" and row.booking.is_live:
        return render_template("bookings/give_up.html", row=row, now=clock.now())
    if request.method == "POST":
        try:
            bookings.give_up_place(booking_id, visitor().person_id, clock.now())
        except Refusal as refusal:
            flash(str(refusal.sentence), "notice")
            return redirect(url_for("bookings.mine"), 303)
    if row.booking.state is BookingState.CANCELLED:
        flash(_("This session was cancelled, so there is no place to give up."), "notice")
        return redirect(url_for("bookings.mine"), 303)
    flash(_("That's fine. Your place has been given up, and somebody else can have it."), "success")
    return redirect(url_for("bookings.mine", given_up=booking_id), 303)


def _date_after(given_up: str, person_id: int, now: datetime) -> ScheduledSession | None:
    """Return the next date of the series of which she has just given up a place."""
    if not (given_up.isascii() and given_up.isdigit()):
        return None
    try:
        row = asked.mine(int(given_up), person_id)
    except NotFound:
        return None
    return date_after(row.session, now) if row.booking.state is BookingState.GIVEN_UP else None
