"""The walk-in desk of the day: somebody is at the door, and goes on the register with one press."""

from datetime import datetime

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from booking import clock
from booking.queries import desk as asked
from booking.queries import directory
from booking.queries.directory import Search
from booking.refusals import NotFound, Refusal
from booking.rules.wall_time import to_local
from booking.services import desk as deeds
from booking.web.doors import Door, opens_for, visitor
from booking.web.office import blueprint, desk_words, refused, said, searches
from booking.web.office.desk_choices import DoorForm
from booking.web.office.fields import text_of
from booking.web.office.forms import FindPeopleForm


@blueprint.route("/office/walk-ins", methods=["GET", "POST"])
@opens_for(Door.ADMIN)
def walk_ins() -> ResponseReturnValue:
    """Show today's sessions with who is here, and put somebody at the door on a register."""
    now = clock.now()
    sessions, looking = asked.at_the_door(now), FindPeopleForm(data={"words": searches.looked_for()})
    if "look" in request.form:
        if looking.validate():
            searches.remember(text_of(looking.words))
            return redirect(url_for("office.walk_ins", found=1, session=_session(sessions, now)), 303)
        form = DoorForm(formdata=None)
    else:
        form = DoorForm()
    form.offer(sessions, _session(sessions, now))
    if "look" not in request.form and form.validate_on_submit() and _added(form, sessions, now):
        return redirect(url_for("office.walk_ins", session=form.session.data), 303)
    words = searches.looked_for()
    page = render_template(
        "office/walk_ins.html",
        form=form,
        looking=looking,
        # A refusal rolled back what was read before.
        sessions=asked.at_the_door(now),
        looked=bool(words),
        search=directory.find(words) if words else Search(()),
        said=said,
    )
    return page, 422 if form.errors or looking.errors else 200


def _added(form: DoorForm, sessions: list[asked.AtTheDoor], now: datetime) -> bool:
    """Put on the register whom the button names: somebody we know, a first name, or one more person."""
    who = request.form.get("who", "")
    try:
        deeds.add_walk_in(
            int(text_of(form.session)),
            visitor().person_id,
            now,
            person_id=int(who) if who.isascii() and who.isdigit() and len(who) <= 9 else None,
            first_name=text_of(form.first_name) if who == "named" or not who else "",
            one_more=who == "one",
            form_nonce=text_of(form.token),
        )
    except NotFound:
        raise
    except Refusal as refusal:
        refused.put_beside(form, refusal)
        return False
    chosen = next(one.session for one in sessions if str(one.session.id) == form.session.data)
    what = desk_words.session_words(chosen, to_local(now).date())
    flash(_("They are on the list: %(what)s.", what=what), "success")
    return True


def _session(sessions: list[asked.AtTheDoor], now: datetime) -> str:
    """Return which session is meant unless told: the one of a moment ago, else the open one that is next."""
    named = request.args.get("session", "")
    still_open = [one for one in sessions if one.is_open]
    if any(str(one.session.id) == named for one in still_open):
        return named
    on = [one for one in still_open if one.session.ends_at > now] or still_open[-1:]
    return str(on[0].session.id) if on else ""
