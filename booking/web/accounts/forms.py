"""The forms of registering, signing in and My details."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    EmailField,
    HiddenField,
    RadioField,
    StringField,
    SubmitField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired

from booking.models.kinds import Who
from booking.web.validators import email_address, line, words
from booking.web.widgets import (
    GovCheckboxInput,
    GovEmailInput,
    GovRadioInput,
    GovSubmitInput,
    GovTextArea,
    GovTextInput,
    options,
)

WHO = {
    Who.PATIENT: _l("I live with secondary breast cancer"),
    Who.WITH_SOMEONE: _l("I am here with someone"),
    Who.OTHER: _l("Other"),
}


class RegisterForm(FlaskForm):
    """The few things asked of somebody new."""

    full_name = StringField(
        _l("Your full name"),
        validators=[line(200, _l("Enter your full name"))],
        widget=GovTextInput("name"),
    )
    known_as = StringField(
        _l("The name you like to be called"),
        description=_l("The hosts see this name. Leave it empty and we use your first name."),
        validators=[line(100)],
        widget=GovTextInput("nickname"),
    )
    email = EmailField(
        _l("Email address"),
        description=_l("We send a link to it, so that we know it is yours."),
        validators=[email_address(_l("Enter your email address"))],
        widget=GovEmailInput(),
    )
    who = RadioField(
        _l("Which of these are you?"),
        choices=options((who.value, said) for who, said in WHO.items()),
        validators=[InputRequired(_l("Choose which of these you are"))],
        widget=GovRadioInput(),
    )
    agrees = BooleanField(
        _l("I agree that you keep these details"),
        validators=[DataRequired(_l("Tick the box if you agree, so that we may keep your details"))],
        widget=GovCheckboxInput(),
    )
    next = HiddenField()
    submit = SubmitField(_l("Register"), widget=GovSubmitInput())

    def first_name(self) -> str:
        """Return the name she likes, or the first word of her full name."""
        return str(self.known_as.data or (self.full_name.data or "").split(" ")[0])[:100]


class SignInForm(FlaskForm):
    """One address: the rest is in the letter."""

    email = EmailField(
        _l("Email address"),
        validators=[email_address(_l("Enter your email address"))],
        widget=GovEmailInput(),
    )
    next = HiddenField()
    submit = SubmitField(_l("Email me a link"), widget=GovSubmitInput())


class WhoAreYouForm(FlaskForm):
    """Which person at a shared address is reading."""

    person = RadioField(_l("Choose your name"), coerce=int, validate_choice=False, widget=GovRadioInput())


WHEN = {
    "two_days": _l("2 days before, at 10am"),
    "that_morning": _l("That morning, at 8am"),
    "both": _l("Both"),
    "none": _l("No reminders"),
}


class RemindersForm(FlaskForm):
    """When to be reminded."""

    when = RadioField(
        _l("When shall we remind you?"),
        choices=options(WHEN.items()),
        validators=[InputRequired(_l("Choose when we shall remind you"))],
        widget=GovRadioInput(),
    )
    submit = SubmitField(_l("Save"), widget=GovSubmitInput())


class AccessNeedsForm(FlaskForm):
    """What helps somebody to take part."""

    needs = TextAreaField(
        _l("What would help you take part?"),
        description=_l(
            "For example: I lip-read and sit near the host. I use a wheelchair. "
            "The hosts of your sessions see this. You can leave it empty."
        ),
        validators=[words(500)],
        widget=GovTextArea(),
    )
    submit = SubmitField(_l("Save"), widget=GovSubmitInput())
