"""The forms of a waiting list: for which places, and how she would like to be told."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, RadioField, SelectField, StringField, SubmitField

from booking.models.kinds import Pool
from booking.web.bookings.forms import row_id
from booking.web.newcomer import NewcomerForm, consent_box
from booking.web.validators import line
from booking.web.widgets import (
    GovCheckboxInput,
    GovRadioInput,
    GovSelect,
    GovSubmitInput,
    GovTextInput,
    options,
)

# How long before the start somebody may want to know. Units: hours.
_HOURS = (0, 2, 6, 12, 24, 48, 72, 168)
POOLS = {Pool.ROOM: _l("For a place in the room"), Pool.ONLINE: _l("For a place online")}


def notice_words(hours: int) -> str:
    """Say how much notice somebody needs."""
    if hours == 0:
        return str(_l("Any time until an hour before"))
    if hours % 24 == 0:
        return str(ngettext("At least %(num)s day before", "At least %(num)s days before", hours // 24))
    return str(ngettext("At least %(num)s hour before", "At least %(num)s hours before", hours))


def _late_field() -> Any:
    return BooleanField(
        _l("Tell me about late places too"),
        description=_l(
            "In the last 24 hours we tell everybody who asked, all at once. "
            "The first who says yes has the place."
        ),
        widget=GovCheckboxInput(),
    )


def _notice_field() -> Any:
    return SelectField(
        _l("How much notice do you need?"),
        description=_l("We don't offer you a place later than that. It counts for all your waiting lists."),
        coerce=int,
        widget=GovSelect(),
    )


def _pool_field() -> Any:
    return RadioField(
        _l("What would you like to wait for?"),
        validate_choice=False,
        widget=GovRadioInput(),
        render_kw={"class": "stacked"},
    )


def _companion_field() -> Any:
    return StringField(
        _l("Is somebody coming with you? Their first name"),
        description=_l(
            "Leave it empty if you come alone. For two we wait until two places are free together."
        ),
        validators=[line(100)],
        widget=GovTextInput(),
    )


class HowToTell(FlaskForm):
    """What both forms of somebody who waits ask: late places, and how much notice."""

    def offer_hours(self, now_hours: int) -> None:
        """Lay out the choices, with what she has at present among them."""
        hours = sorted({*_HOURS, now_hours})
        self["notice"].choices = options((each, notice_words(each)) for each in hours)


class WaitForm(HowToTell):
    """Joining a waiting list, for somebody who is known."""

    pool = _pool_field()
    companion = _companion_field()
    late = _late_field()
    notice = _notice_field()
    # Which of her bookings the page knew of.
    seen = HiddenField()
    submit = SubmitField(_l("Join the waiting list"), widget=GovSubmitInput())

    def seen_booking_id(self) -> int | None:
        """Return the booking the page knew of, or None when the form does not say."""
        return row_id(self.seen.data)


class FirstWaitForm(NewcomerForm, HowToTell):
    """Joining a waiting list, for somebody who was never here."""

    pool = _pool_field()
    companion = _companion_field()
    late = _late_field()
    notice = _notice_field()
    agrees = consent_box()
    submit = SubmitField(_l("Join the waiting list"), widget=GovSubmitInput())


class ChangeWaitForm(HowToTell):
    """How somebody who waits already would like to be told."""

    late = _late_field()
    notice = _notice_field()
    submit = SubmitField(_l("Save"), widget=GovSubmitInput())
