"""The forms for somebody who is on the phone: her details, her yes, and who is no longer there."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, RadioField, SelectField, StringField, TelField, TextAreaField
from wtforms.validators import DataRequired, InputRequired

from booking.models.kinds import Channel, ContactKind, Who
from booking.queries.records import Known
from booking.rules.addresses import clean_email, clean_phone
from booking.rules.nations import NATIONS
from booking.services.corrections import Details
from booking.settings import settings
from booking.web.office import said
from booking.web.office.fields import text_of
from booking.web.validators import Cleaned, line, words
from booking.web.widgets import (
    GovCheckboxInput,
    GovEmailInput,
    GovRadioInput,
    GovSelect,
    GovTelInput,
    GovTextArea,
    GovTextInput,
    options,
)


def _ways_there_are() -> list[Channel]:
    """Return by which ways somebody may be reached; text messages only where somebody sends them."""
    return [one for one in Channel if one is not Channel.TEXT or settings().sends_texts]


class DetailsForm(FlaskForm):
    """What somebody says of herself on the phone; the browser of the office fills in nothing."""

    full_name = StringField(
        _l("Full name"), validators=[line(200, _l("Enter the full name"))], widget=GovTextInput("off")
    )
    known_as = StringField(
        _l("The name they like to be called"),
        description=_l("The hosts see this name. Leave it empty and we use the first name."),
        validators=[line(100)],
        widget=GovTextInput("off"),
    )
    phone = TelField(
        _l("Phone number (optional)"), validators=[Cleaned(clean_phone)], widget=GovTelInput("off")
    )
    email = EmailField(
        _l("Email address (optional)"),
        description=_l(
            "Spell it back. Until they follow a link that we send to it, no letters go there: "
            "we call instead. They get a link with Sign in."
        ),
        validators=[Cleaned(clean_email)],
        widget=GovEmailInput("off"),
    )
    address = TextAreaField(_l("Postal address (optional)"), validators=[words(450)], widget=GovTextArea())
    channel = RadioField(
        _l("How they would like to be reached"),
        default=Channel.CALL.value,
        validators=[InputRequired(_l("Choose how they would like to be reached"))],
        widget=GovRadioInput(),
    )
    who = RadioField(
        _l("Why they come"),
        choices=options((who.value, words) for who, words in said.WHO.items()),
        validators=[InputRequired(_l("Choose why they come"))],
        widget=GovRadioInput(),
    )
    access_needs = TextAreaField(
        _l("What would help them take part (optional)"),
        description=_l("The hosts of their sessions see this. No diagnosis, no treatment."),
        validators=[words(500)],
        widget=GovTextArea(),
    )
    nation = SelectField(_l("Nation (optional)"), default="", widget=GovSelect())
    region = StringField(_l("Town or area (optional)"), validators=[line(100)], widget=GovTextInput("off"))

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        chosen = [("", _l("Not known")), *((nation, nation) for nation in NATIONS)]
        self.nation.choices = options(chosen)
        self.channel.choices = options((one.value, said.CHANNELS[one]) for one in _ways_there_are())

    def details(self) -> Details:
        """Return what was typed, once it has been checked."""
        full_name = text_of(self.full_name)
        return Details(
            full_name=full_name,
            known_as=(text_of(self.known_as) or full_name.split(" ")[0])[:100],
            who=Who(text_of(self.who)),
            phone=text_of(self.phone),
            email=text_of(self.email),
            address=text_of(self.address),
            channel=Channel(text_of(self.channel)),
            access_needs=text_of(self.access_needs),
            nation=text_of(self.nation),
            region=text_of(self.region),
        )


class AddPersonForm(DetailsForm):
    """Somebody new, who has just heard what we keep and said yes."""

    agrees = BooleanField(
        _l("I have read this out, and they said yes"),
        validators=[DataRequired(_l("Read the words out, and tick the box if they say yes"))],
        widget=GovCheckboxInput(),
    )
    anyway = BooleanField(_l("Add anyway: this is somebody else"), widget=GovCheckboxInput())


class SaidForm(FlaskForm):
    """Nothing but a button: what it does stands on the page."""


def as_kept(known: Known) -> dict[str, str]:
    """Return what is kept of somebody, for the form that corrects it."""
    person = known.person

    def first(kind: ContactKind) -> str:
        return next((point.written for point in known.written(kind)), "")

    return {
        "full_name": person.full_name,
        "known_as": person.known_as,
        "phone": first(ContactKind.PHONE),
        "email": first(ContactKind.EMAIL),
        "address": first(ContactKind.POST),
        "channel": (person.channel if person.channel in _ways_there_are() else Channel.CALL).value,
        "who": person.who.value,
        "access_needs": person.access_needs,
        "nation": person.nation,
        "region": person.region,
    }


def as_looked_for(words: str) -> dict[str, str]:
    """Return what was typed to find somebody who is not here yet, in the box where it belongs."""
    if "@" in words:
        return {"email": words}
    if any(sign.isdigit() for sign in words):
        return {"phone": words}
    return {"full_name": words}
