"""Passwords on pages: signing in with one, and setting, changing or removing one's own."""

from collections.abc import Callable

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import EmailField, HiddenField, PasswordField, SubmitField
from wtforms.validators import InputRequired

from booking import clock
from booking.queries import passwords as asked
from booking.refusals import HashingIsBusy, PresentPasswordWrong, Refusal, StaleForm, WrongPassword
from booking.rules.faults import Fault
from booking.services import passwords
from booking.web.accounts import blueprint, login
from booking.web.doors import Door, opens_for, visitor, visitor_or_none
from booking.web.paths import local_path
from booking.web.throttle import throttled
from booking.web.validators import email_address
from booking.web.widgets import GovEmailInput, GovPasswordInput, GovSubmitInput

_REFUSED = (PresentPasswordWrong, StaleForm, HashingIsBusy, Fault)


class SignInWithPasswordForm(FlaskForm):
    """An address and the password of somebody who has it."""

    email = EmailField(
        _l("Email address"),
        validators=[email_address(_l("Enter your email address"))],
        widget=GovEmailInput("username"),
    )
    password = PasswordField(
        _l("Password"),
        validators=[InputRequired(_l("Enter your password"))],
        widget=GovPasswordInput("current-password"),
    )
    next = HiddenField()
    submit = SubmitField(_l("Sign in"), widget=GovSubmitInput())


class PasswordForm(FlaskForm):
    """A new password, and the present one where it is asked for."""

    present = PasswordField(
        _l("Your present password"),
        validators=[InputRequired(_l("Enter your present password"))],
        widget=GovPasswordInput("current-password"),
    )
    password = PasswordField(
        _l("New password"),
        description=_l(
            "12 characters or more. Three or four words are easy to remember, and you can paste it."
        ),
        validators=[InputRequired(_l("Enter a new password"))],
        widget=GovPasswordInput("new-password"),
    )
    submit = SubmitField(_l("Save"), widget=GovSubmitInput())


class RemovePasswordForm(FlaskForm):
    """The present password, where it is asked for."""

    present = PasswordField(
        _l("Your present password"),
        validators=[InputRequired(_l("Enter your present password"))],
        widget=GovPasswordInput("current-password"),
    )
    submit = SubmitField(_l("Remove my password"), widget=GovSubmitInput())


@blueprint.route("/sign-in/password", methods=["GET", "POST"])
@opens_for(Door.ANYONE)
@throttled("300 per hour")
@throttled("10 per hour", by="form:email")
def sign_in_password() -> ResponseReturnValue:
    """Sign in with an address and a password; every no is the same."""
    if visitor_or_none():
        return redirect(url_for("bookings.mine"), 303)
    form = SignInWithPasswordForm(next=local_path(request.args.get("next")))
    status = 200
    if form.validate_on_submit():
        try:
            public_id = passwords.sign_in(form.email.data or "", form.password.data or "", clock.now())
        except (WrongPassword, HashingIsBusy) as refusal:
            form.password.errors = [str(refusal.sentence)]
            status = _status_of(refusal)
        else:
            login.start(public_id)
            return redirect(local_path(form.next.data) or login.first_page(), 303)
    status = 422 if form.errors and status == 200 else status
    return render_template("accounts/sign_in_password.html", form=form), status


@blueprint.route("/me/password", methods=["GET", "POST"])
@opens_for(Door.SIGNED_IN)
@throttled("20 per hour", by="visitor")
def password() -> ResponseReturnValue:
    """Let her set a password, or another one; nobody has to have one."""
    here, form = visitor(), PasswordForm()

    def save(present: str) -> None:
        typed = form.password.data or ""
        passwords.set_password(here.person_id, typed, present, here.sign_in_public_id, clock.now())
        flash(_("Your password is saved. All other phones and computers are signed out."), "row:password")

    return _deed(form, "accounts/password.html", save)


@blueprint.route("/me/password/remove", methods=["GET", "POST"])
@opens_for(Door.SIGNED_IN)
@throttled("20 per hour", by="visitor")
def remove_password() -> ResponseReturnValue:
    """Let her do without a password again: the emailed link always works."""
    here = visitor()

    def remove(present: str) -> None:
        passwords.remove_password(here.person_id, present, here.sign_in_public_id, clock.now())
        flash(_("Your password is removed. All other phones and computers are signed out."), "row:password")

    return _deed(RemovePasswordForm(), "accounts/remove_password.html", remove)


def _deed(
    form: PasswordForm | RemovePasswordForm, template: str, act: Callable[[str], None]
) -> ResponseReturnValue:
    """Ask on GET, act on POST; the present password is asked for only where it counts."""
    here = visitor()
    standing = asked.standing(here.person_id, here.sign_in_public_id, clock.now())
    if not standing.asks_present:
        del form.present
    status = 200
    if form.validate_on_submit():
        try:
            act((form.present.data or "") if form.present else "")
        except _REFUSED as refusal:
            _say(form, refusal)
            status = _status_of(refusal)
        else:
            return redirect(url_for("accounts.me", _anchor="password"), 303)
    status = 422 if form.errors and status == 200 else status
    return render_template(template, form=form, standing=standing), status


def _say(form: FlaskForm, refusal: Refusal) -> None:
    """Put a refusal beside its field, or above the form where that has no such field."""
    sentence = _(refusal.template, **refusal.values) if isinstance(refusal, Fault) else str(refusal)
    if refusal.field in form:
        form[refusal.field].errors = [sentence]
    else:
        form.form_errors = [sentence]


def _status_of(refusal: Refusal) -> int:
    return 503 if isinstance(refusal, HashingIsBusy) else 422
