"""The forms of the desk: one choice of a date with what goes with it, and somebody at the door."""

import re
from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, RadioField, StringField
from wtforms.validators import ValidationError

from booking.models.kinds import Pool
from booking.queries.desk import AtTheDoor
from booking.rules.tokens import new_nonce
from booking.rules.words import time_words
from booking.web.office import desk_words
from booking.web.office.desk_words import Choice
from booking.web.office.fields import text_of
from booking.web.validators import line
from booking.web.widgets import GovCheckboxInput, GovRadioInput, GovTextInput, options

_A_CHOICE = re.compile(r"(date|course)-([0-9]{1,9})-(room|online)")


class DateForm(FlaskForm):
    """Which date, by which way, with whom: the button says whether to book, to hold or to wait."""

    choice = RadioField(_l("Read these out"), validate_choice=False, widget=GovRadioInput())
    companion = StringField(
        _l("Who comes with them (optional)"),
        description=_l("A first name, where the group welcomes somebody along. It takes a second place."),
        validators=[line(100)],
        widget=GovTextInput("off"),
    )
    rules = BooleanField(_l("I have read the ground rules out, and they said yes"), widget=GovCheckboxInput())
    had_call = BooleanField(
        _l("This talk was the welcome call, so the place is theirs at once"), widget=GovCheckboxInput()
    )
    tells_late = BooleanField(
        _l("If they wait: tell them also when a place comes free in the last 24 hours"),
        widget=GovCheckboxInput(),
    )
    hints: list[dict[str, object]]

    def offer(self, found: list[Choice], focus: bool) -> None:
        """Offer these dates; the first one takes the keyboard where nothing else does."""
        self.choice.choices = options((one.value, one.words) for one in found)
        self.hints = [{"hint": {"text": one.rest}} for one in found]
        if focus and self.hints:
            self.hints[0]["attributes"] = {"autofocus": "autofocus"}

    def validate_choice(self, field: RadioField) -> None:
        """Refuse no date, and what names none."""
        if not _A_CHOICE.fullmatch(field.data or ""):
            raise ValidationError(_("Choose one of the dates"))

    def chosen(self) -> tuple[bool, int, Pool]:
        """Return whether a whole course was chosen, the id of the course or date, and the way."""
        found = _A_CHOICE.fullmatch(text_of(self.choice))
        assert found is not None
        kind, number, pool = found.groups()
        return kind == "course", int(number), Pool(pool)


class DoorForm(FlaskForm):
    """Who is at the door, and of which session: a first name, nothing, or somebody who was looked for."""

    session = RadioField(_l("Which session"), validate_choice=False, widget=GovRadioInput())
    # One for each opened form: the same form sent twice adds one person.
    token = HiddenField(default=new_nonce)
    first_name = StringField(
        _l("First name"),
        description=_l("Only a first name. Ask before you write it down."),
        validators=[line(100)],
        widget=GovTextInput("off"),
    )

    def offer(self, sessions: Sequence[AtTheDoor], meant: str) -> None:
        """Offer the sessions of today whose register is open."""
        shown = [one for one in sessions if one.is_open]
        self.session.choices = options((str(one.session.id), _named(one)) for one in shown)
        self._open_ids = {str(one.session.id) for one in shown}
        if self.session.data is None:
            self.session.data = meant or None

    def validate_session(self, field: RadioField) -> None:
        """Refuse no session, and one whose register is not open today."""
        if (field.data or "") not in self._open_ids:
            raise ValidationError(_("Choose a session"))


def _named(one: AtTheDoor) -> str:
    place = f", {one.session.venue.name}" if one.session.venue is not None else ""
    left = f" ({desk_words.left_words(one.left)})"
    return f"{time_words(one.session.start_time)}, {one.session.title}{place}{left}"
