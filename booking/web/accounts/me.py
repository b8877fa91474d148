"""My details: what somebody chooses for herself."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from booking import clock, policy
from booking.models.kinds import ConsentPurpose
from booking.queries import consent, passwords, privacy, second_factor
from booking.queries import people as asked
from booking.queries.details import details_of
from booking.services import people
from booking.web.accounts import blueprint
from booking.web.accounts.details_forms import channel_words
from booking.web.accounts.forms import AccessNeedsForm
from booking.web.doors import Door, opens_for, visitor
from booking.web.newcomer import WHO
from booking.web.reminding import said_of
from booking.web.wordings import ABOUT, to_show_again


@blueprint.get("/me")
@opens_for(Door.SIGNED_IN)
def me() -> ResponseReturnValue:
    """Show what is kept about her."""
    now, person = clock.now(), asked.herself(visitor().person_id)
    return render_template(
        "accounts/me.html",
        person=person,
        details=details_of(person.id, now),
        reminders=said_of(person),
        who=WHO[person.who],
        channel=channel_words(person.channel),
        paused=policy.is_paused(person, now),
        ask_again=to_show_again(person.id),
        about=ABOUT,
        has_password=passwords.has_one(person.id),
        is_closing=consent.is_withdrawn(person.id, ConsentPurpose.KEEP_DETAILS),
        complaints=privacy.complaints_of(person.id),
        app=second_factor.standing(person.id, visitor().sign_in_public_id, now),
    )


@blueprint.route("/me/access-needs", methods=["GET", "POST"])
@opens_for(Door.SIGNED_IN)
def access_needs() -> ResponseReturnValue:
    """Let her say what helps her to take part."""
    form = AccessNeedsForm(needs=asked.herself(visitor().person_id).access_needs)
    if not form.validate_on_submit():
        return render_template("accounts/access_needs.html", form=form), 422 if form.errors else 200
    people.save_access_needs(visitor().person_id, form.needs.data or "", clock.now())
    return back_to("access-needs", _("Saved. The hosts of your sessions can see this."))


def back_to(row: str, said: str) -> ResponseReturnValue:
    """Lead her back to the row of My details she came from, where what was done is said beside it."""
    flash(said, f"row:{row}")
    return redirect(url_for("accounts.me", _anchor=row), 303)
