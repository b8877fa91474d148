"""The second factor: shown to open the office's pages, set up, changed, and done without a phone."""

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_wtf import FlaskForm
from markupsafe import Markup

from booking import clock
from booking.queries import second_factor as asked
from booking.refusals import (
    CodeDoesNotFit,
    NotFound,
    OfficeKeepsTheApp,
    RecoveryCodeDoesNotFit,
    SecondFactorStands,
    ShowTheSecondFactor,
)
from booking.rules import one_time
from booking.rules.tokens import usable_nonce
from booking.services import second_factor as deeds
from booking.settings import settings
from booking.web.accounts import blueprint, login
from booking.web.accounts.second_factor_forms import CodeForm, RecoveryCodeForm
from booking.web.doors import Door, opens_for, visitor
from booking.web.paths import local_path
from booking.web.throttle import throttled

# The app that is being set up in this browser: a reload shows the same picture, another browser another.
_BEGUN = "begun_factor"
_FEW_CODES = 3


@blueprint.route("/second-factor", methods=["GET", "POST"])
@opens_for(Door.SIGNED_IN)
@throttled("10 per 15 minutes", by="factor")
@throttled("50 per day", by="factor")
def second_factor() -> ResponseReturnValue:
    """Ask for the six digits of this moment, and go on to the page she wanted."""
    if _standing().set_up_at is None:
        return redirect(url_for("accounts.second_factor_setup", next=_wanted() or None), 303)
    form = CodeForm()
    if form.validate_on_submit():
        here = visitor()
        try:
            login.carry_on(
                deeds.show(here.person_id, form.code.data or "", here.sign_in_public_id, clock.now())
            )
        except CodeDoesNotFit as refusal:
            form.code.errors = [str(refusal.sentence)]
        else:
            return redirect(_onward(), 303)
    return _page("accounts/second_factor.html", form)


@blueprint.route("/second-factor/recovery-code", methods=["GET", "POST"])
@opens_for(Door.SIGNED_IN)
@throttled("10 per 15 minutes", by="sign-in")
def recovery_code() -> ResponseReturnValue:
    """Let somebody in who does not have her phone with her."""
    if _standing().set_up_at is None:
        return redirect(url_for("accounts.second_factor_setup", next=_wanted() or None), 303)
    form = RecoveryCodeForm()
    if form.validate_on_submit():
        here = visitor()
        try:
            public_id, left = deeds.use_recovery_code(
                here.person_id, form.code.data or "", here.sign_in_public_id, clock.now()
            )
        except RecoveryCodeDoesNotFit as refusal:
            form.code.errors = [str(refusal.sentence)]
        else:
            login.carry_on(public_id)
            flash(_said_left(left), "notice" if left <= _FEW_CODES else "success")
            return redirect(_onward(), 303)
    return _page("accounts/recovery_code.html", form)


@blueprint.route("/me/second-factor", methods=["GET", "POST"])
@opens_for(Door.SIGNED_IN)
@throttled("30 per hour", by="sign-in")
def second_factor_setup() -> ResponseReturnValue:
    """Show how to set an authenticator app up; once it stands, what can be done about it."""
    standing = _standing()
    if standing.set_up_at is None:
        return _set_up(standing.begun_nonce or usable_nonce(session.get(_BEGUN, "")))
    if request.method == "POST":
        flash(str(SecondFactorStands.sentence), "notice")
        return redirect(url_for("accounts.second_factor_setup"), 303)
    return render_template("accounts/second_factor_kept.html", standing=standing)


@blueprint.route("/me/second-factor/another", methods=["GET", "POST"])
@opens_for(Door.SIGNED_IN)
@throttled("30 per hour", by="sign-in")
def another_second_factor() -> ResponseReturnValue:
    """Let another phone take the place of the present one."""
    standing = _standing()
    if standing.set_up_at is None:
        return redirect(url_for("accounts.second_factor_setup"), 303)
    if not standing.is_fresh:
        return _show_first(url_for("accounts.another_second_factor"))
    return _set_up(usable_nonce(session.get(_BEGUN, "")))


@blueprint.post("/me/second-factor/recovery-codes")
@opens_for(Door.SIGNED_IN)
def recovery_codes() -> ResponseReturnValue:
    """Make ten new recovery codes and show them, once."""
    here = visitor()
    try:
        codes = deeds.new_recovery_codes(here.person_id, here.sign_in_public_id, clock.now())
    except ShowTheSecondFactor:
        return _show_first(url_for("accounts.second_factor_setup"))
    onward = url_for("accounts.second_factor_setup")
    return render_template("accounts/recovery_codes.html", codes=codes, onward=onward, is_new=False)


@blueprint.post("/me/second-factor/remove")
@opens_for(Door.SIGNED_IN)
def remove_second_factor() -> ResponseReturnValue:
    """Let somebody who does not need an authenticator app do without one."""
    here = visitor()
    try:
        deeds.remove(here.person_id, here.sign_in_public_id, clock.now())
    except ShowTheSecondFactor:
        return _show_first(url_for("accounts.second_factor_setup"))
    except OfficeKeepsTheApp as refusal:
        flash(str(refusal.sentence), "notice")
        return redirect(url_for("accounts.second_factor_setup"), 303)
    flash(_("You sign in without an authenticator app now. You can delete it from your phone."), "success")
    return redirect(url_for("accounts.me"), 303)


def _set_up(nonce: str) -> ResponseReturnValue:
    session[_BEGUN] = nonce
    here, form = visitor(), CodeForm()
    if form.validate_on_submit():
        try:
            public_id, codes = deeds.set_up(
                here.person_id, nonce, form.code.data or "", here.sign_in_public_id, clock.now()
            )
        except CodeDoesNotFit as refusal:
            form.code.errors = [str(refusal.sentence)]
        except SecondFactorStands as refusal:
            flash(str(refusal.sentence), "notice")
            return redirect(url_for("accounts.second_factor_setup"), 303)
        else:
            session.pop(_BEGUN, None)
            login.carry_on(public_id)
            onward = _onward()
            return render_template("accounts/recovery_codes.html", codes=codes, onward=onward, is_new=True)
    key = one_time.setup_key(settings().secret_key, here.person_id, nonce)
    return _page("accounts/second_factor_setup.html", form, **_shown(key))


def _shown(key: str) -> dict[str, object]:
    """Return the key as a picture for the app, as an address for an app on this phone, and as letters."""
    address = one_time.app_address(key, visitor().known_as, settings().discreet_sender_name)
    picture = Markup(one_time.picture(address, _("A square to scan with your authenticator app")))
    return {"picture": picture, "address": address, "letters": one_time.in_groups(key)}


def _page(template: str, form: FlaskForm, **facts: object) -> ResponseReturnValue:
    page = render_template(template, form=form, wanted=_wanted(), **facts)
    return page, 422 if form.errors else 200


def _standing() -> asked.Standing:
    here = visitor()
    standing = asked.standing(here.person_id, here.sign_in_public_id, clock.now())
    if not standing.may_have:
        raise NotFound
    return standing


def _show_first(wanted: str) -> ResponseReturnValue:
    flash(str(ShowTheSecondFactor.sentence), "notice")
    return redirect(url_for("accounts.second_factor", next=wanted), 303)


def _wanted() -> str:
    return local_path(request.args.get("next"))


def _onward() -> str:
    """Return where she was going; the office's pages are why most people set an app up."""
    return _wanted() or login.first_page()


def _said_left(left: int) -> str:
    some = ngettext("%(num)s recovery code", "%(num)s recovery codes", left)
    words = _(
        "You have %(some)s left. Under My details you can make new ones, or set up another phone.", some=some
    )
    return str(words)
