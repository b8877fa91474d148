"""The forms of the second factor: six digits, or a recovery code."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField, SubmitField

from booking.web.validators import line
from booking.web.widgets import GovDigitsInput, GovSubmitInput, GovTextInput


class CodeForm(FlaskForm):
    """The six digits that the app shows at this moment."""

    code = StringField(
        _l("The 6 digits from your app"),
        validators=[line(50, _l("Enter the 6 digits from your app"))],
        widget=GovDigitsInput(),
    )
    submit = SubmitField(_l("Continue"), widget=GovSubmitInput())


class RecoveryCodeForm(FlaskForm):
    """One of the ten codes that were kept for this day."""

    code = StringField(
        _l("One of your recovery codes"),
        description=_l("It looks like k7qp-3m2x-9hdw. Capitals and dashes do not matter."),
        validators=[line(50, _l("Enter one of your recovery codes"))],
        widget=GovTextInput("off"),
    )
    submit = SubmitField(_l("Continue"), widget=GovSubmitInput())
