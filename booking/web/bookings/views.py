"""Booking in two screens, My sessions, and giving a place up in two taps."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from booking import clock, policy
from booking.models.kinds import BookingState, Pool
from booking.queries import bookings as asked
from booking.queries import people as people_asked
from booking.queries.bookings import PlaceChoice
from booking.refusals import NotFound, Refusal
from booking.services import bookings
from booking.web.bookings import blueprint
from booking.web.bookings.forms import POOLS, PlaceForm
from booking.web.doors import Door, opens_for, visitor
from booking.web.throttle import throttled
from booking.web.widgets import options


@blueprint.route("/sessions/<int:session_id>/book", methods=["GET", "POST"])
@opens_for(Door.SIGNED_IN)
@throttled("120 per hour", by="visitor")
def book(session_id: int) -> ResponseReturnValue:
    """Check what will be booked, then book it."""
    here, now = visitor(), clock.now()
    choice = asked.place_choice(session_id, here.person_id, here.is_facilitator, now)
    form = _place_form(choice)
    if form.validate_on_submit():
        pool = form.chosen_pool() or _only_pool(choice)
        if pool is not None:
            return _book(session_id, pool, form.seen_booking_id())
        form.pool.errors = [_("Choose how you will join")]
    if choice.mine is not None:
        flash(_("You have a place at this session."), "success")
        return redirect(url_for("bookings.mine"), 303)
    return _place_page(choice, form)


@blueprint.get("/my-sessions")
@opens_for(Door.SIGNED_IN)
def mine() -> ResponseReturnValue:
    """Show when her next session is and how she gets in."""
    now = clock.now()
    found = asked.my_sessions(visitor().person_id, now)
    joinable = {
        row.booking.id: asked.join_is_open(row.session, now) for row in found.coming if asked.may_join(row)
    }
    return render_template(
        "bookings/mine.html",
        found=found,
        joinable=joinable,
        now=now,
        tokens=asked.tokens,
        opens_before=asked.JOIN_OPENS,
    )


@blueprint.route("/my-sessions/<int:booking_id>/give-up", methods=["GET", "POST"])
@opens_for(Door.SIGNED_IN)
def give_up(booking_id: int) -> ResponseReturnValue:
    """Ask once, then give the place back; no reason is asked for."""
    row = asked.mine(booking_id, visitor().person_id)
    if request.method == "GET" and row.booking.is_live:
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
    return redirect(url_for("bookings.mine"), 303)


def _place_form(choice: PlaceChoice) -> PlaceForm:
    form = PlaceForm(seen=str(choice.seen_booking_id))
    form.pool.choices = options(
        (pool.value, POOLS[pool]) for pool in choice.session.pools if choice.free[pool] != 0
    )
    return form


def _only_pool(choice: PlaceChoice) -> Pool | None:
    """Return the pool of a session that has one; with two, nothing is chosen for her."""
    pools = choice.session.pools
    return pools[0] if len(pools) == 1 else None


def _book(session_id: int, pool: Pool, seen_booking_id: int | None) -> ResponseReturnValue:
    here = visitor().person_id
    try:
        bookings.book_place(session_id, here, pool, here, clock.now(), seen_booking_id=seen_booking_id)
    except NotFound:
        raise
    except Refusal as refusal:
        return _refused(refusal, session_id)
    flash(_("You have a place."), "success")
    return redirect(url_for("bookings.mine"), 303)


def _refused(refusal: Refusal, session_id: int) -> ResponseReturnValue:
    """Take her back to the session, where the way on stands beside the reason."""
    flash(str(refusal.sentence), "notice")
    return redirect(url_for("schedule.session", session_id=session_id), 303)


def _place_page(choice: PlaceChoice, form: PlaceForm) -> ResponseReturnValue:
    here = visitor()
    who = people_asked.herself(here.person_id).who
    series, now = choice.session.series, clock.now()
    closed = series.booked_by_office or not policy.booking_is_open(choice.session, now)
    full = all(free == 0 for free in choice.free.values())
    if closed or full or not policy.is_meant_for(series, who, here.is_facilitator):
        return redirect(url_for("schedule.session", session_id=choice.session.id), 303)
    if not choice.session.pools:
        abort(404)
    status = 422 if form.errors or form.pool.errors else 200
    return render_template("bookings/book.html", choice=choice, form=form, pools=POOLS), status
