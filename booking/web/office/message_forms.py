"""What the office looks for among the messages, and when somebody is to be called again."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField

from booking.web.office import said
from booking.web.validators import line
from booking.web.widgets import GovSearchInput, GovSelect, options


class FindMessagesForm(FlaskForm):
    """Whose messages, of which kind. It is sent by POST, so that no name stands in an address or a log."""

    words = StringField(
        _l("To whom (optional)"),
        description=_l("A part of the name, the email address or the phone number."),
        validators=[line(100)],
        widget=GovSearchInput("off"),
    )
    kind = SelectField(
        _l("Kind"),
        choices=options([("", _l("Any kind")), *said.KINDS.items()]),
        default="",
        widget=GovSelect(),
    )
    state = SelectField(
        _l("State"),
        choices=options([("", _l("Any state")), *said.STATES.items()]),
        default="",
        widget=GovSelect(),
    )
    channel = SelectField(
        _l("Way"),
        choices=options([("", _l("Any way")), *said.CHANNELS.items()]),
        default="",
        widget=GovSelect(),
    )
