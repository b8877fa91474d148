"""What somebody agrees to on the phone: the words to read out, her yes, and her no."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from booking import clock
from booking.models.kinds import ConsentPurpose
from booking.queries import records
from booking.queries.records import Known
from booking.rules.wordings import current_version, template_of
from booking.services import consent as deeds
from booking.web.doors import Door, opens_for, visitor
from booking.web.office import blueprint, said
from booking.web.office.refused import as_notice

# What is asked and answered in words alone; equality questions are never read out by anybody.
SPOKEN = (
    ConsentPurpose.KEEP_DETAILS,
    ConsentPurpose.GROUND_RULES,
    ConsentPurpose.PHOTOS,
    ConsentPurpose.MOVEMENT,
    ConsentPurpose.NEWS,
)


@blueprint.get("/office/people/<int:person_id>/agreements")
@opens_for(Door.ADMIN)
def spoken_consents(person_id: int) -> ResponseReturnValue:
    """Show what there is to agree to, and what she agrees to at present."""
    known = _living(person_id)
    return render_template(
        "office/spoken_consents.html",
        person=known.person,
        purposes=SPOKEN,
        standing=records.standing(person_id),
        current_version=current_version,
        said=said,
    )


@blueprint.route("/office/people/<int:person_id>/agreements/<purpose>", methods=["GET", "POST"])
@opens_for(Door.ADMIN)
def spoken_consent(person_id: int, purpose: str) -> ResponseReturnValue:
    """Show the words to read out, and write down her yes or her no."""
    known = _living(person_id)
    if purpose not in SPOKEN:
        abort(404)
    asked = ConsentPurpose(purpose)
    if request.method != "POST":
        return render_template(
            "office/spoken_consent.html",
            person=known.person,
            purpose=asked,
            standing=records.standing(person_id).get(asked),
            version=current_version(purpose),
            wording=template_of(purpose, current_version(purpose)),
            said=said,
        )
    _write_down(person_id, asked, request.form.get("answer", ""))
    return redirect(url_for("office.person", person_id=person_id, _anchor="agreed"), 303)


def _write_down(person_id: int, purpose: ConsentPurpose, answer: str) -> None:
    if answer not in ("yes", "no"):
        abort(400)
    deed = deeds.record_spoken if answer == "yes" else deeds.withdraw_spoken
    with as_notice():
        deed(person_id, purpose, visitor().person_id, clock.now())
        flash(_("Written down: yes.") if answer == "yes" else _("Written down: taken back."), "success")


def _living(person_id: int) -> Known:
    known = records.known(person_id)
    if not known.may_have_roles:
        abort(404)
    return known
