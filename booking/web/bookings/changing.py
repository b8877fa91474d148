"""Changing a place that is hers: the other pool in one tap, and who comes with her."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from booking import clock
from booking.models.kinds import BookingState, Pool
from booking.queries import bookings as asked
from booking.queries import party
from booking.queries.bookings import MyBooking
from booking.refusals import NotFound, Refusal
from booking.services import bookings
from booking.web.bookings import blueprint
from booking.web.bookings.forms import CompanionForm
from booking.web.doors import Door, opens_for, visitor
from booking.web.leaving import letters_are_stopped


@blueprint.post("/my-sessions/<int:booking_id>/switch")
@opens_for(Door.SIGNED_IN)
def switch_pool(booking_id: int) -> ResponseReturnValue:
    """Let her come online instead of to the room, or the other way round, at once."""
    here = visitor().person_id
    try:
        pool = bookings.switch_pool(booking_id, here, clock.now(), seen_revision=_seen())
    except NotFound:
        raise
    except Refusal as refusal:
        flash(str(refusal.sentence), "notice")
        return redirect(url_for("bookings.mine"), 303)
    flash(_switched(pool, asked.mine(booking_id, here).booking.companion_name), "success")
    return redirect(url_for("bookings.mine"), 303)


def _switched(pool: Pool, companion_name: str) -> str:
    """Say how she comes now, and that whoever comes along comes the same way."""
    if pool is Pool.ONLINE:
        said = _("You come online now. The link is on this page.")
        if not letters_are_stopped():
            said = _("You come online now. We have sent you the details again, and the link is on this page.")
        along = _("%(name)s joins online with you.", name=companion_name)
    else:
        said = _("You come to the room now.")
        if not letters_are_stopped():
            said = _("You come to the room now. We have sent you the details again.")
        along = _("%(name)s comes to the room with you.", name=companion_name)
    return f"{said} {along}" if companion_name else str(said)


@blueprint.route("/my-sessions/<int:booking_id>/companion", methods=["GET", "POST"])
@opens_for(Door.SIGNED_IN)
def companion(booking_id: int) -> ResponseReturnValue:
    """Say who comes with her, or that nobody does after all."""
    now = clock.now()
    row = asked.mine(booking_id, visitor().person_id)
    form = CompanionForm(companion_name=row.booking.companion_name)
    if request.method == "POST" and request.form.get("alone") == "yes":
        return _changed(row, "", form)
    if form.validate_on_submit():
        return _changed(row, form.companion_name.data or "", form)
    if not form.is_submitted() and not party.changes([row], now).get(booking_id, party.Changes()).companion:
        flash(
            _("This can't be changed any more. If something is wrong, call us and we put it right."), "notice"
        )
        return redirect(url_for("bookings.mine"), 303)
    return _page(row, form)


def _changed(row: MyBooking, name: str, form: CompanionForm) -> ResponseReturnValue:
    booking_id, here, waits = row.booking.id, visitor().person_id, row.booking.state is BookingState.WAITING
    try:
        bookings.change_companion(booking_id, here, clock.now(), name)
    except NotFound:
        raise
    except Refusal as refusal:
        form.companion_name.errors = [str(refusal.sentence)]
        return _page(asked.mine(booking_id, here), form)
    flash(_said(name, waits), "success")
    return redirect(url_for("bookings.mine"), 303)


def _said(name: str, waits: bool) -> str:
    if not name:
        return str(
            _("That's fine. Your own place stays yours.")
            if not waits
            else _("That's fine. You keep your turn.")
        )
    if waits:
        return str(_("Saved. You and %(name)s wait for two places together, and keep your turn.", name=name))
    return str(_("Saved. %(name)s comes with you, and has a place.", name=name))


def _page(row: MyBooking, form: CompanionForm) -> ResponseReturnValue:
    page = render_template("bookings/companion.html", row=row, form=form, now=clock.now())
    return page, 422 if form.errors else 200


def _seen() -> int | None:
    """Return what her page knew of, or None when the form does not say."""
    typed = request.form.get("seen", "")
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 10 else None
