"""Reminders of one place of hers: as always, or different for it alone."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from booking import clock
from booking.queries import bookings as asked
from booking.queries.people import herself
from booking.queries.reminders import rhythm_of
from booking.refusals import NotFound
from booking.services import reminders as deeds
from booking.web.bookings import blueprint
from booking.web.doors import Door, opens_for, visitor
from booking.web.reminding import AS_ALWAYS, RemindersForm, pair_of, said_of, when_words, wish_for_place


@blueprint.route("/my-sessions/<int:booking_id>/reminders", methods=["GET", "POST"])
@opens_for(Door.SIGNED_IN)
def reminders(booking_id: int) -> ResponseReturnValue:
    """Let her choose which reminders she wants of this session."""
    now, here = clock.now(), visitor().person_id
    row, person = asked.mine(booking_id, here), herself(here)
    if not row.booking.is_live:
        return _nothing_there()
    always = _("As always: %(when)s", when=said_of(person))
    words = {AS_ALWAYS: str(always), **when_words(rhythm_of(person))}
    form = RemindersForm(words, when=wish_for_place(row.booking))
    if not form.validate_on_submit():
        page = render_template("bookings/reminders.html", row=row, form=form, now=now)
        return page, 422 if form.errors else 200
    try:
        deeds.choose_for_place(booking_id, here, pair_of(form.when.data), now)
    except NotFound:
        return _nothing_there()
    flash(_("The reminders of this session are saved."), "success")
    return redirect(url_for("bookings.mine"), 303)


def _nothing_there() -> ResponseReturnValue:
    flash(_("You have no place there any more, so there is nothing to remind you of."), "notice")
    return redirect(url_for("bookings.mine"), 303)
