"""News of new sessions: only for whoever asked for it, in the words she agreed to."""

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from booking import clock
from booking.models.kinds import ConsentPurpose
from booking.queries import people
from booking.services import consent
from booking.web.accounts import blueprint
from booking.web.accounts.details_forms import NewsForm
from booking.web.accounts.me import back_to
from booking.web.doors import Door, opens_for, visitor
from booking.web.wordings import todays_words


@blueprint.route("/me/news", methods=["GET", "POST"])
@opens_for(Door.SIGNED_IN)
def news() -> ResponseReturnValue:
    """Let her ask for news of new sessions, and let it be again."""
    person_id = visitor().person_id
    form = NewsForm(answer="yes" if people.herself(person_id).wants_news else "no")
    if not form.validate_on_submit():
        page = render_template("accounts/news.html", form=form, words=todays_words(ConsentPurpose.NEWS))
        return page, 422 if form.errors else 200
    deed = consent.agree if form.answer.data == "yes" else consent.withdraw
    deed(person_id, ConsentPurpose.NEWS, clock.now())
    return back_to("news", _("Saved"))
