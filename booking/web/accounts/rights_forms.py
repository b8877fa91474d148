"""The forms of her rights."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SubmitField, TextAreaField

from booking.web.validators import words
from booking.web.widgets import GovSubmitInput, GovTextArea


class CloseForm(FlaskForm):
    """One button: the page above it says what it does."""

    submit = SubmitField(_l("Close my account"), widget=GovSubmitInput())


class ComplaintForm(FlaskForm):
    """What is wrong with how her details are used."""

    words = TextAreaField(
        _l("What happened, or what worries you?"),
        description=_l("As much or as little as you like. You need not know any rules or laws."),
        validators=[words(2000, _l("Write what happened, or what worries you"))],
        widget=GovTextArea(),
    )
    submit = SubmitField(_l("Send my complaint"), widget=GovSubmitInput())
