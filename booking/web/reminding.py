"""When somebody is reminded, in words and forms: on her own pages and on the office's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from typing import TYPE_CHECKING, Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_wtf import FlaskForm
from wtforms import BooleanField, RadioField, SelectField, SubmitField
from wtforms.validators import InputRequired

from booking.queries.reminders import rhythm_of
from booking.rules.reminders import FIRST_HOUR, LAST_HOUR, MOST_DAYS_BEFORE, Rhythm
from booking.rules.words import time_words
from booking.services.reminders import Wish
from booking.web.widgets import GovCheckboxInput, GovRadioInput, GovSelect, GovSubmitInput, options

if TYPE_CHECKING:
    from booking.models import Booking, Person

# What a form calls each pair of wishes: two days before, that morning.
WISHES = {
    (True, False): "two_days",
    (False, True): "that_morning",
    (True, True): "both",
    (False, False): "none",
}
AS_ALWAYS = "always"
_PAIRS = {name: pair for pair, name in WISHES.items()}
_HOURS = [(str(hour), time_words(time(hour))) for hour in range(FIRST_HOUR, LAST_HOUR + 1)]


def when_words(rhythm: Rhythm) -> dict[str, str]:
    """Say what each choice means to whoever is reminded in this rhythm."""
    days, that_day = time_words(time(rhythm.hour)), time_words(time(rhythm.morning_hour))
    before = ngettext(
        "%(num)d day before, at %(time)s", "%(num)d days before, at %(time)s", rhythm.days_before, time=days
    )
    on_the_day = _("That morning, at %(time)s", time=that_day)
    if rhythm.morning_hour >= 12:
        on_the_day = _("That day, at %(time)s", time=that_day)
    return {
        "two_days": str(before),
        "that_morning": str(on_the_day),
        "both": str(_("Both")),
        "none": str(_("No reminders")),
    }


def said_of(person: Person) -> str:
    """Say when somebody is reminded, whole: "Both: 2 days before, at 10am. That morning, at 8am"."""
    words, chosen = when_words(rhythm_of(person)), wish_of(person)
    if chosen != "both":
        return words[chosen]
    return str(_("Both: %(before)s. %(that_day)s", before=words["two_days"], that_day=words["that_morning"]))


def said_of_place(booking: Booking) -> str:
    """Say what she chose for one place alone, or nothing where she chose nothing apart."""
    alone = wish_for_place(booking)
    return (
        "" if alone == AS_ALWAYS or booking.person is None else when_words(rhythm_of(booking.person))[alone]
    )


def wish_of(person: Person) -> str:
    """Return what a form calls what somebody chose once for all."""
    return WISHES[person.remind_two_days, person.remind_that_morning]


def wish_for_place(booking: Booking) -> str:
    """Return what a form calls what she chose for one place."""
    pair = booking.remind_two_days, booking.remind_that_morning
    return AS_ALWAYS if None in pair else WISHES[bool(pair[0]), bool(pair[1])]


def pair_of(chosen: str | None) -> tuple[bool, bool] | None:
    """Return the two wishes that a form's choice means; None: as she chose once for all."""
    return _PAIRS.get(chosen or "")


def _when(question: Any) -> RadioField:
    # The words of the choices are hers, so they are put in when the form is made.
    return RadioField(
        question,
        validators=[InputRequired(_l("Choose when we shall remind you"))],
        widget=GovRadioInput(),
    )


def _hour(label: Any) -> SelectField:
    return SelectField(label, choices=options(_HOURS), widget=GovSelect())


def _days() -> SelectField:
    return SelectField(
        _l("How many days before"),
        choices=options((str(days), str(days)) for days in range(1, MOST_DAYS_BEFORE + 1)),
        widget=GovSelect(),
    )


class RemindersForm(FlaskForm):
    """Which reminders she wants."""

    when = _when(_l("When shall we remind you?"))
    submit = SubmitField(_l("Save"), widget=GovSubmitInput())

    def __init__(self, words: Mapping[str, str], **kept: Any) -> None:
        super().__init__(**kept)
        self.when.choices = options(words.items())


class TimesForm(FlaskForm):
    """Earlier or later: at which days and hours reminders come."""

    days_before = _days()
    hour = _hour(_l("At what time on that day"))
    morning_hour = _hour(_l("At what time on the day of the session"))
    submit = SubmitField(_l("Save"), widget=GovSubmitInput())

    def rhythm(self) -> Rhythm:
        """Return what was chosen, once it has been checked."""
        return Rhythm(int(self.days_before.data), int(self.hour.data), int(self.morning_hour.data))


class RemindersForThemForm(TimesForm):
    """What somebody on the phone would like, all in one."""

    when = RadioField(
        _l("Which reminders would they like?"),
        choices=options(
            [
                ("two_days", _l("Some days before")),
                ("that_morning", _l("On the day")),
                ("both", _l("Both")),
                ("none", _l("No reminders")),
            ]
        ),
        validators=[InputRequired(_l("Choose which reminders they would like"))],
        widget=GovRadioInput(),
    )

    may_leave_word = BooleanField(
        _l("They said we may leave word: on an answering machine, or with whoever picks up"),
        widget=GovCheckboxInput(),
    )

    def wish(self) -> Wish:
        """Return what was chosen, once it has been checked."""
        two_days, that_morning = _PAIRS[self.when.data]
        return Wish(two_days, that_morning, self.rhythm())


def times_as_kept(person: Person) -> dict[str, str]:
    """Return the days and hours of somebody as the form shows them."""
    return {
        "days_before": str(person.remind_days_before),
        "hour": str(person.remind_hour),
        "morning_hour": str(person.morning_hour),
    }
