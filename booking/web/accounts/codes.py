"""The page after asking for a letter: what happens next, and the code to type where the letter was read."""

from flask import render_template
from flask.typing import ResponseReturnValue

from booking import clock
from booking.queries import signin as found
from booking.refusals import ChooseWhoYouAre, CodeDoesNotWork
from booking.services import signin
from booking.web import asked
from booking.web.accounts import blueprint
from booking.web.accounts.entering import go_in
from booking.web.accounts.forms import WhoAreYouForm
from booking.web.accounts.links import choices_of
from booking.web.code import CodeForm, HeldCodeForm
from booking.web.doors import Door, opens_for
from booking.web.held import held_page
from booking.web.throttle import throttled


@blueprint.route("/register/sent", methods=["GET", "POST"])
@opens_for(Door.ANYONE)
@throttled("60 per hour")
def register_sent() -> ResponseReturnValue:
    """Say what happens next, and take the code; the page is the same for every address."""
    return _sent_page("accounts/register_sent.html")


@blueprint.route("/sign-in/sent", methods=["GET", "POST"])
@opens_for(Door.ANYONE)
@throttled("60 per hour")
def sign_in_sent() -> ResponseReturnValue:
    """Say what happens next, and take the code; the page is the same for every address."""
    return _sent_page("accounts/sign_in_sent.html")


@blueprint.post("/sessions/<int:session_id>/held")
@opens_for(Door.ANYONE)
@throttled("60 per hour")
def held_code(session_id: int) -> ResponseReturnValue:
    """Take the code on the page of a held place; a wrong one leaves her there."""
    form, place = HeldCodeForm(), asked.place_asked(session_id)
    if place is not None and place.link_id is not None and form.validate_on_submit():
        try:
            return _enter(place.link_id, form.code.data or "")
        except CodeDoesNotWork as refusal:
            form.code.errors = [str(refusal.sentence)]
    return held_page(session_id, form)


def _sent_page(template: str) -> ResponseReturnValue:
    form, link_id = CodeForm(), asked.link_asked() or 0
    if form.validate_on_submit():
        try:
            return _enter(link_id, form.code.data or "")
        except CodeDoesNotWork as refusal:
            form.code.errors = [str(refusal.sentence)]
    context = {"form": form, "address": asked.address_asked(), "takes_code": bool(link_id)}
    context["is_to_be_called"] = asked.is_to_be_called()
    return render_template(template, **context), 422 if form.errors else 200


def _enter(link_id: int, code: str) -> ResponseReturnValue:
    """Sign in by a code that fits, or ask first who of those at the address is reading."""
    who = WhoAreYouForm()
    try:
        entered = signin.open_code(link_id, code, who.person.data, clock.now())
    except ChooseWhoYouAre as refusal:
        page = found.code_page(link_id, code, clock.now())
        who.person.choices = choices_of(page)
        # The first time she has not been asked yet, so nothing is wrong.
        who.person.errors = [str(refusal.sentence)] if who.person.raw_data else []
        status = 422 if who.person.errors else 200
        return render_template("accounts/code_choice.html", form=who, page=page, code=code), status
    return go_in(entered)
