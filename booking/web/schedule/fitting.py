"""Is this group for me? Three questions; the answers are used for one page and kept nowhere."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, RadioField

from booking import clock
from booking.models.kinds import Mode, Situation
from booking.queries import fitting as asked
from booking.queries.fitting import NextOf
from booking.rules.fitting import Answers, Fit, Reason, Where, Wish, fit, rank
from booking.rules.words import day_words_short, time_words
from booking.web.doors import Door, opens_for
from booking.web.schedule import blueprint
from booking.web.widgets import GovRadioInput, options

_Word = TypeVar("_Word", bound=StrEnum)

_EITHER = "either"
_SITUATIONS = {
    Situation.NEWLY_TOLD: _l("I have been told recently"),
    Situation.IN_TREATMENT: _l("I am in treatment"),
    Situation.LIVING: _l("I have been living with it for a while"),
    Situation.SUPPORTING: _l("I am supporting somebody"),
}
_WISHES = {Wish.COMPANY: _l("Company: people to talk with"), Wish.DOING: _l("Something to do together")}
_WHERES = {Where.HOME: _l("From home, online"), Where.ROOM: _l("In a room with others")}
# For whom a series is made, where it is not for the person who asks.
_OTHERS = {
    Situation.NEWLY_TOLD: _l("people who have been told recently"),
    Situation.IN_TREATMENT: _l("people in treatment"),
    Situation.LIVING: _l("people who have been living with it for a while"),
    Situation.SUPPORTING: _l("family and friends"),
}
_SAID = {
    Reason.WELCOMES_FAMILY: _l("Family and friends are welcome here."),
    Reason.COMPANY_IN_A_ROOM: _l("Company in a room. You can just listen."),
    Reason.COMPANY_FROM_HOME: _l("Company from home. Your camera can stay off."),
    Reason.COMPANY_EITHER_WAY: _l("Company, in the room or from home: you choose."),
    Reason.DOING_IN_A_ROOM: _l("Something to do together in a room, at your own pace."),
    Reason.DOING_FROM_HOME: _l("Something to do from home, at your own pace."),
    Reason.DOING_EITHER_WAY: _l("Something to do together, in the room or from home."),
    Reason.FOR_PATIENTS: _l("For people who live with secondary breast cancer themselves."),
    Reason.FROM_HOME: _l("It meets online only."),
    Reason.A_CLASS: _l("It is a class: something to do, with less time to talk."),
    Reason.A_TALK: _l("It is for company and talking, without anything to do."),
}


class FittingForm(FlaskForm):
    """Three plain questions; one left open, or answered with what nobody offered, is "I'm not sure"."""

    situation = RadioField(
        _l("Which is closest to you?"),
        choices=options(
            [
                *((key.value, words) for key, words in _SITUATIONS.items()),
                (_EITHER, _l("I'm not sure, or none of these")),
            ]
        ),
        validate_choice=False,
        widget=GovRadioInput(),
    )
    wish = RadioField(
        _l("What would you like?"),
        choices=options(
            [
                *((key.value, words) for key, words in _WISHES.items()),
                (_EITHER, _l("Either, or I'm not sure")),
            ]
        ),
        validate_choice=False,
        widget=GovRadioInput(),
    )
    where = RadioField(
        _l("Where would you like to be?"),
        choices=options(
            [
                *((key.value, words) for key, words in _WHERES.items()),
                (_EITHER, _l("Either, or I'm not sure")),
            ]
        ),
        validate_choice=False,
        widget=GovRadioInput(),
    )

    def answers(self) -> Answers:
        """Return what was chosen; what was left open rules nothing out."""
        return Answers(_said(self.situation, Situation), _said(self.wish, Wish), _said(self.where, Where))


@dataclass(frozen=True, slots=True)
class Found:
    """A series with the one sentence why, or why not."""

    series: NextOf
    when: str
    where: str
    why: str


@blueprint.route("/sessions/for-me", methods=["GET", "POST"])
@opens_for(Door.ANYONE)
def fitting() -> ResponseReturnValue:
    """Ask three questions; answer them on the spot, so that no address, cookie, row or log holds them.

    It is not counted by the throttle either, which would keep that somebody was here.
    """
    form = FittingForm()
    if not form.validate_on_submit():
        return render_template("schedule/fitting.html", form=form, found=None), 422 if form.errors else 200
    answers = form.answers()
    judged = [(fit(answers, series.offered), series) for series in asked.coming_series(clock.now())]
    # What is as good stays in the order of its next dates.
    fits = sorted((each for each in judged if each[0].fits), key=lambda each: rank(each[0]))
    others = [each for each in judged if not each[0].fits]
    return render_template(
        "schedule/fitting.html",
        form=form,
        found=[_found(series, _why(answers, result, series)) for result, series in fits],
        others=[_found(series, _why(answers, result, series)) for result, series in others],
    )


def _why(answers: Answers, result: Fit, series: NextOf) -> str:
    match result.reason:
        case Reason.MADE_FOR_YOU:
            return str(_("Made for %(people)s.", people=_OTHERS[Situation(answers.situation or "")]))
        case Reason.FOR_OTHERS:
            return str(_("Made for %(people)s.", people=_people(series.offered.suits)))
        case Reason.FOR_SOME:
            # For whom it is, it says best itself.
            return series.first_words or str(_("For some people: its name says for whom."))
        case Reason.IN_A_ROOM:
            where = series.venue or series.nation
            return str(_("It meets in a room: %(place)s.", place=where))
    return str(_SAID[result.reason])


def _people(suits: frozenset[str]) -> str:
    named = [str(words) for key, words in _OTHERS.items() if key in suits]
    if len(named) < 2:
        return "".join(named)
    return str(_("%(names)s and %(last)s", names=", ".join(named[:-1]), last=named[-1]))


def _found(series: NextOf, why: str) -> Found:
    when = _("Next: %(day)s, %(time)s", day=day_words_short(series.next_on), time=time_words(series.next_at))
    if series.mode is Mode.ONLINE:
        where = _("Online")
    else:
        how = _("In person or online") if series.mode is Mode.HYBRID else _("In person")
        where = f"{how} · {series.venue}" if series.venue else how
    return Found(series, str(when), str(where), why)


def _said(field: Field, words: type[_Word]) -> _Word | None:
    return next((word for word in words if word == field.data), None)
