"""What somebody writes to us who has no need of an account."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField, TextAreaField

from booking.web.validators import line, words
from booking.web.widgets import GovTextArea, GovTextInput


class SomeoneHasDiedForm(FlaskForm):
    """Who has died, and how to reach whoever tells us: only the name is needed."""

    who = StringField(
        _l("Who has died?"),
        description=_l("The name, as far as you know it."),
        validators=[line(200, _l("Tell us the name of the person who has died"))],
        widget=GovTextInput("off"),
    )
    words = TextAreaField(
        _l("Anything that helps us find them (optional)"),
        description=_l("For example their town, their email address, or a session they came to."),
        validators=[words(2000)],
        widget=GovTextArea(),
    )
    from_name = StringField(_l("Your name (optional)"), validators=[line(100)], widget=GovTextInput("name"))
    reply_to = StringField(
        _l("Your phone number or email address (optional)"),
        description=_l("Only if we may call or write to you."),
        validators=[line(150)],
        widget=GovTextInput("off"),
    )

    def told(self) -> tuple[str, str, str, str]:
        """Return what was written, once it has been checked."""
        return (
            self.who.data or "",
            self.words.data or "",
            self.from_name.data or "",
            self.reply_to.data or "",
        )
