"""The office's list of what a human has to do."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from booking import clock
from booking.queries import office_tasks as asked
from booking.refusals import NotFound, Refusal
from booking.services import holds
from booking.services import office_tasks as deeds
from booking.web.doors import Door, opens_for, visitor
from booking.web.office import blueprint, said
from booking.web.office.openings import opens
from booking.web.office.refused import as_notice


@blueprint.get("/office/tasks")
@opens_for(Door.ADMIN)
def tasks() -> ResponseReturnValue:
    """Show every open task, and what was done today."""
    now = clock.now()
    return render_template(
        "office/tasks.html",
        tasks=asked.to_do(now),
        settled=asked.settled_today(now),
        said=said,
        opens=opens,
    )


@blueprint.post("/office/tasks/<int:task_id>/done")
@opens_for(Door.ADMIN)
def settle_task(task_id: int) -> ResponseReturnValue:
    """Take a task off the list."""
    with as_notice():
        deeds.settle_task(task_id, visitor().person_id, clock.now())
        flash(_("Done, and off the list."), "success")
    return redirect(url_for("office.tasks"), 303)


@blueprint.post("/office/tasks/<int:task_id>/reopen")
@opens_for(Door.ADMIN)
def reopen_task(task_id: int) -> ResponseReturnValue:
    """Put a task that was done today back on the list."""
    with as_notice():
        deeds.reopen_task(task_id, visitor().person_id, clock.now())
        flash(_("Back on the list."), "success")
    return redirect(url_for("office.tasks"), 303)


@blueprint.post("/office/tasks/<int:task_id>/newcomer")
@opens_for(Door.ADMIN)
def confirm_newcomer(task_id: int) -> ResponseReturnValue:
    """Make the places that were held for somebody new hers: she said on the phone that she wants them."""
    try:
        kept = holds.confirm_newcomer(task_id, visitor().person_id, clock.now(), wanted=_wanted())
    except NotFound:
        raise
    except Refusal as refusal:
        flash(str(refusal.sentence), "notice")
        return redirect(url_for("office.tasks"), 303)
    for one in kept:
        if one.why_not is not None:
            flash(_("A place could not be kept: %(why)s", why=str(one.why_not.sentence)), "notice")
    given = sum(one.why_not is None and not one.waits for one in kept)
    if any(one.waits for one in kept):
        flash(_("They are on the waiting list, and their turn counts from when they asked."), "success")
    if given:
        words = ngettext(
            "The place is theirs. Please tell them when and where while you are on the phone.",
            "%(num)s places are theirs. Please tell them when and where while you are on the phone.",
            given,
        )
        flash(words, "success")
    elif not any(one.waits for one in kept):
        flash(_("The number is confirmed, and they are known to us now."), "success")
    return _to_her_page(task_id)


@blueprint.post("/office/tasks/<int:task_id>/newcomer/let-go")
@opens_for(Door.ADMIN)
def let_newcomer_go(task_id: int) -> ResponseReturnValue:
    """Free the places that were held for somebody new who does not want them, or can't be reached."""
    before = asked.chore(task_id, clock.now())
    held = sum(place.is_held for place in before.places) if before is not None else 0
    with as_notice():
        holds.let_newcomer_go(task_id, visitor().person_id, clock.now())
        words = _("Off the list. A record that nobody confirms is removed after a week.")
        if held:
            words = ngettext("The place is free again.", "The %(num)s places are free again.", held)
        flash(words, "success")
    return redirect(url_for("office.tasks"), 303)


def _wanted() -> set[int] | None:
    """Return the bookings that were ticked, or None where she was not asked about each."""
    if "asked" not in request.form:
        return None
    ticked = request.form.getlist("place")
    return {int(one) for one in ticked if one.isascii() and one.isdigit() and len(one) <= 9}


def _to_her_page(task_id: int) -> ResponseReturnValue:
    done = asked.chore(task_id, clock.now())
    if done is None or done.person_id is None:
        return redirect(url_for("office.tasks"), 303)
    return redirect(url_for("office.person", person_id=done.person_id), 303)
