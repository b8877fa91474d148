"""The few things asked of somebody new, wherever she arrives: to register, or with a place in mind."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, RadioField, StringField, TelField
from wtforms.validators import DataRequired, InputRequired

from booking.models.kinds import Who
from booking.refusals import WayToReachNeeded
from booking.services.arriving import Registration
from booking.web.validators import email_address, line, phone_number
from booking.web.widgets import (
    GovCheckboxInput,
    GovEmailInput,
    GovRadioInput,
    GovTelInput,
    GovTextInput,
    options,
)

WHO = {
    Who.PATIENT: _l("I live with secondary breast cancer"),
    Who.WITH_SOMEONE: _l("I am here with someone"),
    Who.OTHER: _l("Other"),
}


def who_field() -> RadioField:
    """Ask the one thing that is asked about her situation."""
    return RadioField(
        _l("Which of these are you?"),
        choices=options((who.value, said) for who, said in WHO.items()),
        validators=[InputRequired(_l("Choose which of these you are"))],
        widget=GovRadioInput(),
    )


class NamesForm(FlaskForm):
    """What somebody is called."""

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


class NewcomerForm(NamesForm):
    """Who she is and one way to reach her."""

    email = EmailField(
        _l("Email address"),
        description=_l("We send a link to it, so that we know it is yours."),
        validators=[email_address()],
        widget=GovEmailInput(),
    )
    phone = TelField(
        _l("Phone number"),
        description=_l("Without an email address, we call you instead."),
        validators=[phone_number()],
        widget=GovTelInput(),
    )
    who = who_field()

    def validate(self, extra_validators: Any = None) -> bool:
        """Check each field, and that there is one way to reach her."""
        fine = bool(super().validate(extra_validators))
        reached = self.email.data or self.phone.data or self.email.errors or self.phone.errors
        if not reached:
            self.email.errors = [str(WayToReachNeeded.sentence)]
        return fine and bool(reached)

    def registration(self, agrees: bool) -> Registration:
        """Return what she said; without a name she likes it is the first word of her full name."""
        full_name = self.full_name.data or ""
        return Registration(
            full_name=full_name,
            known_as=str(self.known_as.data or full_name.split(" ")[0])[:100],
            email=self.email.data or "",
            who=Who(self.who.data),
            agrees=agrees,
            phone=self.phone.data or "",
        )


def consent_box() -> Any:
    """Return the one box to tick, to be put beneath everything else that a form asks."""
    return BooleanField(
        _l("I agree that you keep these details"),
        validators=[DataRequired(_l("Tick the box if you agree, so that we may keep your details"))],
        widget=GovCheckboxInput(),
    )
