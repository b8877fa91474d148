"""The forms that check a booking before it is made, of somebody known and of somebody new."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField, SelectMultipleField, StringField, SubmitField

from booking.models.kinds import Pool
from booking.web.newcomer import NewcomerForm, consent_box
from booking.web.validators import line
from booking.web.widgets import GovCheckboxesInput, GovRadioInput, GovSubmitInput, GovTextInput

POOLS = {Pool.ROOM: _l("In the room"), Pool.ONLINE: _l("Online")}


def chosen_pool(typed: object) -> Pool | None:
    """Return the pool that was chosen, or None for anything else."""
    return Pool(str(typed)) if typed in list(Pool) else None


def row_id(typed: str | None) -> int | None:
    """Return the row that a hidden field names (0 for none), or None for anything else."""
    said = typed or ""
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 10 else None


def _pool_field() -> Any:
    return RadioField(
        _l("How will you join?"),
        validate_choice=False,
        widget=GovRadioInput(),
        render_kw={"class": "stacked"},
    )


def companion_field() -> Any:
    """Ask for the first name of whoever comes with her; empty means that she comes alone."""
    return StringField(
        _l("Is somebody coming with you? Their first name"),
        description=_l("Leave it empty if you come alone. They get a place too, and we keep the name only."),
        validators=[line(100)],
        widget=GovTextInput("off"),
    )


class PlaceForm(FlaskForm):
    """Room or online, and which of her bookings the page knew of."""

    pool = _pool_field()
    companion_name = companion_field()
    seen = HiddenField()
    # The version of the ground rules that stood beside the button, if they did.
    rules = HiddenField()
    submit = SubmitField(_l("Confirm my place"), widget=GovSubmitInput())

    def seen_booking_id(self) -> int | None:
        """Return the booking the page knew of, or None when the form does not say."""
        return row_id(self.seen.data)


class FirstPlaceForm(NewcomerForm):
    """A place for somebody new: what is asked of her, and room or online."""

    pool = _pool_field()
    companion_name = companion_field()
    agrees = consent_box()
    submit = SubmitField(_l("Confirm my place"), widget=GovSubmitInput())


class CompanionForm(FlaskForm):
    """The first name of whoever comes with her, on its own page."""

    companion_name = StringField(
        _l("Their first name"),
        description=_l("We keep the first name only, and the hosts see it."),
        validators=[line(100, _l("Enter the first name of whoever comes with you"))],
        widget=GovTextInput("off"),
    )
    submit = SubmitField(_l("Save"), widget=GovSubmitInput())


class DatesForm(FlaskForm):
    """Which dates of a series she would like, and how she comes; what is full by then is said afterwards."""

    dates = SelectMultipleField(
        _l("Which dates would you like?"), validate_choice=False, widget=GovCheckboxesInput()
    )
    pool = _pool_field()
    # The version of the ground rules that stood beside the button, if they did.
    rules = HiddenField()
    submit = SubmitField(_l("Confirm my places"), widget=GovSubmitInput())
