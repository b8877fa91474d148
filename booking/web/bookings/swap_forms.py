"""The form of a better date: those to wait for while she keeps her place, or one to change to at once."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, RadioField, SelectMultipleField, SubmitField
from wtforms.validators import StopValidation

from booking.models.kinds import Pool
from booking.queries.swaps import Better
from booking.rules.words import day_words, span_words
from booking.web.widgets import GovCheckboxesInput, GovCheckboxInput, GovRadioInput, GovSubmitInput, options

_WAY = {Pool.ROOM: _l("in the room"), Pool.ONLINE: _l("online")}


class SomeDates(SelectMultipleField):
    """Any of the dates; one that is no longer on the page is said to be so."""

    widget = GovCheckboxesInput()

    def pre_validate(self, form: Any) -> None:
        """Refuse what was not offered."""
        offered = {str(choice[0]) for choice in self.iter_choices()}
        if set(self.data or []) - offered:
            raise StopValidation(_("One of these dates has changed since you looked. Please choose again."))


class BetterForm(FlaskForm):
    """Which dates she would rather have; `change` takes one of those that have room."""

    date = RadioField(_l("Change to one of these"), widget=GovRadioInput(), validate_choice=False)
    change = SubmitField(_l("Change my date"), widget=GovSubmitInput())
    dates = SomeDates(_l("Tell me if one of these comes free"))
    late = BooleanField(
        _l("Tell me also in the last 24 hours before"),
        widget=GovCheckboxInput(),
        description=_l(
            "In the last 24 hours before a date several people are told at once. The first to say yes has it."
        ),
    )
    wait = SubmitField(_l("Keep my place and wait"), widget=GovSubmitInput())

    def offer(self, better: Better) -> None:
        """Put the dates there are on the form."""
        self.has_room = {place.value for place in better.with_room}
        self.date.choices = options((place.value, _said(place)) for place in better.with_room)
        self.dates.choices = options((place.value, _said(place)) for place in better.full)
        if self.change.data:
            # That button stands in a form of its own: what she waits for is not unticked by it.
            self.dates.data = [place.value for place in better.full if place.waits]
            self.late.data = better.tells_late

    def validate_date(self, field: RadioField) -> None:
        """Ask for a date when she presses the button that changes it."""
        if not self.change.data:
            return
        if field.data not in self.has_room:
            raise StopValidation(_("Choose the date you would rather have."))

    def chosen(self) -> tuple[int, Pool]:
        """Return the one date to change to."""
        return _read(str(self.date.data))

    def waited_for(self) -> dict[int, Pool]:
        """Return every date to wait for, and how she would be there."""
        return dict(_read(value) for value in self.dates.data or [])


def _read(value: str) -> tuple[int, Pool]:
    session_id, _colon, pool = value.partition(":")
    return int(session_id), Pool(pool)


def _said(place: Any) -> str:
    """Say a date as she chooses it: "Thursday 6 August 2026, 1:30pm to 5pm: Tea & A Chat Leeds, online"."""
    scheduled = place.session
    when = f"{day_words(scheduled.local_date)}, {span_words(scheduled.start_time, scheduled.end_time)}"
    said = f"{when}: {scheduled.title}, {_WAY[place.pool]}"
    return f"{said}. {_('You wait for this one.')}" if place.waits else said
