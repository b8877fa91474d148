"""The form of a series: six answers to begin with, and everything else folded away with what is usual."""

from secrets import token_hex
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, ValidationError

from booking.models.kinds import Access, Audience, Companions, Enrol, Mode, Situation
from booking.rules.holidays import NATIONS
from booking.rules.places_uk import place_in_address
from booking.rules.programmes import HOSTS_ONLY
from booking.rules.words import weekday_words
from booking.web.office.fields import ClockField, DayField, MeetingAddress
from booking.web.office.series_fields import DatesField, NumberField, SomeField, UsualPlacesField
from booking.web.validators import line, words
from booking.web.widgets import (
    GovCheckboxInput,
    GovRadioInput,
    GovSelect,
    GovTextArea,
    GovTextInput,
    options,
)

MODES = {Mode.IN_PERSON: _l("In person"), Mode.ONLINE: _l("Online"), Mode.HYBRID: _l("In person and online")}
AUDIENCES = {
    Audience.ANYONE: _l("Anyone"),
    Audience.PATIENTS: _l("People who live with secondary breast cancer"),
    Audience.FACILITATORS: _l("Hosts and tutors only"),
}
COMPANIONS = {
    Companions.NEVER: _l("Nobody else"),
    Companions.FIRST_VISIT: _l("Somebody, on the first visit"),
    Companions.ALWAYS: _l("Somebody, always"),
}
ENROLS = {
    Enrol.EACH: _l("Single dates, booked one by one"),
    Enrol.COURSE: _l("A course, booked once for every week"),
}
SITUATIONS = {
    Situation.NEWLY_TOLD: _l("Newly told"),
    Situation.IN_TREATMENT: _l("In treatment"),
    Situation.LIVING: _l("Living with it, or after treatment"),
    Situation.SUPPORTING: _l("Supporting somebody"),
}
REPEATS = {
    "once": _l("Once"),
    "weekly": _l("Every week"),
    "fortnightly": _l("Every two weeks"),
    "monthly": _l("Every month"),
    "dates": _l("On a list of dates"),
}
WHICH = {
    "": _l("As the first date is"),
    "1": _l("The first"),
    "2": _l("The second"),
    "3": _l("The third"),
    "4": _l("The fourth"),
    "-1": _l("The last"),
}
KNOWN = {Access.YES: _l("Yes"), Access.NO: _l("No"), Access.NOT_KNOWN: _l("Not known")}
NEW_VENUE = "new"
_USUAL = ("", _l("As usual for the programme"))

# In which part of the page each field stands; the first part is what a new series needs.
SIX = ("programme", "title", "venue", "meeting_url", "starts_on", "start_time", "repeat")
RHYTHM = ("weekdays", "nth", "every", "dates", "until", "count")
NEW_PLACE = (
    "venue_name",
    "venue_nation",
    "venue_address",
    "step_free",
    "hearing_loop",
    "parking",
    "toilets",
    "quiet_corner",
)
MORE = {
    _l("Words and length"): ("end_time", "discreet_name", "description", "suits"),
    _l("Who leads it"): ("hosts", "second_host", "min_facilitators"),
    _l("Online"): ("dial_in",),
    _l("Places"): ("places_room", "places_online", "newcomer_places", "no_waiting_list", "waiting_books"),
    _l("Who may come"): ("audience", "companions", "welcome_call", "movement_check", "ground_rules"),
    _l("Booking"): ("enrol", "join_until_week", "single_weeks", "opens_days_before", "closes_minutes_before"),
    _l("For the office"): ("nation", "grant", "office_notes"),
}


def _access(label: Any) -> RadioField:
    return RadioField(
        label,
        choices=options((known.value, said) for known, said in KNOWN.items()),
        default=Access.NOT_KNOWN.value,
        widget=GovRadioInput(),
    )


def _line(label: Any, hint: Any, longest: int = 200) -> StringField:
    return StringField(label, description=hint, validators=[line(longest)], widget=GovTextInput("off"))


def _yes(label: Any, hint: Any = "") -> BooleanField:
    return BooleanField(label, description=hint, widget=GovCheckboxInput())


class SeriesForm(FlaskForm):
    """A series, or one single session: the six answers, its rhythm, and everything else."""

    programme = SelectField(
        _l("Programme"), validators=[InputRequired(_l("Choose a programme"))], widget=GovSelect()
    )
    title = StringField(_l("Title"), validators=[line(200, _l("Enter a title"))], widget=GovTextInput("off"))
    venue = SelectField(
        _l("Venue"), description=_l("For a session in a room."), default="", widget=GovSelect()
    )
    meeting_url = StringField(
        _l("Meeting address"),
        description=_l(
            "For a session online. People never see it, they get a link of ours. With a venue and an "
            "address people choose between the room and online."
        ),
        validators=[line(500), MeetingAddress()],
        widget=GovTextInput("off"),
    )
    starts_on = DayField(
        _l("First date"), _l("Enter the first date"), description=_l("For example, 27 3 2027")
    )
    start_time = ClockField(_l("Starts at"), _l("Enter when it starts"))
    repeat = RadioField(
        _l("How often"),
        description=_l("On the weekday of the first date, unless you say otherwise below."),
        choices=options(REPEATS.items()),
        validators=[InputRequired(_l("Choose how often it repeats"))],
        widget=GovRadioInput(),
    )
    weekdays = SomeField(
        _l("On these days"),
        choices=options((str(day), weekday_words(day)) for day in range(7)),
    )
    nth = SelectField(
        _l("Which one in the month"),
        description=_l("For a session that repeats by the month."),
        choices=options(WHICH.items()),
        default="",
        widget=GovSelect(),
    )
    every = NumberField(
        _l("Every how many weeks or months"),
        most=52,
        least=1,
        description=_l("For example, 3 with “Every month” is every three months. Blank: each one."),
    )
    dates = DatesField(
        _l("List of dates"),
        description=_l(
            "For “On a list of dates”: every further date on a line of its own, such as 5 January 2027. The "
            "first date above is one of them."
        ),
    )
    until = DayField(_l("Last possible date (optional)"), description=_l("Blank: it goes on."))
    count = NumberField(_l("Or how many times (optional)"), most=500, least=1)
    venue_name = _line(_l("Name of the new venue"), "")
    venue_nation = SelectField(
        _l("Nation of the new venue"),
        description=_l("Its bank holidays are looked at."),
        choices=options(
            [("", _l("The nation of the town in its name")), *((nation, nation) for nation in NATIONS[:-1])]
        ),
        default="",
        widget=GovSelect(),
    )
    venue_address = TextAreaField(_l("Its address"), validators=[words(500)], widget=GovTextArea())
    step_free = _access(_l("Step-free access"))
    hearing_loop = _access(_l("Hearing loop"))
    parking = _access(_l("Parking"))
    toilets = _access(_l("Accessible toilet"))
    quiet_corner = _access(_l("A quiet corner"))

    end_time = ClockField(
        _l("Ends at"), None, description=_l("Blank: as long as is usual for the programme.")
    )
    discreet_name = _line(
        _l("Discreet name"),
        _l(
            "Stands in subjects of letters, calendars and addresses, where others may read along. Blank: the "
            "title, or the name of the programme where the title names the illness."
        ),
    )
    description = TextAreaField(_l("Description"), validators=[words(4000)], widget=GovTextArea())
    suits = SomeField(
        _l("Whom it suits"),
        description=_l("For “Is this group for me?”. None: everybody."),
        choices=options((situation.value, said) for situation, said in SITUATIONS.items()),
    )
    hosts = SelectField(_l("Host or tutor"), default="", widget=GovSelect())
    second_host = SelectField(_l("A second one"), default="", widget=GovSelect())
    min_facilitators = NumberField(
        _l("How many must lead it at least"), most=9, blank=1, description=_l("Blank: one.")
    )
    places_room = UsualPlacesField(
        _l("Places in the room"), description=_l("A number, or “no limit”. Blank: as usual.")
    )
    places_online = UsualPlacesField(
        _l("Places online"), description=_l("A number, or “no limit”. Blank: as usual.")
    )
    dial_in = _line(
        _l("Joining by telephone"),
        _l("Shown on the page with the way in. For example, 0306 999 0199, then 123 456#"),
    )
    newcomer_places = NumberField(
        _l("Places kept for people who come for the first time"),
        most=1000,
        blank=0,
        description=_l("Until 48 hours before. Blank: none."),
    )
    no_waiting_list = _yes(_l("No waiting list when it is full"))
    waiting_books = _yes(
        _l("Book a place that comes free for whoever is next"),
        _l("More than 24 hours before the start, without asking first. Without this it is offered."),
    )
    audience = RadioField(
        _l("Who may come"),
        choices=options([_USUAL, *((one.value, said) for one, said in AUDIENCES.items())]),
        default="",
        widget=GovRadioInput(),
    )
    companions = RadioField(
        _l("Who may be brought along"),
        choices=options([_USUAL, *((one.value, said) for one, said in COMPANIONS.items())]),
        default="",
        widget=GovRadioInput(),
    )
    welcome_call = _yes(_l("The office calls before a place is confirmed"))
    movement_check = _yes(_l("Ask the short movement check-in"))
    ground_rules = SelectField(
        _l("Ground rules"), default="", description=_l("Accepted once by everybody."), widget=GovSelect()
    )
    enrol = RadioField(
        _l("How it is booked"),
        choices=options((one.value, said) for one, said in ENROLS.items()),
        default=Enrol.EACH.value,
        widget=GovRadioInput(),
    )
    join_until_week = NumberField(
        _l("People may join a course until week"), most=52, least=1, blank=1, description=_l("Blank: week 1.")
    )
    single_weeks = _yes(_l("Offer single weeks of a course that have room"))
    opens_days_before = NumberField(
        _l("Booking opens, days before each date"),
        most=365,
        description=_l("Blank: as soon as it is published."),
    )
    closes_minutes_before = NumberField(
        _l("Booking closes, minutes before the start"),
        most=43_200,
        blank=0,
        description=_l("60 is an hour, 1440 is a day. Blank: at the start."),
    )
    nation = SelectField(
        _l("Nation"),
        description=_l("For the filters and the bank holidays."),
        choices=options(
            [
                ("", _l("The nation of the venue; the whole UK online")),
                *((nation, nation) for nation in NATIONS),
            ]
        ),
        default="",
        widget=GovSelect(),
    )
    grant = _line(_l("Grant"), _l("Which funder's report it counts in."), 100)
    office_notes = TextAreaField(
        _l("Notes"),
        description=_l("Only the office reads them."),
        validators=[words(4000)],
        widget=GovTextArea(),
    )
    # Which opening of the form this is: the same one sent twice makes one series.
    token = HiddenField(default=lambda: token_hex(4))
    venue_names: dict[str, str]
    venue_nations: dict[str, str]

    @property
    def mode(self) -> Mode:
        """Return how people meet: it follows from what was filled in."""
        if not self.venue.data:
            return Mode.ONLINE
        return Mode.HYBRID if self.meeting_url.data else Mode.IN_PERSON

    def validate_venue(self, field: SelectField) -> None:
        """Refuse a series that meets nowhere."""
        if not field.data and not (self.meeting_url.data or "").strip():
            raise ValidationError(_("Choose a venue, or enter the meeting address below"))

    def validate_venue_name(self, field: StringField) -> None:
        """Refuse a new venue without a name."""
        if self.venue.data == NEW_VENUE and not field.data:
            raise ValidationError(_("Enter the name of the new venue"))

    def validate_venue_nation(self, field: SelectField) -> None:
        """Take the nation of the town in its name or address; refuse a new venue in no nation."""
        if self.venue.data == NEW_VENUE and not field.data:
            town = place_in_address(self.venue_name.data or "", self.venue_address.data or "")
            if town is None:
                raise ValidationError(_("Choose the nation of the new venue"))
            field.data = town.nation

    def validate_end_time(self, field: ClockField) -> None:
        """Refuse an end that is not after the start."""
        if field.data and self.start_time.data and field.data <= self.start_time.data:
            raise ValidationError(_("The end must be after the start"))

    def validate_second_host(self, field: SelectField) -> None:
        """Refuse the same person twice."""
        if field.data and field.data == self.hosts.data:
            raise ValidationError(_("Choose somebody else as the second one"))

    def validate_dates(self, field: DatesField) -> None:
        """Refuse a list of dates without any."""
        if self.repeat.data == "dates" and not field.dates and not field.errors:
            raise ValidationError(_("Enter the dates, one on a line"))

    def validate_audience(self, field: RadioField) -> None:
        """Refuse to open to everybody what is for hosts only."""
        if self.programme.data == HOSTS_ONLY and field.data not in ("", Audience.FACILITATORS):
            raise ValidationError(_("Choose “Hosts and tutors only”: the programme is for nobody else"))
