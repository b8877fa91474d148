"""Her movement check-in: short questions, each of which she may skip, and what came of them."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, RadioField, SubmitField
from wtforms.validators import DataRequired, Optional

from booking import clock
from booking.models.kinds import ConsentPurpose
from booking.queries import consent as consent_asked
from booking.queries import movement as asked
from booking.refusals import ConsentNeeded
from booking.rules.movement import NO, QUESTIONS, YES, answers_behind
from booking.rules.wordings import current_version, template_of
from booking.services import consent as consent_deeds
from booking.services import movement as deeds
from booking.web import flags
from booking.web.accounts import blueprint
from booking.web.doors import Door, opens_for, visitor
from booking.web.paths import local_path
from booking.web.widgets import GovCheckboxInput, GovRadioInput, GovSubmitInput, options

ROW = "movement"
ANSWERS = {YES: _l("Yes"), NO: _l("No"), "skip": _l("I'd rather not say")}


def _question(words: str, hint: str = "") -> RadioField:
    return RadioField(
        words,
        description=hint,
        choices=options(ANSWERS.items()),
        validators=[Optional()],
        widget=GovRadioInput(),
        render_kw={"class": "govuk-radios--inline"},
    )


class MovementForm(FlaskForm):
    """What a tutor should keep in mind: what somebody can do, never why."""

    stay_seated = _question(_l("Is it easier for you to stay seated?"))
    floor = _question(_l("Is getting down to the floor and up again all right?"))
    spine_hips = _question(_l("Should we be careful with your spine or hips?"))
    arm = _question(_l("Should we be careful with one of your arms?"))
    unsteady = _question(_l("Do you feel unsteady on your feet?"))
    talk_first = _question(
        _l("Is one of these true at the moment?"),
        _l(
            "A new pain, a fracture not long ago, or somebody told you not to exercise. "
            "If so, we call you to talk about what suits you. You can come all the same."
        ),
    )
    agrees = BooleanField(
        _l("I agree that you keep what my answers mean, and show it to the tutors of my movement classes"),
        validators=[DataRequired(_l("Tick the box if you agree, so that we may keep your answers"))],
        widget=GovCheckboxInput(),
    )
    next = HiddenField()
    submit = SubmitField(_l("Save"), widget=GovSubmitInput())

    def answers(self) -> dict[str, str]:
        """Return what she answered, question by question."""
        return {name: self[name].data or "" for name in QUESTIONS}


@blueprint.route("/me/movement", methods=["GET", "POST"])
@opens_for(Door.SIGNED_IN)
def movement() -> ResponseReturnValue:
    """Ask her, or let her see and correct what came of her answers."""
    now, person_id = clock.now(), visitor().person_id
    kept = asked.check_in_of(person_id, now)
    form = _form(person_id, kept)
    if form.validate_on_submit():
        agrees = form.agrees is not None and bool(form.agrees.data)
        try:
            will_call = deeds.check_in(person_id, form.answers(), agrees, now)
        except ConsentNeeded:
            # She took her yes back on another page since this one was opened: it is asked for again.
            return redirect(url_for("accounts.movement", next=local_path(form.next.data) or None), 303)
        return _saved(local_path(form.next.data), will_call)
    back = local_path(form.next.data) or url_for("accounts.me", _anchor=ROW)
    wording = template_of("movement", current_version(ConsentPurpose.MOVEMENT))
    page = render_template(
        "accounts/movement.html", form=form, kept=kept, said=flags.said, wording=wording, back=back
    )
    return page, 422 if form.errors else 200


@blueprint.post("/me/movement/delete")
@opens_for(Door.SIGNED_IN)
def delete_movement() -> ResponseReturnValue:
    """Delete what came of her answers, with the consent to keep it."""
    consent_deeds.withdraw(visitor().person_id, ConsentPurpose.MOVEMENT, clock.now())
    flash(_("Your answers are deleted."), f"row:{ROW}")
    return redirect(url_for("accounts.me", _anchor=ROW), 303)


def _form(person_id: int, kept: asked.CheckIn | None) -> MovementForm:
    begun = answers_behind(kept.flags if kept else ())
    form = MovementForm(next=local_path(request.args.get("next")), **begun)
    if consent_asked.agrees_to_today(person_id, ConsentPurpose.MOVEMENT):
        # Asked nothing twice: her yes to these words stands.
        del form.agrees
    return form


def _saved(path: str, will_call: bool) -> ResponseReturnValue:
    words = _("Thank you. Your answers are saved.")
    if will_call:
        words += " " + _("We will call you to talk about what suits you. You can come all the same.")
    flash(words, "success" if path else f"row:{ROW}")
    return redirect(path or url_for("accounts.me", _anchor=ROW), 303)
