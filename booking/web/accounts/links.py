"""The pages behind emailed links: GET shows a button, POST acts."""

from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from booking import clock
from booking.models.kinds import LinkPurpose
from booking.queries import holds, old_links
from booking.queries import signin as asked
from booking.refusals import ChooseWhoYouAre, LinkNoLongerWorks
from booking.services import signin
from booking.web.accounts import blueprint
from booking.web.accounts.entering import go_in
from booking.web.accounts.forms import WhoAreYouForm
from booking.web.doors import Door, opens_for
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
        return _gone(token, purpose)
    form = WhoAreYouForm()
    form.person.choices = choices_of(page)
    if form.validate_on_submit():
        try:
            entered = signin.open_link(token, purpose, form.person.data, clock.now())
        except LinkNoLongerWorks:
            return _gone(token, purpose)
        except ChooseWhoYouAre as refusal:
            form.person.errors = [str(refusal.sentence)]
        else:
            return go_in(entered)
    asked_for = holds.asked_for_by(page.newcomer_id, clock.now())
    status = 422 if form.errors else 200
    return render_template(template, form=form, page=page, asked_for=asked_for), status


def _gone(token: str, purpose: LinkPurpose) -> ResponseReturnValue:
    next_path = old_links.led_to(token, purpose)
    return render_template("accounts/link_gone.html", next_path=next_path), 410


def choices_of(page: asked.LinkPage) -> list[Any]:
    """Return the people behind a link or code, by the names they like."""
    return options((choice.person_id, _named(choice)) for choice in page.people)


def _named(choice: asked.Choice) -> str:
    return _("%(name)s (new here)", name=choice.known_as) if choice.is_new else choice.known_as
