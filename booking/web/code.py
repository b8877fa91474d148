"""The code from a letter, typed where the letter was asked for."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField, SubmitField

from booking.web.validators import line
from booking.web.widgets import GovDigitsInput, GovSubmitInput


class CodeForm(FlaskForm):
    """The six digits from the letter."""

    code = StringField(
        _l("Code from the letter"),
        description=_l("Six digits, such as 123 456. Spaces don't matter."),
        validators=[line(40, _l("Enter the six digits from the letter"))],
        widget=GovDigitsInput(),
    )
    submit = SubmitField(_l("Sign in"), widget=GovSubmitInput())


class HeldCodeForm(CodeForm):
    """The same six digits, where they make a place hers."""

    code = StringField(
        _l("Or type the code from the letter"),
        description=_l("Six digits, such as 123 456. Spaces don't matter."),
        validators=[line(40, _l("Enter the six digits from the letter"))],
        widget=GovDigitsInput(),
    )
    submit = SubmitField(_l("Confirm my place"), widget=GovSubmitInput())
