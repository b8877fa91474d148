"""Has died, and paused: two steps each, with what will happen said before it does."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from booking import clock, policy
from booking.models.kinds import PersonStatus
from booking.queries import deaths as asked
from booking.queries import records
from booking.refusals import NotFound, Refusal
from booking.services import deaths as deeds
from booking.services import pauses
from booking.web.doors import Door, opens_for, visitor
from booking.web.office import blueprint, said
from booking.web.office.forms import PauseForm
from booking.web.office.refused import as_notice, put_beside


@blueprint.route("/office/people/<int:person_id>/died", methods=["GET", "POST"])
@opens_for(Door.ADMIN)
def died(person_id: int) -> ResponseReturnValue:
    """Say what recording a death will do, do it, and afterwards say what it did."""
    now = clock.now()
    seen = asked.preview(person_id, now)
    if request.method != "POST":
        recorded = asked.recorded(person_id, now)
        return render_template(
            "office/died.html", seen=seen, recorded=recorded, status=PersonStatus, said=said, me=visitor()
        )
    try:
        deeds.mark_died(person_id, visitor().person_id, now)
    except Refusal as refusal:
        flash(str(refusal.sentence), "notice")
    else:
        flash(_("Recorded. Nothing more will be sent to %(name)s.", name=seen.person.known_as), "success")
    return redirect(url_for("office.died", person_id=person_id), 303)


@blueprint.post("/office/people/<int:person_id>/died/undo")
@opens_for(Door.ADMIN)
def undo_died(person_id: int) -> ResponseReturnValue:
    """Take back a record that was a mistake."""
    with as_notice():
        put_back, _lost = deeds.undo_death(person_id, visitor().person_id, clock.now())
        places = ngettext("%(num)s place was put back.", "%(num)s places were put back.", len(put_back))
        flash(_("Taken back. %(places)s", places=places), "success")
    # Not to the page with the button that records it: it would lie under the thumb.
    return redirect(url_for("office.person", person_id=person_id), 303)


@blueprint.route("/office/people/<int:person_id>/pause", methods=["GET", "POST"])
@opens_for(Door.ADMIN)
def pause(person_id: int) -> ResponseReturnValue:
    """Leave somebody in peace for a while, or until told otherwise."""
    person = records.known(person_id).person
    is_paused = policy.is_paused(person, clock.now())
    form = PauseForm(until=person.paused_until if is_paused else None)
    if form.validate_on_submit():
        try:
            pauses.pause(person_id, form.until.data, visitor().person_id, clock.now())
        except NotFound:
            raise
        except Refusal as refusal:
            put_beside(form, refusal)
        else:
            flash(_("Paused. Nothing goes to %(name)s by itself.", name=person.known_as), "success")
            return redirect(url_for("office.person", person_id=person_id), 303)
    page = render_template("office/pause.html", form=form, person=person, is_paused=is_paused)
    return page, 422 if form.errors else 200


@blueprint.post("/office/people/<int:person_id>/unpause")
@opens_for(Door.ADMIN)
def unpause(person_id: int) -> ResponseReturnValue:
    """Write to somebody again."""
    person = records.known(person_id).person
    pauses.unpause(person_id, visitor().person_id, clock.now())
    flash(_("%(name)s gets letters again.", name=person.known_as), "success")
    return redirect(url_for("office.person", person_id=person_id), 303)
