"""Putting two records of one human being together: find the other one, see what moves, then do it."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from booking import clock
from booking.queries import directory, records
from booking.queries import merging as asked
from booking.refusals import NotFound, Refusal
from booking.services import merging as deeds
from booking.web.doors import Door, opens_for, visitor
from booking.web.office import blueprint, said, searches
from booking.web.office.fields import text_of
from booking.web.office.forms import FindPeopleForm
from booking.web.office.refused import as_notice


@blueprint.route("/office/people/<int:person_id>/merge", methods=["GET", "POST"])
@opens_for(Door.ADMIN)
def merge(person_id: int) -> ResponseReturnValue:
    """Look for the other record, show both side by side, and put them together."""
    if request.method == "POST" and "other" in request.form:
        return _merged(person_id, _number(request.form["other"]))
    if searches.is_begun_anew():
        searches.forget()
        return redirect(url_for("office.merge", person_id=person_id), 303)
    words = searches.looked_for()
    now, form = clock.now(), FindPeopleForm(data={"words": words})
    known, other_id = records.known(person_id), _number(request.args.get("other", ""))
    seen = asked.preview(person_id, other_id) if other_id else None
    if form.validate_on_submit():
        searches.remember(text_of(form.words))
        return redirect(url_for("office.merge", person_id=person_id, found=1), 303)
    found = directory.find(words) if words else None
    page = render_template(
        "office/merge.html",
        form=form,
        known=known,
        seen=seen,
        found=found,
        merges=asked.merges_of(person_id, now),
        overlapping=asked.overlapping(person_id, now),
        said=said,
        me=visitor(),
    )
    return page, 422 if form.errors else 200


@blueprint.post("/office/merges/<int:deed_id>/undo")
@opens_for(Door.ADMIN)
def undo_merge(deed_id: int) -> ResponseReturnValue:
    """Put two records apart again."""
    keep_id = asked.kept_by(deed_id)
    with as_notice():
        lost = deeds.undo_merge(deed_id, visitor().person_id, clock.now())
        words = [_("The records are apart again.")]
        if lost:
            words.append(
                ngettext(
                    "%(num)s place could not be put back.", "%(num)s places could not be put back.", len(lost)
                )
            )
        flash(" ".join(words), "success")
    return redirect(url_for("office.merge", person_id=keep_id), 303)


def _merged(keep_id: int, other_id: int) -> ResponseReturnValue:
    try:
        deeds.merge(keep_id, other_id, visitor().person_id, clock.now())
    except NotFound:
        raise
    except Refusal as refusal:
        flash(str(refusal.sentence), "notice")
        return redirect(url_for("office.merge", person_id=keep_id, other=other_id), 303)
    flash(_("The two records are one now."), "success")
    return redirect(url_for("office.merge", person_id=keep_id), 303)


def _number(written: str) -> int:
    """Return an id that somebody may have made up; 0 for what is no number."""
    is_number = written.isascii() and written.isdigit() and len(written) <= 9
    return int(written) if is_number else 0
