"""Somebody is on the phone: adding her, correcting her details, and closing her record."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from booking import clock
from booking.queries import directory, privacy, records
from booking.refusals import NotFound, Refusal, SomebodyAlike
from booking.rules.wordings import current_version, template_of
from booking.services import closing
from booking.services import corrections as deeds
from booking.web.doors import Door, opens_for, visitor
from booking.web.office import blueprint, said, searches
from booking.web.office.desk_forms import AddPersonForm, DetailsForm, SaidForm, as_kept, as_looked_for
from booking.web.office.refused import put_beside


@blueprint.route("/office/people/new", methods=["GET", "POST"])
@opens_for(Door.ADMIN)
def add_person() -> ResponseReturnValue:
    """Add somebody who is on the phone, once she has heard what we keep and said yes."""
    from_desk = "desk" in request.args
    form, alike = AddPersonForm(data=as_looked_for(searches.last()) if from_desk else None), []
    if form.validate_on_submit():
        details = form.details()
        try:
            added = deeds.add_person(
                details, bool(form.agrees.data), bool(form.anyway.data), visitor().person_id, clock.now()
            )
        except Refusal as refusal:
            put_beside(form, refusal)
            if isinstance(refusal, SomebodyAlike):
                alike = directory.alike(details.full_name, details.contact_keys())
        else:
            flash(_("%(name)s is added.", name=details.known_as), "success")
            onward = "office.desk_for" if from_desk else "office.person"
            return redirect(url_for(onward, person_id=added), 303)
    wording = template_of("keep_details", current_version("keep_details"))
    page = render_template(
        "office/add_person.html", form=form, alike=alike, wording=wording, said=said, from_desk=from_desk
    )
    return page, 422 if form.errors else 200


@blueprint.route("/office/people/<int:person_id>/details", methods=["GET", "POST"])
@opens_for(Door.ADMIN)
def correct_person(person_id: int) -> ResponseReturnValue:
    """Write down what changed about somebody who tells us on the phone."""
    known = records.known(person_id)
    if not known.may_have_roles:
        abort(404)
    form = DetailsForm(data=as_kept(known))
    if form.validate_on_submit():
        try:
            deeds.correct(person_id, form.details(), visitor().person_id, clock.now())
        except NotFound:
            raise
        except Refusal as refusal:
            put_beside(form, refusal)
        else:
            flash(_("The details are saved."), "success")
            return redirect(url_for("office.person", person_id=person_id), 303)
    page = render_template("office/correct_person.html", form=form, known=known)
    return page, 422 if form.errors else 200


@blueprint.route("/office/people/<int:person_id>/close", methods=["GET", "POST"])
@opens_for(Door.ADMIN)
def close_record(person_id: int) -> ResponseReturnValue:
    """Say what closing does, and close the record of somebody who wishes it."""
    known = records.known(person_id)
    if not known.may_have_roles:
        abort(404)
    form = SaidForm()
    if form.validate_on_submit():
        try:
            closing.close_account(person_id, visitor().person_id, clock.now())
        except NotFound:
            raise
        except Refusal as refusal:
            put_beside(form, refusal)
        else:
            flash(_("The record is closed. The name and everything about them is removed."), "success")
            return redirect(url_for("office.people"), 303)
    page = render_template(
        "office/close_record.html",
        form=form,
        person=known.person,
        complaint_waits=privacy.complaint_waits(person_id),
    )
    return page, 422 if form.errors else 200
