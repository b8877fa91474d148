"""The filters of the attendance review, and the addresses that keep them."""

from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import DateField, Field, SelectField
from wtforms.validators import Optional, ValidationError

from booking.queries import reports
from booking.queries.reports import Review
from booking.rules.wall_time import to_local
from booking.web.widgets import GovSelect, GovTextInput, options

FIRST_YEAR, LAST_YEAR = 2000, 2100
# What waits is looked at with the dates to come.
A_SEASON = timedelta(weeks=26)


class GovDayInput(GovTextInput):
    """A day in the browser's own picker: a filter is one box, not three."""

    input_type = "date"

    def map_gov_params(self, field: Field, **kwargs: Any) -> dict[str, Any]:
        params = super().map_gov_params(field, **kwargs)
        params["classes"] = "govuk-input--width-10"
        return params


class FilterDay(DateField):
    """A day as the browser's picker sends it, or as people type it where there is no picker."""

    widget = GovDayInput()

    def __init__(self, label: str, **kwargs: Any) -> None:
        formats = ["%Y-%m-%d", "%d %m %Y", "%d/%m/%Y"]
        super().__init__(label, [Optional()], format=formats, **kwargs)

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read a day; what is none is said in our words."""
        try:
            super().process_formdata([str(value).strip() for value in valuelist])
        except ValueError:
            raise ValueError(_("Enter a date such as 1 3 2026")) from None


class ReviewForm(FlaskForm):
    """Which sessions are counted, up to so far `ahead`. It only asks, so it needs no token."""

    class Meta:
        csrf = False

    since = FilterDay(_l("From"))
    until = FilterDay(_l("To"))
    programme = SelectField(_l("Programme"), validators=[Optional()], widget=GovSelect())
    series = SelectField(_l("Series"), validators=[Optional()], widget=GovSelect())

    def __init__(self, asked: MultiDict[str, str], now: datetime, ahead: timedelta = timedelta()) -> None:
        today = to_local(now).date()
        self.now, self.usual = now, (a_year_before(today), today + ahead)
        super().__init__(asked, data=dict(zip(("since", "until"), self.usual, strict=True)))
        self.programmes = _choices(reports.programmes())
        self.titles = _choices(reports.all_series())
        self.programme.choices = options([("", _("All programmes")), *self.programmes])
        self.series.choices = options([("", _("All series")), *self.titles])

    def validate_since(self, field: Field) -> None:
        """Refuse years that no report of ours can mean."""
        _in_our_time(field.data)

    def validate_until(self, field: Field) -> None:
        """Refuse an end before the beginning."""
        _in_our_time(field.data)
        if field.data and self.since.data and field.data < self.since.data:
            raise ValidationError(_("Choose a day that is not before the first one"))

    def review(self) -> Review:
        """Return what is asked for; where it can't be understood, the last 12 months of everything."""
        first, last = self.usual
        if not self.validate():
            return Review(first, last, self.now)
        return Review(
            first=self.since.data or first,
            last=self.until.data or last,
            now=self.now,
            programme_id=_row_id(self.programme.data),
            series_id=_row_id(self.series.data),
        )


def a_year_before(today: date) -> date:
    """Return the first day of the month eleven months ago: twelve months, the present one included."""
    month = today.year * 12 + today.month - 12
    return date(month // 12, month % 12 + 1, 1)


def as_query(review: Review, **others: object) -> dict[str, Any]:
    """Return the filters as they stand in an address; what is None is left out."""
    asked = {
        "since": review.first.isoformat(),
        "until": review.last.isoformat(),
        "programme": review.programme_id,
        "series": review.series_id,
    }
    return {name: value for name, value in {**asked, **others}.items() if value is not None}


def _choices(found: list[tuple[int, str]]) -> list[tuple[str, str]]:
    return [(str(row_id), name) for row_id, name in found]


def _row_id(chosen: str | None) -> int | None:
    """Read what was chosen; a lone space counts as nothing chosen."""
    return int(chosen) if chosen and chosen.strip() else None


def _in_our_time(day: date | None) -> None:
    if day is not None and not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValidationError(_("Choose a day between 2000 and 2100"))
