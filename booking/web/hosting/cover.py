"""I can't host, and stepping in for somebody who can't: one tap each."""

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from booking import clock
from booking.refusals import NotFound, Refusal
from booking.services import cover as deeds
from booking.web.doors import Door, opens_for, visitor
from booking.web.hosting import blueprint


@blueprint.post("/host/sessions/<int:session_id>/cannot-host")
@opens_for(Door.FACILITATOR)
def cannot_host(session_id: int) -> ResponseReturnValue:
    """Take a date off her without asking why, and look for cover."""
    try:
        deeds.cannot_host(session_id, visitor().person_id, clock.now())
        flash(_("Thank you for telling us. We look for somebody, and you need not do anything."), "success")
    except Refusal as refusal:
        _say(refusal)
    return redirect(url_for("hosting.mine", _anchor="cover"), 303)


@blueprint.post("/host/sessions/<int:session_id>/host-after-all")
@opens_for(Door.FACILITATOR)
def host_after_all(session_id: int) -> ResponseReturnValue:
    """Give her date back to her."""
    try:
        deeds.host_after_all(session_id, visitor().person_id, clock.now())
        flash(_("It is yours again."), "success")
    except Refusal as refusal:
        _say(refusal)
    return redirect(url_for("hosting.mine"), 303)


@blueprint.post("/host/sessions/<int:session_id>/cover")
@opens_for(Door.FACILITATOR)
def take_cover(session_id: int) -> ResponseReturnValue:
    """Let her lead a date in somebody's stead."""
    try:
        deeds.take_cover(session_id, visitor().person_id, clock.now())
    except Refusal as refusal:
        _say(refusal)
        return redirect(url_for("hosting.mine", _anchor="cover"), 303)
    flash(_("Thank you for stepping in. Here is who is coming."), "success")
    return redirect(url_for("hosting.roster", session_id=session_id), 303)


def _say(refusal: Refusal) -> None:
    """Say why not; what is not hers stays unknown."""
    if isinstance(refusal, NotFound):
        raise refusal
    flash(str(refusal.sentence), "notice")
