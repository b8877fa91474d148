"""Fields that the office's forms share: days, times of day, and numbers of places."""

from datetime import time
from typing import Any

from flask_babel import gettext as _
from wtforms import Field, StringField, TimeField
from wtforms.validators import StopValidation

from booking.rules import cells
from booking.rules.faults import Fault
from booking.web.days import DayField
from booking.web.widgets import GovTextInput, GovTimeInput

# The office's forms take the day from here, beside their other fields.
__all__ = [
    "ClockField",
    "CountField",
    "DayField",
    "GovNumberInput",
    "MeetingAddress",
    "PlacesField",
    "text_of",
]

_MOST_DIGITS = 6


def text_of(field: Field) -> str:
    """Return what stands in a field of text, or of one choice."""
    return str(field.data or "")


class GovNumberInput(GovTextInput):
    """A whole number: a short box with the keyboard of digits."""

    input_mode = "numeric"

    def map_gov_params(self, field: Any, **kwargs: Any) -> dict[str, Any]:
        params = super().map_gov_params(field, **kwargs)
        params["classes"] = "govuk-input--width-4"
        return params


class ClockField(TimeField):
    """A time of day."""

    widget = GovTimeInput()

    def __init__(self, label: str, missing: object | None, **kwargs: Any) -> None:
        super().__init__(label, format=["%H:%M", "%H:%M:%S"], **kwargs)
        self.missing = missing

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read a time; nothing is no time."""
        if not valuelist or not str(valuelist[0]).strip():
            self.data = None
            return
        try:
            super().process_formdata([str(valuelist[0]).strip()])
        except ValueError:
            raise ValueError(_("Enter a time, such as 13:30")) from None

    @property
    def at(self) -> time:
        """Return the time of a field that has been checked."""
        assert self.data is not None
        return self.data

    def pre_validate(self, form: Any) -> None:
        """Refuse a time that is missing, where there must be one."""
        if self.data is None and self.missing is not None and not self.process_errors:
            raise StopValidation(str(self.missing))


class PlacesField(StringField):
    """How many places a pool has. `places` is None for a blank one: no limit."""

    widget = GovNumberInput()
    places: int | None = None

    def pre_validate(self, form: Any) -> None:
        """Refuse what is no number of places."""
        typed = (self.data or "").strip()
        self.places = None
        if not typed:
            return
        if not (typed.isascii() and typed.isdigit() and len(typed) <= _MOST_DIGITS):
            raise StopValidation(_("Enter a whole number, or leave it blank for no limit"))
        self.places = int(typed)
        if self.places > cells.MOST_PLACES:
            raise StopValidation(_("Enter a number up to %(most)s", most=f"{cells.MOST_PLACES:,}"))


class CountField(StringField):
    """How many times; blank is no number."""

    widget = GovNumberInput()
    count: int | None = None

    def pre_validate(self, form: Any) -> None:
        """Refuse what is no whole number."""
        typed = (self.data or "").strip()
        self.count = None
        if typed:
            if not (typed.isascii() and typed.isdigit() and len(typed) <= _MOST_DIGITS):
                raise StopValidation(_("Enter a whole number"))
            self.count = int(typed)


class MeetingAddress:
    """Checks that an address leads to a meeting: https or http, with a host."""

    field_flags: dict[str, bool] = {}

    def __call__(self, form: Any, field: Any) -> None:
        """Refuse what no browser would open."""
        try:
            field.data = cells.address("meeting_url", (field.data or "").strip())
        except Fault:
            raise StopValidation(_("Enter a web address that begins with https://")) from None
