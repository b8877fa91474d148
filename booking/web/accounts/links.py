"""The pages behind emailed links: GET shows a button, POST acts."""

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from booking import clock
from booking.models.kinds import LinkPurpose
from booking.queries import signin as asked
from booking.refusals import ChooseWhoYouAre, LinkNoLongerWorks
from booking.services import signin
from booking.web.accounts import blueprint, login
from booking.web.accounts.forms import WhoAreYouForm
from booking.web.doors import Door, opens_for, visitor
from booking.web.throttle import throttled
from booking.web.widgets import options


@blueprint.route("/confirm/<token>", methods=["GET", "POST"])
@opens_for(Door.ANYONE)
@throttled("60 per hour")
def confirm(token: str) -> ResponseReturnValue:
    """Let somebody who registered show that the address is hers."""
    return _link_page(token, LinkPurpose.CONFIRM_EMAIL, "accounts/confirm.html")


@blueprint.route("/sign-in/<token>", methods=["GET", "POST"])
@opens_for(Door.ANYONE)
@throttled("60 per hour")
def sign_in_link(token: str) -> ResponseReturnValue:
    """Let somebody who reads this address sign in."""
    return _link_page(token, LinkPurpose.SIGN_IN, "accounts/sign_in_link.html")


def _link_page(token: str, purpose: LinkPurpose, template: str) -> ResponseReturnValue:
    try:
        page = asked.link_page(token, purpose, clock.now())
    except LinkNoLongerWorks:
        return render_template("accounts/link_gone.html"), 410
    form = WhoAreYouForm()
    form.person.choices = options((choice.person_id, _named(choice)) for choice in page.people)
    if form.validate_on_submit():
        try:
            public_id, path = signin.open_link(token, purpose, form.person.data, clock.now())
        except LinkNoLongerWorks:
            return render_template("accounts/link_gone.html"), 410
        except ChooseWhoYouAre as refusal:
            form.person.errors = [str(refusal.sentence)]
        else:
            login.start(public_id)
            return redirect(path or _first_page(), 303)
    return render_template(template, form=form, page=page), 422 if form.errors else 200


def _first_page() -> str:
    """Lead each to what she comes for: the office to today, a host to her hosting, others to My sessions."""
    here = visitor()
    if here.is_admin:
        return url_for("office.today")
    return url_for("hosting.mine") if here.is_facilitator else url_for("bookings.mine")


def _named(choice: asked.Choice) -> str:
    return _("%(name)s (new here)", name=choice.known_as) if choice.is_new else choice.known_as
