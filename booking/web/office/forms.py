"""The forms of the office: planning, changing, cancelling, finding people."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, ValidationError

from booking.web.office.fields import ClockField, DayField, MeetingAddress, PlacesField
from booking.web.validators import line, words
from booking.web.widgets import GovRadioInput, GovSearchInput, GovSelect, GovTextArea, GovTextInput, options

SCOPES = {
    "this": _l("This date"),
    "later": _l("This and later dates"),
    "all": _l("All dates to come"),
}
WHICH_DATES = {"this": _l("This date only"), "later": _l("This and all later dates of the series")}


class ChangeForm(FlaskForm):
    """What shall be different on one date."""

    starts_on = DayField(_l("Date"), _l("Enter the date"))
    start_time = ClockField(_l("Starts at"), _l("Enter when it starts"))
    end_time = ClockField(_l("Ends at"), _l("Enter when it ends"))
    venue = SelectField(_l("Venue"), default="", widget=GovSelect())
    meeting_url = StringField(
        _l("Meeting address"), validators=[line(500), MeetingAddress()], widget=GovTextInput("off")
    )
    places_room = PlacesField(
        _l("Places in the room"), description=_l("Blank: no limit. 0: nobody meets in a room.")
    )
    places_online = PlacesField(
        _l("Places online"), description=_l("Blank: no limit. 0: nobody joins online.")
    )
    title = StringField(
        _l("Title of this date (optional)"),
        description=_l("Leave it blank to use the title of the series."),
        validators=[line(200)],
        widget=GovTextInput("off"),
    )
    description = TextAreaField(
        _l("Description of this date (optional)"),
        description=_l("Leave it blank to use the words of the series."),
        validators=[words(4000)],
        widget=GovTextArea(),
    )
    hosts = SelectField(_l("Host or tutor"), default="", widget=GovSelect())
    second_host = SelectField(_l("A second one"), default="", widget=GovSelect())
    reason = StringField(
        _l("Reason (optional)"),
        description=_l("For this date. Everybody can read it, such as “The hall is being painted”."),
        validators=[line(300)],
        widget=GovTextInput("off"),
    )
    scope = RadioField(
        _l("Which dates change"),
        description=_l("For more than this date you see next what it does to each of them."),
        choices=options(SCOPES.items()),
        default="this",
        widget=GovRadioInput(),
    )
    seen = HiddenField()
    venue_names: dict[str, str]

    def validate_second_host(self, field: SelectField) -> None:
        """Refuse the same person twice."""
        if field.data and field.data == self.hosts.data:
            raise ValidationError(_("Choose somebody else as the second one"))


class FindPeopleForm(FlaskForm):
    """Whom to look for. It is sent by POST, so that no name stands in an address or a log."""

    words = StringField(
        _l("Name, email address or phone number"),
        description=_l("A part is enough."),
        validators=[line(100, _l("Enter a part of a name, an address or a number"))],
        widget=GovSearchInput("off"),
    )


class HostForm(FlaskForm):
    """Who leads a date."""

    person = SelectField(_l("Host"), validators=[InputRequired(_l("Choose a host"))], widget=GovSelect())
    which = RadioField(
        _l("Which dates"),
        choices=options(WHICH_DATES.items()),
        default="this",
        widget=GovRadioInput(),
    )


class PauseForm(FlaskForm):
    """How long somebody is left in peace."""

    until = DayField(
        _l("Write again from (optional)"),
        description=_l("Leave it empty, and nothing is sent until somebody ends the pause."),
    )
