"""Writing once to many, as hosts and the office do it: write, look, send."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import flash, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_wtf import FlaskForm
from wtforms import BooleanField, StringField, TextAreaField

from booking.messages.letters.announcements import Look, look_at_announcement, look_at_news
from booking.queries import announcements as asked
from booking.queries.announcements import Audience
from booking.refusals import NotFound, Refusal, SaidJustNow
from booking.rules.announcements import LONGEST_HEADING, LONGEST_WORDS, names_in
from booking.rules.wall_time import to_local
from booking.rules.words import day_words, time_words
from booking.web.validators import line, words
from booking.web.widgets import GovCheckboxInput, GovTextArea, GovTextInput

LOOK, SEND = "look", "send"


class EverybodyForm(FlaskForm):
    """What somebody writes to everybody of a date."""

    words = TextAreaField(
        _l("What would you like to say?"),
        description=_l(
            "Such as “The lift is out of order, please use the side door”. "
            "Write no names of people who come, and nothing about anybody's health."
        ),
        validators=[words(LONGEST_WORDS, _l("Write what you would like to say"))],
        widget=GovTextArea(),
    )
    includes_waiting = BooleanField(_l("Also to those on the waiting list"), widget=GovCheckboxInput())


class NewsForm(FlaskForm):
    """What the office writes to everybody who asked for news."""

    heading = StringField(
        _l("Heading"),
        description=_l("It stands in the letter, not in its subject: nobody's lock screen shows it."),
        validators=[line(LONGEST_HEADING, _l("Write a heading"))],
        widget=GovTextInput("off"),
    )
    words = TextAreaField(
        _l("What is new?"),
        validators=[words(LONGEST_WORDS, _l("Write what is new"))],
        widget=GovTextArea(),
    )


@dataclass(frozen=True)
class Preview:
    """What is looked at before it is sent: the letter, how many read it, names that don't belong in it."""

    look: Look
    audience: Audience
    names: Sequence[str]

    @property
    def paragraphs(self) -> list[list[str]]:
        """Return the letter's text as lines, part by part."""
        return [part.splitlines() for part in self.look.text.split("\n\n")]


def step() -> str:
    """Say which button was pressed; a page that was only opened has none."""
    return request.form.get("step", "") if request.method == "POST" else ""


def everybody_form(has_waiting_list: bool) -> EverybodyForm:
    """Return the form; where nobody can wait, nobody is asked about those who do."""
    form = EverybodyForm()
    if not has_waiting_list:
        del form.includes_waiting
    return form


def includes_waiting(form: EverybodyForm) -> bool:
    """Say whether those on the waiting list are meant as well."""
    return "includes_waiting" in form and bool(form.includes_waiting.data)


def of_session(session_id: int, form: EverybodyForm, author_id: int, now: datetime) -> Preview:
    """Return what a message to everybody of a date comes to."""
    typed = form.words.data or ""
    return Preview(
        look_at_announcement(session_id, typed, author_id),
        asked.audience(session_id, includes_waiting(form), now),
        names_in(typed, asked.names_on_list(session_id)),
    )


def of_news(form: NewsForm, now: datetime) -> Preview:
    """Return what a piece of news comes to."""
    look = look_at_news(form.heading.data or "", form.words.data or "")
    return Preview(look, asked.news_audience(now), [])


def goes_out(form: FlaskForm, send: Callable[[], int]) -> bool:
    """Send, say so, and say whether it was; a polite no stands above the form, and nothing typed is lost.

    Whoever pressed twice has sent it: she reads when, and is asked nothing.
    """
    try:
        send()
    except NotFound:
        raise
    except SaidJustNow as already:
        flash(str(already.sentence), "notice")
        return True
    except Refusal as refusal:
        sentence = str(refusal.sentence)
        if refusal.field and refusal.field in form:
            form[refusal.field].errors = [*form[refusal.field].errors, sentence]
        else:
            form.form_errors.append(sentence)
        return False
    flash(sent_words(), "success")
    return True


def reach_words(audience: Audience, in_office: bool = False) -> str:
    """Say how many people it goes to, and how many of those somebody has to call or to write to on paper.

    The office reads where it finds that work, everybody else who does it.
    """
    if not audience.people:
        return str(_("Nobody would get it just now, so there is nothing to send."))
    said = [ngettext("It goes to %(num)s person.", "It goes to %(num)s people.", audience.people)]
    if in_office:
        said += _work_of_the_office(audience)
        return " ".join(str(each) for each in said)
    if audience.calls:
        said.append(
            ngettext(
                "%(num)s of them has to be called: the office does that.",
                "%(num)s of them have to be called: the office does that.",
                audience.calls,
            )
        )
    if audience.by_post:
        said.append(
            ngettext(
                "%(num)s of them gets it by post: the office prints it.",
                "%(num)s of them get it by post: the office prints it.",
                audience.by_post,
            )
        )
    return " ".join(str(each) for each in said)


def _work_of_the_office(audience: Audience) -> list[str]:
    """Say how many you have to call and to write to on paper, and where that stands."""
    said = []
    if audience.calls:
        said.append(
            ngettext(
                "%(num)s of them has to be called: you find the call on Today.",
                "%(num)s of them have to be called: you find the calls on Today.",
                audience.calls,
            )
        )
    if audience.by_post:
        said.append(
            ngettext(
                "%(num)s of them gets it by post: you print it from Letters to post.",
                "%(num)s of them get it by post: you print it from Letters to post.",
                audience.by_post,
            )
        )
    return [str(each) for each in said]


def sent_words() -> str:
    """Say that it is on its way."""
    return str(_("Sent. Each person gets a message of their own, and nobody sees who else does."))


def when_words(at: datetime) -> str:
    """Say when it was sent: "Thursday 20 August 2026, 10:30am"."""
    local = to_local(at)
    return f"{day_words(local.date())}, {time_words(local.time())}"
