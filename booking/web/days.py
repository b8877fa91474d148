"""The field for a day, in three boxes, on whichever page a day is asked for."""

from datetime import date
from typing import Any

from flask_babel import gettext as _
from wtforms import DateField
from wtforms.validators import StopValidation

from booking import clock
from booking.web.widgets import GovDateInput


class DayField(DateField):
    """A day in three boxes; `missing` is what to say when it must not be empty."""

    widget = GovDateInput()

    def __init__(self, label: str, missing: object | None = None, **kwargs: Any) -> None:
        super().__init__(label, format="%d %m %Y", **kwargs)
        self.missing = missing

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read the three boxes; nothing in any of them is no day at all."""
        if not any(str(value).strip() for value in valuelist):
            self.data = None
            return
        parts = [str(value).strip() for value in valuelist]
        if len(parts) == 3 and all(part.isascii() and part.isdigit() and len(part) <= 4 for part in parts):
            try:
                self.data = date(int(parts[2]), int(parts[1]), int(parts[0]))
                return
            except ValueError:
                pass
        self.data = None
        raise ValueError(_("Enter a date such as %(date)s", date=f"1 3 {clock.now().year + 1}"))

    @property
    def day(self) -> date:
        """Return the day of a field that may not be empty and has been checked."""
        assert self.data is not None
        return self.data

    def pre_validate(self, form: Any) -> None:
        """Refuse a day that is missing, or farther away than any plan."""
        if self.process_errors:
            return
        if self.data is None and self.missing is not None:
            raise StopValidation(str(self.missing))
        if self.data is not None and not 2000 <= self.data.year <= 2100:
            raise StopValidation(_("Enter a year between 2000 and 2100"))
