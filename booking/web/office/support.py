"""The office edits Support and information: headings, ways to help, their order."""

from collections.abc import Callable

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import HiddenField, StringField, TextAreaField

from booking import clock
from booking.queries import support as asked
from booking.queries.support import Entry, Section, SupportPage
from booking.refusals import NotFound, Refusal
from booking.rules.support import LONGEST_TITLE, LONGEST_WORDS, clean_number, clean_url
from booking.services import support as deeds
from booking.services.support import SupportWords
from booking.web.doors import Door, opens_for, visitor
from booking.web.office import blueprint
from booking.web.office.fields import text_of
from booking.web.office.refused import as_notice, put_beside
from booking.web.validators import Cleaned, line, words
from booking.web.widgets import GovTelInput, GovTextArea, GovTextInput


class HeadingForm(FlaskForm):
    """A heading, and a few words beneath it."""

    seen = HiddenField()
    title = StringField(
        _l("Heading"), validators=[line(LONGEST_TITLE, _l("Enter a heading"))], widget=GovTextInput("off")
    )
    words = TextAreaField(
        _l("A few words (optional)"), validators=[words(LONGEST_WORDS)], widget=GovTextArea()
    )

    def said(self) -> SupportWords:
        """Return what was typed, once it has been checked."""
        return SupportWords(text_of(self.title), text_of(self.words))


class WayForm(FlaskForm):
    """A way to help: what it is, and a link, a number or a few words."""

    seen = HiddenField()
    title = StringField(
        _l("What it is"),
        description=_l("The words of the link, or whom one calls."),
        validators=[line(LONGEST_TITLE, _l("Enter what it is"))],
        widget=GovTextInput("off"),
    )
    url = StringField(
        _l("Web address (optional)"),
        description=_l("It begins with https://"),
        validators=[Cleaned(clean_url)],
        widget=GovTextInput("off"),
    )
    phone = StringField(
        _l("Phone number (optional)"), validators=[Cleaned(clean_number)], widget=GovTelInput("off")
    )
    words = TextAreaField(
        _l("A few words (optional)"), validators=[words(LONGEST_WORDS)], widget=GovTextArea()
    )

    def said(self) -> SupportWords:
        """Return what was typed, once it has been checked."""
        return SupportWords(text_of(self.title), text_of(self.words), text_of(self.url), text_of(self.phone))


@blueprint.get("/office/support")
@opens_for(Door.ADMIN)
def support() -> ResponseReturnValue:
    """Show the page with what can be done to each part of it."""
    return render_template("office/support.html", page=asked.page())


@blueprint.route("/office/support/new", methods=["GET", "POST"])
@opens_for(Door.ADMIN)
def add_support() -> ResponseReturnValue:
    """Add a heading at the end."""
    form = HeadingForm()

    def add() -> None:
        deeds.add_heading(form.said(), visitor().person_id, clock.now())

    if form.validate_on_submit() and _done(form, add, _("Added.")):
        return _back()
    return render_template("office/add_support.html", form=form), 422 if form.errors else 200


@blueprint.route("/office/support/<int:entry_id>/add", methods=["GET", "POST"])
@opens_for(Door.ADMIN)
def add_support_way(entry_id: int) -> ResponseReturnValue:
    """Add a way to help beneath a heading."""
    page, section, entry = _found(entry_id)
    if entry is not section.entry:
        abort(404)
    form = WayForm(data=None if request.method == "POST" else {"seen": entry.mark})

    def add() -> None:
        deeds.add_way(entry_id, form.said(), text_of(form.seen), visitor().person_id, clock.now())

    if form.validate_on_submit() and _done(form, add, _("Added.")):
        return _back()
    _know_it_now(form, entry)
    shown = render_template("office/add_support_way.html", form=form, page=page, section=section)
    return shown, 422 if form.errors else 200


@blueprint.route("/office/support/<int:entry_id>", methods=["GET", "POST"])
@opens_for(Door.ADMIN)
def edit_support(entry_id: int) -> ResponseReturnValue:
    """Change a heading or a way to help."""
    page, section, entry = _found(entry_id)
    kind = HeadingForm if entry is section.entry else WayForm
    form = kind(data=None if request.method == "POST" else _facts(entry))

    def change() -> None:
        seen = text_of(form.seen)
        deeds.change_entry(entry_id, form.said(), seen, visitor().person_id, clock.now())

    if form.validate_on_submit() and _done(form, change, _("Saved.")):
        return _back()
    changed = _know_it_now(form, entry)
    shown = render_template("office/edit_support.html", form=form, entry=entry, page=page, changed=changed)
    return shown, 422 if form.errors else 200


@blueprint.post("/office/support/<int:entry_id>/move")
@opens_for(Door.ADMIN)
def move_support(entry_id: int) -> ResponseReturnValue:
    """Move a heading or a way to help up or down by one."""
    where = request.form.get("where", "")
    if where not in ("up", "down"):
        abort(400)
    with as_notice():
        deeds.move_entry(
            entry_id, where == "up", request.form.get("seen", ""), visitor().person_id, clock.now()
        )
    return _back()


@blueprint.route("/office/support/<int:entry_id>/remove", methods=["GET", "POST"])
@opens_for(Door.ADMIN)
def remove_support(entry_id: int) -> ResponseReturnValue:
    """Ask once more, then take a part off the page."""
    page, section, entry = _found(entry_id)
    if request.method != "POST":
        is_heading = entry is section.entry
        mark = section.mark if is_heading else entry.mark
        return render_template(
            "office/remove_support.html",
            page=page,
            section=section,
            entry=entry,
            is_heading=is_heading,
            mark=mark,
        )
    with as_notice():
        deeds.remove_entry(entry_id, request.form.get("seen", ""), visitor().person_id, clock.now())
        flash(_("Removed."), "success")
    return _back()


def _found(entry_id: int) -> tuple[SupportPage, Section, Entry]:
    page = asked.page()
    found = page.find(entry_id)
    if found is None:
        abort(404)
    return page, *found


def _facts(entry: Entry) -> dict[str, str]:
    return {
        "title": entry.title,
        "words": entry.words,
        "url": entry.url,
        "phone": entry.phone,
        "seen": entry.mark,
    }


def _done(form: FlaskForm, deed: Callable[[], None], words: str) -> bool:
    """Do it and say so; a polite no stands beside its field, and nothing typed is lost."""
    try:
        deed()
    except NotFound:
        raise
    except Refusal as refusal:
        put_beside(form, refusal)
        return False
    flash(words, "success")
    return True


def _know_it_now(form: HeadingForm | WayForm, entry: Entry) -> bool:
    """Say whether somebody changed it since the form was opened; what stands there is known from here on."""
    changed = request.method == "POST" and form.seen.data != entry.mark
    form.seen.data = entry.mark
    return changed


def _back() -> Response:
    return redirect(url_for("office.support"), 303)
