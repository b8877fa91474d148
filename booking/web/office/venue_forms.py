"""The forms about a venue: what is known of it, and the picture of its door."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, StopValidation

from booking.models.kinds import Access
from booking.rules import distance, places_uk
from booking.rules.distance import Position
from booking.rules.faults import Fault
from booking.rules.holidays import NATIONS
from booking.services.venues import ACCESS_FACTS, VenueFacts
from booking.web.office.fields import CountField, text_of
from booking.web.validators import line, words
from booking.web.widgets import GovFileInput, GovRadioInput, GovSelect, GovTextArea, GovTextInput, options

KNOWN = {Access.YES: _l("Yes"), Access.NO: _l("No"), Access.NOT_KNOWN: _l("Not known")}
ACCESS_WORDS = {
    "step_free": _l("Step-free way in"),
    "hearing_loop": _l("Hearing loop"),
    "parking": _l("Parking"),
    "toilets": _l("Accessible toilets"),
    "quiet_corner": _l("Quiet corner"),
}
# What the list says that nobody has found out yet.
UNKNOWN_WORDS = {
    "address": _l("address"),
    "directions": _l("directions"),
    "capacity": _l("how many it holds"),
    "position": _l("where on the map"),
    "step_free": _l("step-free way in"),
    "hearing_loop": _l("hearing loop"),
    "parking": _l("parking"),
    "toilets": _l("accessible toilets"),
    "quiet_corner": _l("quiet corner"),
}


def _access(fact: str) -> RadioField:
    return RadioField(
        ACCESS_WORDS[fact],
        choices=options((known.value, said) for known, said in KNOWN.items()),
        default=Access.NOT_KNOWN.value,
        widget=GovRadioInput(),
    )


class VenueForm(FlaskForm):
    """What is known of a venue that is there."""

    nation = SelectField(
        _l("Nation"),
        choices=options([("", _l("Choose a nation")), *((nation, nation) for nation in NATIONS)]),
        validators=[InputRequired(_l("Choose a nation"))],
        widget=GovSelect(),
    )
    address = TextAreaField(_l("Address (optional)"), validators=[words(500)], widget=GovTextArea())
    town = StringField(
        _l("Town (optional)"),
        description=_l("People who look for what is near them find it by its town."),
        validators=[line(100)],
        widget=GovTextInput("off"),
    )
    directions = TextAreaField(
        _l("How to find it (optional)"),
        description=_l("Which stop, which door, which bell. Everybody can read it."),
        validators=[words(1000)],
        widget=GovTextArea(),
    )
    step_free = _access("step_free")
    hearing_loop = _access("hearing_loop")
    parking = _access("parking")
    toilets = _access("toilets")
    quiet_corner = _access("quiet_corner")
    capacity = CountField(
        _l("How many people fit in (optional)"),
        description=_l("No session there can have more places. Leave it blank if nobody has said."),
    )
    hire_notes = TextAreaField(
        _l("Hire notes (optional)"),
        description=_l("Keys, prices, whom to ring. Only the office reads this."),
        validators=[words(2000)],
        widget=GovTextArea(),
    )
    latitude = StringField(
        _l("Latitude (optional)"),
        description=_l("Such as 53.4809. Only where the town is not enough: the town's middle is used then."),
        validators=[line(60)],
        widget=GovTextInput("off"),
    )
    longitude = StringField(
        _l("Longitude (optional)"),
        description=_l("Such as -2.2374."),
        validators=[line(60)],
        widget=GovTextInput("off"),
    )
    position: Position | None = None

    def validate_town(self, field: StringField) -> None:
        """Refuse a name that several places bear, unless the position is written down."""
        places = places_uk.places_named(field.data or "")
        if len(places) > 1 and not (self.latitude.data or "").strip():
            labels = dict.fromkeys(places_uk.label(place) for place in places[:4])
            raise StopValidation(_("Say which one: %(labels)s", labels="; ".join(labels)))

    def validate_latitude(self, field: StringField) -> None:
        """Refuse half a position, and what is no number."""
        try:
            self.position = distance.position(field.data or "", self.longitude.data or "")
        except Fault as fault:
            if fault.field == "latitude":
                raise StopValidation(_(fault.template)) from None

    def validate_longitude(self, field: StringField) -> None:
        """Refuse what is no number, or is missing beside the latitude."""
        try:
            distance.position(self.latitude.data or "", field.data or "")
        except Fault as fault:
            if fault.field == "longitude":
                raise StopValidation(_(fault.template)) from None

    def facts(self, name: str) -> VenueFacts:
        """Return what the form says of the venue of this name."""
        return VenueFacts(
            name=name,
            nation=text_of(self.nation),
            address=text_of(self.address),
            directions=text_of(self.directions),
            access={fact: Access(self[fact].data) for fact in ACCESS_FACTS},
            capacity=self.capacity.count,
            hire_notes=text_of(self.hire_notes),
            town=text_of(self.town),
            position=self.position,
        )


class NewVenueForm(VenueForm):
    """A venue that nobody has met at yet."""

    name = StringField(
        _l("Name"),
        description=_l("As people know it, with its town: Church hall, Cardiff. It can't be changed later."),
        validators=[line(200, _l("Enter the name of the venue"))],
        widget=GovTextInput("off"),
    )


class PhotoForm(FlaskForm):
    """The picture of a venue's door."""

    picture = FileField(
        _l("Picture of the door"),
        description=_l("A JPEG, PNG or WebP file of at most 8 MB, with nobody in it."),
        widget=GovFileInput(),
    )
    words = StringField(
        _l("What the picture shows"),
        description=_l("For whoever can't see it. Such as: a green door beside the library, two steps up."),
        validators=[line(300, _l("Write what the picture shows"))],
        widget=GovTextInput("off"),
    )

    def sent(self) -> bytes:
        """Return the bytes that were sent, nothing if no file was chosen."""
        storage: Any = self.picture.data
        return bytes(storage.read()) if hasattr(storage, "read") else b""


def as_kept(venue: Any) -> dict[str, object]:
    """Return what the form shows of a venue; a position that its town gives is not repeated by hand."""
    names = ("nation", "address", "town", "directions", *ACCESS_FACTS, "hire_notes")
    kept: dict[str, object] = {name: getattr(venue, name) for name in names}
    kept["capacity"] = "" if venue.capacity is None else str(venue.capacity)
    place = places_uk.only_place_named(venue.town) if venue.town else None
    here = (venue.latitude, venue.longitude)
    if venue.latitude is not None and (place is None or (place.latitude, place.longitude) != here):
        kept |= {"latitude": str(venue.latitude), "longitude": str(venue.longitude)}
    return kept
