"""The small pages of My details: each asks one thing, saves it at once and leads back to its row."""

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from booking import clock
from booking.models.kinds import ConsentPurpose, Who
from booking.queries import consent as agreed
from booking.queries import details as asked
from booking.queries import people
from booking.refusals import Refusal
from booking.rules import equality as questions
from booking.services import consent, details
from booking.web.accounts import blueprint
from booking.web.accounts.details_forms import (
    EmergencyContactForm,
    EqualityForm,
    NameForm,
    PhotosForm,
    WhereForm,
)
from booking.web.accounts.me import back_to
from booking.web.doors import Door, opens_for, visitor
from booking.web.wordings import todays_words


@blueprint.route("/me/name", methods=["GET", "POST"])
@opens_for(Door.SIGNED_IN)
def my_name() -> ResponseReturnValue:
    """Let her correct her name, the name she likes, and why she comes."""
    person = people.herself(visitor().person_id)
    form = NameForm(full_name=person.full_name, known_as=person.known_as, who=person.who.value)
    if not form.validate_on_submit():
        return render_template("accounts/my_name.html", form=form), 422 if form.errors else 200
    names = (form.full_name.data or "", form.known_as.data or "")
    details.save_name(visitor().person_id, *names, Who(form.who.data), clock.now())
    return back_to("name", _("Saved"))


@blueprint.route("/me/where", methods=["GET", "POST"])
@opens_for(Door.SIGNED_IN)
def where_i_live() -> ResponseReturnValue:
    """Let her say which nation and town she lives in."""
    person = people.herself(visitor().person_id)
    form = WhereForm(nation=person.nation, region=person.region)
    if not form.validate_on_submit():
        return render_template("accounts/where_i_live.html", form=form), 422 if form.errors else 200
    details.save_where(visitor().person_id, form.nation.data or "", form.region.data or "", clock.now())
    return back_to("where", _("Saved"))


@blueprint.route("/me/emergency-contact", methods=["GET", "POST"])
@opens_for(Door.SIGNED_IN)
def emergency_contact() -> ResponseReturnValue:
    """Let her say whom to call when she is taken ill at a session."""
    kept = asked.emergency_contact_of(visitor().person_id)
    form = EmergencyContactForm(name=kept.name if kept else "", phone=kept.phone if kept else "")
    if not form.validate_on_submit():
        page = render_template("accounts/emergency_contact.html", form=form, kept=kept is not None)
        return page, 422 if form.errors else 200
    whom = (form.name.data or "", form.phone.data or "")
    details.save_emergency_contact(visitor().person_id, *whom, clock.now())
    return back_to("emergency-contact", _("Saved"))


@blueprint.post("/me/emergency-contact/delete")
@opens_for(Door.SIGNED_IN)
def delete_emergency_contact() -> ResponseReturnValue:
    """Forget whom to call."""
    details.delete_emergency_contact(visitor().person_id, clock.now())
    return back_to("emergency-contact", _("Deleted"))


@blueprint.route("/me/photos", methods=["GET", "POST"])
@opens_for(Door.SIGNED_IN)
def photos() -> ResponseReturnValue:
    """Let her say whether she may be seen in photos; nobody is who has not said yes."""
    person_id = visitor().person_id
    allowed = agreed.agrees_to(person_id, ConsentPurpose.PHOTOS)
    form = PhotosForm(answer="yes" if allowed else "no")
    if not form.validate_on_submit():
        words = todays_words(ConsentPurpose.PHOTOS)
        page = render_template("accounts/photos.html", form=form, words=words)
        return page, 422 if form.errors else 200
    deed = consent.agree if form.answer.data == "yes" else consent.withdraw
    deed(person_id, ConsentPurpose.PHOTOS, clock.now())
    return back_to("photos", _("Saved"))


@blueprint.route("/me/equality", methods=["GET", "POST"])
@opens_for(Door.SIGNED_IN)
def equality() -> ResponseReturnValue:
    """Ask the equality questions, say why, and keep what she chooses to answer."""
    person_id = visitor().person_id
    answers = asked.equality_answers_of(person_id)
    # Once she has agreed to today's words she is not asked for her tick again.
    agreed_before = agreed.agrees_to_today(person_id, ConsentPurpose.EQUALITY)
    form = EqualityForm(data=answers | {"agrees": agreed_before})
    if form.validate_on_submit():
        given = {name: getattr(form, name).data or "" for name in questions.ANSWERS}
        try:
            details.save_equality(person_id, given, form.agrees.data or agreed_before, clock.now())
            return back_to("equality", _("Saved"))
        except Refusal as refusal:
            form.agrees.errors = [str(refusal.sentence)]
    page = render_template(
        "accounts/equality.html",
        form=form,
        agreed_before=agreed_before,
        has_answers=bool(answers),
        words=todays_words(ConsentPurpose.EQUALITY),
    )
    return page, 422 if form.errors else 200


@blueprint.post("/me/equality/delete")
@opens_for(Door.SIGNED_IN)
def delete_equality() -> ResponseReturnValue:
    """Delete every answer, and take back the consent to keep them."""
    consent.withdraw(visitor().person_id, ConsentPurpose.EQUALITY, clock.now())
    return back_to("equality", _("Your answers are deleted."))
