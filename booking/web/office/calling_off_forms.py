"""The forms that cancel or move dates: why in kind words, and where to."""

from collections.abc import Collection
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, RadioField, SelectField, StringField
from wtforms.validators import ValidationError

from booking.models.kinds import Pool
from booking.queries import venues
from booking.queries.calling_off import Pick
from booking.services.calling_off import Shift
from booking.web.office.fields import ClockField, CountField, DayField, text_of
from booking.web.validators import line
from booking.web.widgets import GovCheckboxInput, GovRadioInput, GovSelect, GovTextInput, options

OWN = "own"
# Kind, and without a word about anybody's health or name: everybody can read them.
REASONS = {
    "host": _l("The host can't be there this time"),
    "room": _l("The room can't be used that day"),
    "weather": _l("The weather makes travelling unsafe"),
    "few": _l("Only a few of us could come this time, and we would rather meet when there is more company"),
}
_ROOM_ONLY = frozenset({"room", "weather"})
# With more people than that "only a few" would hurt those who had looked forward to it.
_FEW = 3
_MOST_DAYS = 366


def _choices(left_out: Collection[str] = ()) -> list[Any]:
    kind = [(name, words) for name, words in REASONS.items() if name not in left_out]
    return options([*kind, (OWN, _l("In my own words, or without a reason"))])


class WhyForm(FlaskForm):
    """Why a date does not take place as planned: one of the kind sentences, or own words."""

    why = RadioField(
        _l("Why?"),
        description=_l("Everybody can read it. Please write no names and nothing about anybody's health."),
        choices=_choices(),
        default=OWN,
        widget=GovRadioInput(),
    )
    reason = StringField(
        _l("Own words (optional)"),
        description=_l("Such as “The hall is being painted”."),
        validators=[line(300)],
        widget=GovTextInput("off"),
    )

    def leave_out_what_is_untrue(self, picks: Collection[Pick]) -> None:
        """Offer only reasons that can be true of every one of these dates."""
        untrue: set[str] = set()
        if not all(Pool.ROOM in pick.session.pools for pick in picks):
            untrue |= _ROOM_ONLY
        if any(pick.booked > _FEW for pick in picks):
            untrue.add("few")
        self.why.choices = _choices(untrue)

    @property
    def words(self) -> str:
        """Return the reason as people will read it."""
        chosen = REASONS.get(text_of(self.why))
        return str(chosen) if chosen is not None else text_of(self.reason)


class CancelDatesForm(WhyForm):
    """Why dates are cancelled, and whether other places are kept meanwhile."""

    offer_held = BooleanField(
        _l("Keep the nearest other place that fits for each person, for 24 hours"),
        default=True,
        widget=GovCheckboxInput(),
    )


class MoveForm(WhyForm):
    """Where one date moves."""

    starts_on = DayField(_l("Date"), _l("Enter the date"))
    start_time = ClockField(_l("Starts at"), _l("Enter when it starts"))
    end_time = ClockField(_l("Ends at"), _l("Enter when it ends"))
    venue = SelectField(_l("Venue"), default="", widget=GovSelect())
    seen_version = HiddenField()


class MoveDatesForm(WhyForm):
    """How several dates move together."""

    days = CountField(_l("By how many days"), description=_l("7 is a week. Blank: the day stays."))
    direction = RadioField(
        _l("Later or earlier"),
        choices=options([("later", _l("Later")), ("earlier", _l("Earlier"))]),
        default="later",
        widget=GovRadioInput(),
    )
    start_time = ClockField(_l("New start (optional)"), None)
    end_time = ClockField(_l("New end (optional)"), None)
    venue = SelectField(_l("New venue (optional)"), default="", widget=GovSelect())

    def validate_days(self, field: CountField) -> None:
        """Refuse a move beyond a year."""
        if (field.count or 0) > _MOST_DAYS:
            raise ValidationError(_("Enter a number up to %(most)s", most=_MOST_DAYS))

    @property
    def shift(self) -> Shift:
        """Return the move of a form that has been checked."""
        days = self.days.count or 0
        return Shift(
            days=-days if self.direction.data == "earlier" else days,
            start_time=self.start_time.data,
            end_time=self.end_time.data,
            venue_id=int(self.venue.data) if self.venue.data else None,
        )


def offer_venues(field: SelectField, nothing: str) -> dict[str, str]:
    """Fill a field with the venues there are, and return their names."""
    names = {str(venue.id): venue.name for venue in venues.all_venues()}
    field.choices = options([("", nothing), *names.items()])
    return names
