"""Who has not been told yet of a cancelling or a moving, until nobody is left."""

from collections.abc import Sequence
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup

from booking import clock
from booking.queries import host_changes, office, tasks, told
from booking.services import calling_off as deeds
from booking.services import offers
from booking.web.doors import Door, opens_for, visitor
from booking.web.office import blueprint, said
from booking.web.office.refused import as_notice


@blueprint.get("/office/told/<int:deed_id>", endpoint="told")
@opens_for(Door.ADMIN)
def told_page(deed_id: int) -> ResponseReturnValue:
    """Count who has been told and who has not, by channel, with the calls to make."""
    now, found = clock.now(), told.one_deed(deed_id)
    leaders = {one.person_id: one for date in found.dates for one in office.leaders(date.id)}
    return render_template(
        "office/told.html",
        deed=found.deed,
        dates=found.dates,
        told=told.not_told(deed_id, now),
        series=told.changed_series(deed_id),
        why_it_stands=told.why_it_stands(found.deed, now),
        leaders=list(leaders.values()),
        letters=host_changes.told_of_deed(deed_id),
        phones=tasks.phones_of(list(leaders)),
        said=said,
        now=now,
    )


@blueprint.post("/office/told/<int:deed_id>/undo")
@opens_for(Door.ADMIN)
def undo(deed_id: int) -> ResponseReturnValue:
    """Take a deed back while nobody has heard of it."""
    with as_notice():
        deeds.undo(deed_id, visitor().person_id, clock.now())
        flash(_("Undone. Everything is as it was, and nobody is written to."), "success")
    return redirect(url_for("office.told", deed_id=deed_id), 303)


@blueprint.post("/office/messages/<int:message_id>/call")
@opens_for(Door.ADMIN)
def call_instead(message_id: int) -> ResponseReturnValue:
    """Make a letter that failed a call to make."""
    with as_notice():
        deeds.call_instead(message_id, visitor().person_id, clock.now())
        flash(_("It is among the calls to make."), "success")
    return redirect(back(), 303)


@blueprint.post("/office/offers/<int:booking_id>")
@opens_for(Door.ADMIN)
def answer_offer(booking_id: int) -> ResponseReturnValue:
    """Answer for somebody on the phone a place that is kept for her."""
    answer, now = request.form.get("answer", ""), clock.now()
    if answer not in ("yes", "no"):
        abort(400)
    with as_notice():
        if answer == "yes":
            offers.accept_offer(booking_id, now, visitor().person_id)
            flash(_("The place is theirs."), "success")
        else:
            offers.decline_offer(booking_id, now, visitor().person_id)
            flash(_("The place is free for somebody else."), "success")
    return redirect(back(), 303)


def with_told(words: str, deed_ids: Sequence[int]) -> str:
    """Return what is said when something is done, with the way to who has not been told of it yet."""
    for deed_id in deed_ids:
        link = Markup('{} <a class="govuk-notification-banner__link" href="{}">{}</a>')
        words = link.format(words, url_for("office.told", deed_id=deed_id), _("Who has been told"))
    return words


def back(part: str = "calls", **more: Any) -> str:
    """Return the page a button stood on: that of a deed, a waiting list, the letters to post, or Today."""
    deed, session = _row("deed"), _row("session")
    if deed is not None:
        return url_for("office.told", deed_id=deed, _anchor=part, **more)
    if "on_paper" in request.form:
        return url_for("office.letters_to_post")
    if session is not None:
        return url_for("office.waiting", session_id=session)
    return url_for("office.today", _anchor=part, **more)


def _row(name: str) -> int | None:
    """Read the number of a row from a hidden field; anything else is none."""
    sent = request.form.get(name, "")
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 10 else None
