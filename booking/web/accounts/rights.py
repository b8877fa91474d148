"""Her rights: a copy of everything, closing the account, and complaining about how details are used."""

import json
from datetime import date
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from booking import clock
from booking.queries import privacy as asked
from booking.refusals import LastAdmin
from booking.services import closing, privacy
from booking.settings import settings
from booking.web.accounts import blueprint, login
from booking.web.accounts.rights_forms import CloseForm, ComplaintForm
from booking.web.accounts.rights_words import parts_of
from booking.web.doors import Door, opens_for, visitor
from booking.web.throttle import throttled


@blueprint.route("/me/download", methods=["GET", "POST"])
@opens_for(Door.SIGNED_IN)
@throttled("20 per hour", by="visitor")
def download() -> ResponseReturnValue:
    """Show everything that is kept about her on GET; hand her a file of the same on POST, and note it."""
    here = visitor().person_id
    return _file_of(here) if request.method == "POST" else _page_of(here)


@blueprint.route("/me/close", methods=["GET", "POST"])
@opens_for(Door.SIGNED_IN)
@throttled("20 per hour", by="visitor")
def close() -> ResponseReturnValue:
    """Say what closing means on GET, and close her account on POST."""
    form = CloseForm()
    if not form.validate_on_submit():
        return _close_page(form)
    here = visitor().person_id
    try:
        closing.close_account(here, here, clock.now())
    except LastAdmin as refusal:
        form.form_errors = [str(refusal.sentence)]
        return _close_page(form)
    login.end()
    flash(
        _("Your account is closed. Thank you for the time you spent with us. You are always welcome back."),
        "success",
    )
    return redirect(url_for("pages.home"), 303)


@blueprint.route("/me/complain", methods=["GET", "POST"])
@opens_for(Door.SIGNED_IN)
@throttled("10 per hour", by="visitor")
def complain() -> ResponseReturnValue:
    """Let her say what is wrong with how her details are used, and see by when she is answered."""
    form = ComplaintForm()
    here = visitor().person_id
    if not form.validate_on_submit():
        complaints = asked.complaints_of(here)
        page = render_template("accounts/complain.html", form=form, complaints=complaints)
        return page, 422 if form.errors else 200
    privacy.complain(here, form.words.data or "", clock.now())
    flash(_("We have your complaint. A person reads it, and answers you."), "success")
    return redirect(url_for("accounts.complain"), 303)


def _page_of(person_id: int) -> ResponseReturnValue:
    parts, nothing_of = parts_of(asked.everything_about(person_id))
    return render_template("accounts/download.html", parts=parts, nothing_of=nothing_of)


def _file_of(person_id: int) -> ResponseReturnValue:
    now = clock.now()
    privacy.note_download(person_id, now)
    kept = {
        "from": settings().organisation_name,
        "made_at": now,
        "everything_about_you": asked.everything_about(person_id),
    }
    # The name says nothing of health: the file lies among others on her phone.
    headers = {"Content-Disposition": 'attachment; filename="my-details.json"', "Cache-Control": "no-store"}
    written = json.dumps(kept, ensure_ascii=False, indent=2, default=_plain)
    return Response(written, mimetype="application/json", headers=headers)


def _close_page(form: CloseForm) -> ResponseReturnValue:
    here = visitor()
    page = render_template(
        "accounts/close.html",
        form=form,
        hosts=here.is_facilitator,
        complaint_waits=asked.complaint_waits(here.person_id),
    )
    return page, 422 if form.errors else 200


def _plain(value: Any) -> str:
    """Write an instant or a day as programs read it; everything else is plain already."""
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(type(value).__name__)
