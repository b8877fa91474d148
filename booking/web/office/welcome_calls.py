"""How a welcome call went: the places that waited for it are hers, or free for somebody else."""

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from booking import clock
from booking.services import welcome_calls
from booking.services.welcome_calls import Went
from booking.web.doors import Door, opens_for, visitor
from booking.web.leaving import letters_are_stopped
from booking.web.office import blueprint
from booking.web.office.refused import as_notice


@blueprint.post("/office/tasks/<int:task_id>/welcome")
@opens_for(Door.ADMIN)
def welcome_call(task_id: int) -> ResponseReturnValue:
    """Note how a welcome call went, and let the places follow."""
    typed = request.form.get("went", "")
    if typed not in list(Went):
        abort(400)
    went = Went(typed)
    with as_notice():
        places = welcome_calls.settle_call(task_id, went, visitor().person_id, clock.now())
        flash(_said(went, places), "success")
    return redirect(url_for("office.tasks"), 303)


def _said(went: Went, places: int) -> str:
    stopped = letters_are_stopped()
    if went is Went.WELCOME and stopped:
        return str(
            ngettext(
                "The place is theirs. Messages are stopped, so please tell them yourself.",
                "%(num)s places are theirs. Messages are stopped, so please tell them yourself.",
                places,
            )
        )
    if went is Went.WELCOME:
        return str(
            ngettext(
                "The place is theirs, and a confirmation is on its way.",
                "%(num)s places are theirs, and confirmations are on their way.",
                places,
            )
        )
    free = ngettext("The place is free again.", "The %(num)s places are free again.", places)
    if went is Went.RATHER_NOT:
        return str(free)
    if stopped:
        return str(_("%(free)s They hear of it once messages go out again.", free=free))
    return str(_("%(free)s They are told, and how to come after all.", free=free))
