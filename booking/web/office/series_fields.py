"""Fields that only the form of a series has: how often it repeats, lists of dates, places as usual."""

from datetime import date
from typing import Any

from flask_babel import gettext as _
from wtforms import SelectMultipleField, StringField, TextAreaField
from wtforms.validators import StopValidation

from booking.rules import cells
from booking.rules.date_lists import read_dates
from booking.rules.faults import Fault
from booking.web.office.fields import GovNumberInput
from booking.web.widgets import GovCheckboxesInput, GovTextArea, GovTextInput

_NO_LIMIT = frozenset({"no limit", "none", "unlimited", "no"})
_MOST_DIGITS = 6


class UsualPlacesField(StringField):
    """How many places a pool has: a number, "no limit", or blank for what its programme usually has."""

    widget = GovTextInput("off")
    places: int | None = None
    is_usual: bool = True

    def pre_validate(self, form: Any) -> None:
        """Refuse what is neither a number of places nor "no limit"."""
        typed = (self.data or "").strip()
        self.places, self.is_usual = None, not typed
        if not typed or typed.casefold() in _NO_LIMIT:
            return
        if not (typed.isascii() and typed.isdigit() and len(typed) <= _MOST_DIGITS):
            raise StopValidation(_("Enter a whole number, or “no limit”"))
        self.places = int(typed)
        if not 1 <= self.places <= cells.MOST_PLACES:
            raise StopValidation(_("Enter a number from 1 to %(most)s", most=f"{cells.MOST_PLACES:,}"))


class NumberField(StringField):
    """A whole number up to `most`; blank is `blank`."""

    widget = GovNumberInput()

    def __init__(self, label: object, most: int, least: int = 0, blank: int | None = None, **kwargs: Any):
        # A label that is translated late is no str to the types.
        super().__init__(label, **kwargs)  # type: ignore[arg-type]
        self.least, self.most, self.number = least, most, blank
        self.blank = blank

    def pre_validate(self, form: Any) -> None:
        """Refuse what is no whole number within the bounds."""
        typed = (self.data or "").strip()
        self.number = self.blank
        if not typed:
            return
        if not (typed.isascii() and typed.isdigit() and len(typed) <= _MOST_DIGITS):
            raise StopValidation(_("Enter a whole number"))
        if not self.least <= int(typed) <= self.most:
            bounds = {"least": self.least, "most": f"{self.most:,}"}
            raise StopValidation(_("Choose a number from %(least)s to %(most)s", **bounds))
        self.number = int(typed)

    @property
    def or_none(self) -> int:
        """Return the number, and 0 where none stands."""
        return self.number or 0


class DatesField(TextAreaField):
    """A list of dates, one on a line."""

    widget = GovTextArea()
    dates: tuple[date, ...] = ()

    def pre_validate(self, form: Any) -> None:
        """Refuse a line that names no day, by its words."""
        self.dates = ()
        try:
            self.dates = read_dates(self.data or "")
        except Fault as fault:
            raise StopValidation(_(fault.template, **fault.values)) from None


class SomeField(SelectMultipleField):
    """Any of a few, by checkboxes."""

    widget = GovCheckboxesInput()
