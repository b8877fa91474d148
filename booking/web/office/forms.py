"""The forms of the office: planning, changing, cancelling, finding people."""

from secrets import token_hex
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, ValidationError

from booking.models.kinds import Access, Audience, Mode
from booking.rules.holidays import NATIONS
from booking.rules.programmes import HOSTS_ONLY
from booking.web.office.fields import ClockField, CountField, DayField, MeetingAddress, PlacesField
from booking.web.validators import line, words
from booking.web.widgets import GovRadioInput, GovSearchInput, GovSelect, GovTextArea, GovTextInput, options

MODES = {Mode.IN_PERSON: _l("In person"), Mode.ONLINE: _l("Online"), Mode.HYBRID: _l("In person and online")}
AUDIENCES = {
    Audience.ANYONE: _l("Anyone"),
    Audience.PATIENTS: _l("People who live with secondary breast cancer"),
    Audience.FACILITATORS: _l("Hosts and tutors only"),
}
REPEATS = {
    "once": _l("Once"),
    "weekly": _l("Every week"),
    "fortnightly": _l("Every two weeks"),
    "monthly": _l("Every month, or every few months, on the same weekday"),
}
WHICH = {
    "1": _l("The first"),
    "2": _l("The second"),
    "3": _l("The third"),
    "4": _l("The fourth"),
    "-1": _l("The last"),
}
KNOWN = {Access.YES: _l("Yes"), Access.NO: _l("No"), Access.NOT_KNOWN: _l("Not known")}
WHICH_DATES = {"this": _l("This date only"), "later": _l("This and all later dates of the series")}
NEW_VENUE = "new"


def _access(label: Any) -> RadioField:
    return RadioField(
        label,
        choices=options((known.value, said) for known, said in KNOWN.items()),
        default=Access.NOT_KNOWN.value,
        widget=GovRadioInput(),
    )


class PlanForm(FlaskForm):
    """A series, or one single session: what, where, for whom, when."""

    title = StringField(_l("Title"), validators=[line(200, _l("Enter a title"))], widget=GovTextInput("off"))
    programme = SelectField(
        _l("Programme"), validators=[InputRequired(_l("Choose a programme"))], widget=GovSelect()
    )
    description = TextAreaField(_l("Description (optional)"), validators=[words(4000)], widget=GovTextArea())
    discreet_name = StringField(
        _l("Discreet name (optional)"),
        description=_l(
            "Stands in subjects of letters, calendars and addresses, where others may read along. "
            "Leave it blank and we use the title, or the name of the programme where the title "
            "names the illness."
        ),
        validators=[line(200)],
        widget=GovTextInput("off"),
    )
    starts_on = DayField(
        _l("First date"), _l("Enter the first date"), description=_l("For example, 27 3 2027")
    )
    start_time = ClockField(_l("Starts at"), _l("Enter when it starts"))
    end_time = ClockField(_l("Ends at"), _l("Enter when it ends"))
    repeat = RadioField(
        _l("How often"),
        description=_l("It repeats on the weekday of the first date."),
        choices=options(REPEATS.items()),
        default="once",
        widget=GovRadioInput(),
    )
    nth = SelectField(
        _l("Which one in the month"),
        description=_l("Only for a session that repeats by the month."),
        choices=options(WHICH.items()),
        default="1",
        widget=GovSelect(),
    )
    every_months = CountField(_l("Every how many months"), description=_l("1 is every month."), default="1")
    until = DayField(_l("Last possible date (optional)"), description=_l("Blank: it goes on."))
    count = CountField(_l("Or how many times (optional)"))
    mode = RadioField(
        _l("How people meet"),
        choices=options((mode.value, said) for mode, said in MODES.items()),
        validators=[InputRequired(_l("Choose how people meet"))],
        widget=GovRadioInput(),
    )
    nation = SelectField(
        _l("Nation"),
        description=_l("For the filters and the bank holidays. Choose UK for a session online."),
        choices=options([("", _l("Choose a nation")), *((nation, nation) for nation in NATIONS)]),
        validators=[InputRequired(_l("Choose a nation"))],
        widget=GovSelect(),
    )
    venue = SelectField(
        _l("Venue"), description=_l("Not needed for a session online."), default="", widget=GovSelect()
    )
    venue_name = StringField(_l("Name of the new venue"), validators=[line(200)], widget=GovTextInput("off"))
    venue_address = TextAreaField(_l("Its address"), validators=[words(500)], widget=GovTextArea())
    step_free = _access(_l("Step-free access"))
    hearing_loop = _access(_l("Hearing loop"))
    parking = _access(_l("Parking"))
    toilets = _access(_l("Accessible toilet"))
    quiet_corner = _access(_l("A quiet corner"))
    meeting_url = StringField(
        _l("Meeting address"),
        description=_l(
            "Only for a session online: where it happens. People never see it, they get a link of ours."
        ),
        validators=[line(500), MeetingAddress()],
        widget=GovTextInput("off"),
    )
    places_room = PlacesField(_l("Places in the room"), description=_l("Leave it blank for no limit."))
    places_online = PlacesField(_l("Places online"), description=_l("Leave it blank for no limit."))
    audience = RadioField(
        _l("Who may come"),
        choices=options((audience.value, said) for audience, said in AUDIENCES.items()),
        default=Audience.ANYONE.value,
        widget=GovRadioInput(),
    )
    hosts = SelectField(_l("Who leads it (optional)"), default="", widget=GovSelect())
    venue_names: dict[str, str]
    # Which opening of the form this is: the same one sent twice makes one series.
    token = HiddenField(default=lambda: token_hex(4))

    def validate_end_time(self, field: ClockField) -> None:
        """Refuse an end that is not after the start."""
        if field.data and self.start_time.data and field.data <= self.start_time.data:
            raise ValidationError(_("The end must be after the start"))

    def validate_venue(self, field: SelectField) -> None:
        """Refuse a room without a venue."""
        if self.mode.data in (Mode.IN_PERSON, Mode.HYBRID) and not field.data:
            raise ValidationError(_("Choose a venue"))

    def validate_venue_name(self, field: StringField) -> None:
        """Refuse a new venue without a name."""
        if self.mode.data != Mode.ONLINE and self.venue.data == NEW_VENUE and not field.data:
            raise ValidationError(_("Enter the name of the new venue"))

    def validate_meeting_url(self, field: StringField) -> None:
        """Refuse a session online that happens nowhere."""
        if self.mode.data in (Mode.ONLINE, Mode.HYBRID) and not field.data:
            raise ValidationError(_("Enter the meeting address"))

    def validate_audience(self, field: RadioField) -> None:
        """Refuse to open to everybody what is for hosts only."""
        if self.programme.data == HOSTS_ONLY and field.data != Audience.FACILITATORS:
            raise ValidationError(_("Choose “Hosts and tutors only”: the programme is for nobody else"))


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
    reason = StringField(
        _l("Reason (optional)"),
        description=_l("Everybody can read it, such as “The hall is being painted”."),
        validators=[line(300)],
        widget=GovTextInput("off"),
    )
    seen_version = HiddenField()
    venue_names: dict[str, str]


class CancelForm(FlaskForm):
    """Why one date does not take place."""

    reason = StringField(
        _l("Reason (optional)"),
        description=_l("Everybody can read it, such as “The host is unwell”. No names, please."),
        validators=[line(300)],
        widget=GovTextInput("off"),
    )


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
