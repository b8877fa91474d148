"""The form of something that somebody else runs."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired

from booking.models.kinds import ListingKind
from booking.rules.nations import NATIONS
from booking.services.listings import ListingFacts
from booking.web.days import DayField
from booking.web.listing_words import KINDS
from booking.web.office.fields import text_of
from booking.web.validators import line, words
from booking.web.widgets import GovRadioInput, GovSelect, GovTextArea, GovTextInput, GovUrlInput, options


class ListingForm(FlaskForm):
    """What everybody reads of it; the link leads to whoever runs it."""

    seen = HiddenField()
    kind = RadioField(
        _l("What it is"),
        choices=options((kind.value, words) for kind, words in KINDS.items()),
        validators=[InputRequired(_l("Choose what it is"))],
        widget=GovRadioInput(),
    )
    title = StringField(
        _l("Title"), validators=[line(200, _l("Enter the title"))], widget=GovTextInput("off")
    )
    run_by = StringField(
        _l("Who runs it"),
        description=_l("Their name, so that nobody takes it for ours."),
        validators=[line(200, _l("Say who runs it"))],
        widget=GovTextInput("off"),
    )
    url = StringField(
        _l("Their web page about it"),
        description=_l("People read more there, and book or apply there. Copy it from the browser."),
        validators=[line(500, _l("Enter a web address that begins with https:// or http://"))],
        widget=GovUrlInput("off"),
    )
    starts_on = DayField(_l("First day"), _l("Enter the first day"))
    ends_on = DayField(_l("Last day (leave empty for one day)"))
    when_words = StringField(
        _l("When, in their own words (optional)"),
        description=_l("Such as: 10am to 4pm, or: every first Monday"),
        validators=[line(200)],
        widget=GovTextInput("off"),
    )
    place = StringField(
        _l("Place (optional)"),
        description=_l("Such as: Lakeside House, Windermere. Leave it empty if it is online."),
        validators=[line(200)],
        widget=GovTextInput("off"),
    )
    nation = SelectField(_l("Where"), default="", widget=GovSelect())
    description = TextAreaField(
        _l("What it is like (optional)"), validators=[words(2000)], widget=GovTextArea()
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        places = [(nation, nation) for nation in NATIONS]
        self.nation.choices = options(
            [("", _("Choose")), *places, ("UK", _("Online, or anywhere in the UK"))]
        )

    def facts(self) -> ListingFacts:
        """Return what was typed, once it has been checked."""
        return ListingFacts(
            kind=ListingKind(text_of(self.kind)),
            title=text_of(self.title),
            run_by=text_of(self.run_by),
            nation=text_of(self.nation),
            starts_on=self.starts_on.day,
            ends_on=self.ends_on.data or self.starts_on.day,
            url=text_of(self.url),
            place=text_of(self.place),
            when_words=text_of(self.when_words),
            description=text_of(self.description),
        )
