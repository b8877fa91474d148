"""The words of letters: the office reads them, writes them anew, and has the original ones back."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from booking import clock
from booking.messages.letters import previews
from booking.messages.letters.render import original_words
from booking.queries import wordings as asked
from booking.refusals import NotFound, Refusal
from booking.rules.wordings_of_letters import EDITABLE, Editable, Words, check, editable
from booking.services import wordings as deeds
from booking.web.doors import Door, opens_for, visitor
from booking.web.office import blueprint
from booking.web.office.refused import as_notice, put_beside
from booking.web.office.wording_forms import WordingForm, name_of, saved_words, value_words


@blueprint.get("/office/letters")
@opens_for(Door.ADMIN)
def wordings() -> ResponseReturnValue:
    """List the letters, each with its subject, and say which are in the office's own words."""
    own = asked.own_words()
    rows = [(one, asked.words_today(one) or original_words(one)) for one in EDITABLE]
    return render_template("office/wordings.html", rows=rows, own=own, name_of=name_of)


@blueprint.route("/office/letters/<letter>", methods=["GET", "POST"])
@opens_for(Door.ADMIN)
def wording(letter: str) -> ResponseReturnValue:
    """Write the words of a letter, look at them with a real session, save them."""
    one, coming = _known(letter), asked.coming_sessions(clock.now())
    today = asked.words_today(one) or original_words(one)
    form = WordingForm(obj=today, seen=str(asked.newest_version(one)), coming=coming)
    words = today
    if form.validate_on_submit():
        words = form.words()
        if _holds(form, one, words) and form.wants_saving:
            flash(_("Saved. Every letter from now on has these words."), "success")
            return redirect(url_for("office.wording", letter=letter), 303)
    # A question asked without a session has its answer without a look.
    session_id = form.session_id
    look = previews.look_at_words(one, words, session_id) if session_id and not form.errors else None
    return render_template(
        "office/wording.html",
        one=one,
        form=form,
        goes_by_text=previews.goes_by_text(one.kind),
        look=look,
        original=original_words(one),
        is_own=asked.words_today(one) is not None,
        versions=asked.versions(one),
        name_of=name_of,
        value_words=value_words,
        saved_words=saved_words,
    ), 422 if form.errors or form.form_errors else 200


@blueprint.post("/office/letters/<letter>/again")
@opens_for(Door.ADMIN)
def wording_again(letter: str) -> ResponseReturnValue:
    """Let an earlier version count again, or the original words."""
    one, her_id, now = _known(letter), visitor().person_id, clock.now()
    seen, wanted = _number("seen"), request.form.get("version", "")
    with as_notice():
        if wanted == "original":
            deeds.bring_back_original(letter, seen, her_id, now)
        else:
            deeds.save_words(letter, _words_of(one, _number("version")), seen, her_id, now)
        flash(_("Saved. Every letter from now on has these words."), "success")
    return redirect(url_for("office.wording", letter=letter), 303)


def _holds(form: WordingForm, one: Editable, words: Words) -> bool:
    """Save the words, or only check them for a look; a polite no stands beside its field."""
    try:
        if form.wants_saving:
            deeds.save_words(one.key, words, form.seen_version, visitor().person_id, clock.now())
        else:
            check(words, one)
    except NotFound:
        raise
    except Refusal as refusal:
        # What was typed stays; saved again, it replaces what somebody else saved in the meantime.
        form.seen.data = str(asked.newest_version(one))
        put_beside(form, refusal)
        return False
    return True


def _known(letter: str) -> Editable:
    one = editable(letter)
    if one is None:
        raise NotFound
    return one


def _words_of(one: Editable, number: int) -> Words:
    found = next((each for each in asked.versions(one) if each.number == number), None)
    if found is None or found.is_original:
        raise NotFound
    return found.words


def _number(field: str) -> int:
    typed = request.form.get(field, "")
    return int(typed) if typed.isdecimal() and len(typed) < 9 else -1
