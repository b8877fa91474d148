"""Reminders and calls, written down for somebody on the phone: which, when, and whether to leave word."""

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from booking import clock, policy
from booking.queries import records
from booking.services import reminders as deeds
from booking.web.doors import Door, opens_for, visitor
from booking.web.office import blueprint
from booking.web.reminding import RemindersForThemForm, times_as_kept, wish_of


@blueprint.route("/office/people/<int:person_id>/reminders", methods=["GET", "POST"])
@opens_for(Door.ADMIN)
def reminders(person_id: int) -> ResponseReturnValue:
    """Write down which reminders somebody would like, earlier or later, and whether we may leave word."""
    person = records.known(person_id).person
    if person.status not in policy.PROVEN:
        abort(404)
    kept = {"when": wish_of(person), "may_leave_word": person.may_leave_word, **times_as_kept(person)}
    form = RemindersForThemForm(data=kept)
    if not form.validate_on_submit():
        page = render_template("office/reminders.html", form=form, person=person)
        return page, 422 if form.errors else 200
    word = bool(form.may_leave_word.data)
    deeds.save(person_id, form.wish(), clock.now(), visitor().person_id, may_leave_word=word)
    flash(_("Saved"), "success")
    return redirect(url_for("office.person", person_id=person_id, _anchor="contacts"), 303)
