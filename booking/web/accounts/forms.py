"""The forms of registering, signing in and My details."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    EmailField,
    HiddenField,
    RadioField,
    SubmitField,
    TextAreaField,
)

from booking.web.newcomer import NewcomerForm, consent_box
from booking.web.validators import email_address, words
from booking.web.widgets import (
    GovEmailInput,
    GovRadioInput,
    GovSubmitInput,
    GovTextArea,
)


class RegisterForm(NewcomerForm):
    """The few things asked of somebody new."""

    agrees = consent_box()
    next = HiddenField()
    submit = SubmitField(_l("Register"), widget=GovSubmitInput())


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
