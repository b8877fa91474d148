"""The form of a letter's words, and how the office's pages name letters and what stands in braces."""

from collections.abc import Sequence

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectField, StringField, TextAreaField

from booking.models.kinds import MessageKind
from booking.queries.wordings import Coming, Version
from booking.rules.wall_time import to_local
from booking.rules.wordings_of_letters import Editable, Words
from booking.rules.words import day_words, time_words
from booking.web.office.fields import text_of
from booking.web.office.said import KINDS
from booking.web.validators import line, words
from booking.web.widgets import GovSelect, GovTextArea, GovTextInput, options

SAVE = "save"
_VARIANTS = {
    "place": _l("with a place that is held"),
    "turn": _l("with a turn on a waiting list"),
    "unknown": _l("to an address nobody is known by"),
    "not_reached": _l("when nobody could reach them"),
    "late": _l("in the last 24 hours"),
    "waits": _l("to those on the waiting list"),
    "last": _l("for the last week alone"),
}
_VALUES = {
    "name": _l("the name of the session, in words that may stand on a lock screen"),
    "day": _l("the day, such as Thursday 6 August 2026"),
    "time": _l("from when to when, such as 1:30pm to 5pm"),
    "turn": _l("how many are before them on the list"),
    "until_time": _l("the time until which the place is kept"),
    "until_day": _l("the day until which the place is kept"),
    "number": _l("how many dates there are"),
    "organisation": _l("our name"),
    "phone": _l("our phone number"),
    "email": _l("our email address"),
}


class WordingForm(FlaskForm):
    """The words of one letter; what stands in braces is put in for each reader."""

    seen = HiddenField()
    subject = StringField(
        _l("Subject"), validators=[line(200, _l("Enter a subject"))], widget=GovTextInput("off")
    )
    opening = TextAreaField(
        _l("What comes first"),
        description=_l("After the greeting, before the facts. A lock screen may show its beginning."),
        validators=[words(1500, _l("Write what comes first"))],
        widget=GovTextArea(),
    )
    closing = TextAreaField(
        _l("What comes last (optional)"),
        description=_l("Before the help line."),
        validators=[words(1500)],
        widget=GovTextArea(),
    )
    with_session = SelectField(
        _l("The session to look at it with"), widget=GovSelect(), validate_choice=False
    )

    def __init__(self, *args: object, coming: Sequence[Coming] = (), **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.coming = coming
        self.with_session.choices = options((str(each.id), _session_words(each)) for each in coming)

    @property
    def wants_saving(self) -> bool:
        """Say whether the words are to be kept, or only looked at."""
        return request.form.get("step") == SAVE

    @property
    def seen_version(self) -> int:
        """Return the newest version as the form knew it; what is no number is older than all."""
        typed = self.seen.data or ""
        return int(typed) if typed.isdecimal() and len(typed) < 9 else -1

    @property
    def session_id(self) -> int | None:
        """Return the session to look with: the one chosen, else the next."""
        chosen = next((one.id for one in self.coming if str(one.id) == self.with_session.data), None)
        return chosen or (self.coming[0].id if self.coming else None)

    def words(self) -> Words:
        """Return what was typed, once it has been checked."""
        return Words(text_of(self.subject), text_of(self.opening), text_of(self.closing))


def name_of(one: Editable) -> str:
    """Name a letter: "Reminder", "A place for you: in the last 24 hours"."""
    kind = str(KINDS[MessageKind(one.kind)])
    if not one.variant:
        return kind
    return str(_("%(letter)s: %(when)s", letter=kind, when=_VARIANTS[one.variant]))


def value_words(name: str) -> str:
    """Say what is put in the stead of a name in braces."""
    return str(_VALUES[name])


def saved_words(version: Version) -> str:
    """Say who saved a version, and when."""
    local = to_local(version.saved_at)
    when = {"day": day_words(local.date()), "time": time_words(local.time())}
    return str(_("%(name)s saved it on %(day)s at %(time)s", name=version.saved_by, **when))


def _session_words(each: Coming) -> str:
    return f"{each.title}, {day_words(to_local(each.starts_at).date())}"
