"""Registering, asking for a link to sign in, and signing out."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from booking import clock
from booking.models.kinds import ConsentPurpose
from booking.services import arriving, signin
from booking.web import asked
from booking.web.accounts import blueprint, login
from booking.web.accounts.forms import RegisterForm, SignInForm
from booking.web.doors import Door, opens_for, visitor_or_none
from booking.web.paths import local_path
from booking.web.throttle import throttled
from booking.web.wordings import todays_words


@blueprint.route("/register", methods=["GET", "POST"])
@opens_for(Door.ANYONE)
@throttled("300 per hour")
@throttled("5 per hour", by="form:email|phone")
def register() -> ResponseReturnValue:
    """Ask somebody new for the few things that are needed."""
    if visitor_or_none():
        return redirect(url_for("bookings.mine"), 303)
    form = RegisterForm(data=asked.words_typed() | {"next": local_path(request.args.get("next"))})
    if not form.validate_on_submit():
        words = todays_words(ConsentPurpose.KEEP_DETAILS)
        page = render_template("accounts/register.html", form=form, words=words)
        return page, 422 if form.errors else 200
    facts = form.registration(form.agrees.data)
    link_id = arriving.register(facts, local_path(form.next.data), clock.now())
    asked.remember(facts.email or facts.phone, link_id)
    asked.remember_words(form.data)
    return redirect(url_for("accounts.register_sent"), 303)


@blueprint.route("/sign-in", methods=["GET", "POST"])
@opens_for(Door.ANYONE)
@throttled("300 per hour")
@throttled("5 per hour", by="form:email")
def sign_in() -> ResponseReturnValue:
    """Post a link to sign in; whether the address is known is said only in the letter."""
    if visitor_or_none():
        return redirect(url_for("bookings.mine"), 303)
    form = SignInForm(next=local_path(request.args.get("next")))
    if not form.validate_on_submit():
        return render_template("accounts/sign_in.html", form=form), 422 if form.errors else 200
    address = form.email.data or ""
    asked.remember(address, signin.ask_for_link(address, local_path(form.next.data), clock.now()))
    return redirect(url_for("accounts.sign_in_sent"), 303)


@blueprint.route("/sign-out", methods=["GET", "POST"])
@opens_for(Door.ANYONE)
def sign_out() -> ResponseReturnValue:
    """Ask on GET, end the sign-in on POST: on the server, so that a copied cookie opens nothing."""
    visitor = visitor_or_none()
    if request.method != "POST":
        return render_template("accounts/sign_out.html", signed_in_as=visitor)
    if visitor is not None:
        signin.sign_out(visitor.sign_in_public_id, clock.now())
    login.end()
    flash(_("You are signed out."), "success")
    return redirect(url_for("pages.home"), 303)
