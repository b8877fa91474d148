"""The forms of My details: each small, each optional, each saved by itself."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, RadioField, StringField, SubmitField, TelField, TextAreaField
from wtforms.validators import InputRequired

from booking.models.kinds import Channel
from booking.rules.addresses import clean_email, clean_phone
from booking.rules.nations import ELSEWHERE, NATIONS
from booking.settings import settings
from booking.web.days import DayField
from booking.web.newcomer import NamesForm, who_field
from booking.web.validators import Cleaned, line, words
from booking.web.widgets import (
    GovCheckboxInput,
    GovEmailInput,
    GovRadioInput,
    GovSubmitInput,
    GovTelInput,
    GovTextArea,
    GovTextInput,
    options,
)

CHANNELS = {
    Channel.EMAIL: _l("By email"),
    Channel.TEXT: _l("By text message"),
    Channel.CALL: _l("By a phone call"),
    Channel.POST: _l("By post"),
}
_RATHER_NOT = ("", _l("Prefer not to say"))


class NameForm(NamesForm):
    """What she is called, and why she comes."""

    who = who_field()
    submit = SubmitField(_l("Save"), widget=GovSubmitInput())


class ContactsForm(FlaskForm):
    """The ways to reach her."""

    email = EmailField(
        _l("Email address"),
        description=_l("If you change it, we send a link to the new one, so that we know it is yours."),
        validators=[Cleaned(clean_email)],
        widget=GovEmailInput(),
    )
    phone = TelField(
        _l("Phone number (optional)"),
        description=_l("For calls about a session, when an email might come too late."),
        validators=[Cleaned(clean_phone)],
        widget=GovTelInput(),
    )
    post = TextAreaField(
        _l("Postal address (optional)"),
        description=_l("Only needed if you would like letters by post."),
        validators=[words(450)],
        widget=GovTextArea(),
    )
    submit = SubmitField(_l("Save"), widget=GovSubmitInput())


class ReachForm(FlaskForm):
    """By which way she wants to hear from us."""

    channel = RadioField(
        _l("How shall we reach you?"),
        validators=[InputRequired(_l("Choose how we shall reach you"))],
        widget=GovRadioInput(),
    )
    may_leave_word = BooleanField(
        _l("When you call, you may leave word: on my answering machine, or with whoever picks up"),
        widget=GovCheckboxInput(),
    )
    submit = SubmitField(_l("Save"), widget=GovSubmitInput())

    def __init__(self, **kept: Any) -> None:
        super().__init__(**kept)
        self.channel.choices = options((one.value, CHANNELS[one]) for one in ways_there_are())


def ways_there_are() -> list[Channel]:
    """Return by which ways somebody may be reached; text messages only where somebody sends them."""
    return [one for one in Channel if one is not Channel.TEXT or settings().sends_texts]


def channel_words(wished: Channel) -> object:
    """Say how she is reached; whoever wished for text messages reads her email where nobody sends them."""
    return CHANNELS[wished if wished in ways_there_are() else Channel.EMAIL]


class WhereForm(FlaskForm):
    """Where she lives, as far as she says."""

    nation = RadioField(
        _l("Which nation do you live in?"),
        choices=options(
            [*((name, _l(name)) for name in NATIONS), (ELSEWHERE, _l("Somewhere else")), _RATHER_NOT]
        ),
        widget=GovRadioInput(),
    )
    region = StringField(
        _l("Town or area"),
        description=_l("For example: Leeds, or the Highlands. You can leave it empty."),
        validators=[line(100)],
        widget=GovTextInput("address-level2"),
    )
    submit = SubmitField(_l("Save"), widget=GovSubmitInput())


class EmergencyContactForm(FlaskForm):
    """Whom to call when she is taken ill."""

    name = StringField(_l("Name"), validators=[line(200, _l("Enter the name"))], widget=GovTextInput("off"))
    phone = TelField(
        _l("Phone number"),
        validators=[Cleaned(clean_phone, _l("Enter the phone number"))],
        widget=GovTelInput("off"),
    )
    submit = SubmitField(_l("Save"), widget=GovSubmitInput())


class PhotosForm(FlaskForm):
    """Whether she may be seen in photos."""

    answer = RadioField(
        _l("May we use photos in which you can be recognised?"),
        choices=options([("yes", _l("Yes, I agree")), ("no", _l("No"))]),
        validators=[InputRequired(_l("Choose yes or no"))],
        widget=GovRadioInput(),
    )
    submit = SubmitField(_l("Save"), widget=GovSubmitInput())


class NewsForm(FlaskForm):
    """Whether she would like news."""

    answer = RadioField(
        _l("Would you like news of new sessions?"),
        choices=options([("yes", _l("Yes, please")), ("no", _l("No, thank you"))]),
        validators=[InputRequired(_l("Choose yes or no"))],
        widget=GovRadioInput(),
    )
    submit = SubmitField(_l("Save"), widget=GovSubmitInput())


class PauseForm(FlaskForm):
    """How long she wants to be left in peace."""

    until = DayField(
        _l("Write to me again from (optional)"),
        description=_l("A day to come. Leave it empty, and we wait until you tell us."),
    )
    submit = SubmitField(_l("Pause letters"), widget=GovSubmitInput())


class PressForm(FlaskForm):
    """A page with one button."""


def _question(label: str, answers: list[tuple[str, object]], hint: str = "") -> RadioField:
    return RadioField(
        label,
        description=hint,
        choices=options([*answers, _RATHER_NOT]),
        default="",
        widget=GovRadioInput(),
    )


class EqualityForm(FlaskForm):
    """The equality questions, each of which may be passed over."""

    age_band = _question(
        _l("How old are you?"),
        [
            ("16-24", _l("16 to 24")),
            ("25-34", _l("25 to 34")),
            ("35-44", _l("35 to 44")),
            ("45-54", _l("45 to 54")),
            ("55-64", _l("55 to 64")),
            ("65-74", _l("65 to 74")),
            ("75+", _l("75 or over")),
        ],
    )
    ethnicity = _question(
        _l("What is your ethnic group?"),
        [
            ("asian", _l("Asian or Asian British")),
            ("black", _l("Black, Black British, Caribbean or African")),
            ("mixed", _l("Mixed or multiple ethnic groups")),
            ("white", _l("White")),
            ("other", _l("Another ethnic group, such as Arab")),
        ],
    )
    gender = _question(
        _l("Which of these describes you?"),
        [
            ("woman", _l("Woman")),
            ("man", _l("Man")),
            ("non_binary", _l("Non-binary")),
            ("other", _l("Another way")),
        ],
    )
    orientation = _question(
        _l("Which of these describes your sexual orientation?"),
        [
            ("straight", _l("Straight or heterosexual")),
            ("gay_or_lesbian", _l("Gay or lesbian")),
            ("bisexual", _l("Bisexual")),
            ("other", _l("Another way")),
        ],
    )
    disability = _question(
        _l("Do you have a disability, or a condition other than the one that brings you to us?"),
        [
            ("a_lot", _l("Yes, and it makes everyday life a lot harder")),
            ("a_little", _l("Yes, and it makes everyday life a little harder")),
            ("no", _l("No")),
        ],
        _l("Please don't tell us which one."),
    )
    agrees = BooleanField(_l("I agree that you keep these answers"), widget=GovCheckboxInput())
    submit = SubmitField(_l("Save"), widget=GovSubmitInput())
