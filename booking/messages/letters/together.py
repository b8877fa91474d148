"""Several messages to one person in one letter: each is judged by itself, and each is said in full."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup
from sqlalchemy import Select, and_, bindparam, or_, select
from sqlalchemy.exc import SQLAlchemyError

from booking.db import db
from booking.messages.letters import links
from booking.messages.letters.facts import Fact
from booking.messages.letters.language import in_her_language
from booking.messages.letters.render import Indiscreet, block_of, on_paper, short_words_of, whole
from booking.messages.letters.results import (
    Aside,
    ByAnotherChannel,
    CalendarPart,
    Composed,
    Letter,
    Paper,
    Unwritable,
)
from booking.models import Message, Person
from booking.models.kinds import MessageKind, MessageState
from booking.rules.calendar import joined
from booking.rules.discreet import holds_forbidden

Write = Callable[[Message, datetime], Composed]
_ON_ITS_WAY = (MessageState.WAITING, MessageState.SENDING)
_TEXT, _HTML, _SHORT = "letters/together.txt", "letters/together.html", "letters/together_short.txt"
# A text message of more than this is sent in so many pieces that nobody reads the last one.
_LONGEST_SHORT = 600
# A longer subject is folded, and no lock screen shows its end.
_LONGEST_SUBJECT = 78


@dataclass(frozen=True)
class Part:
    """What one of the messages says, as it stands in the letter."""

    heading: str
    # In paragraphs: the office's own words, or the original ones.
    first: Sequence[str]
    before: str
    facts: Sequence[Fact]
    link_words: str
    link_url: str
    after: str
    last: Sequence[str]
    # What no lock screen may show stands at the end of its part, so that nobody wonders whose name it is.
    in_full: Sequence[Fact]


@cache
def whole_letter() -> Select[Message, Person]:
    """Ask for a message and after it all that has joined it, each with whoever reads it.

    Built once: it is asked for every letter.
    """
    leads = Message.id == bindparam("message_id")
    rides = and_(Message.joined_to_id == bindparam("message_id"), Message.state.in_(_ON_ITS_WAY))
    asked = select(Message, Person).outerjoin(Person, Person.id == Message.person_id).where(or_(leads, rides))
    return asked.order_by(leads.desc(), Message.id).execution_options(populate_existing=True)


def compose_whole(parts: Sequence[Message], now: datetime, write: Write) -> Composed:
    """Write a message and all that has joined it as one letter; alone, it is the letter it always was.

    What is no longer true of the others is named beside the letter. Where the first is no letter, nothing
    is said of them: they are tried by themselves.
    """
    message, *riders = parts
    led = write(message, now)
    if not isinstance(led, Letter):
        return led
    letters, aside = [led], list[Aside]()
    for rider in riders:
        composed = _tried(rider, now, write)
        if isinstance(composed, Letter) and composed.recipient == led.recipient and composed.paper:
            letters.append(composed)
        else:
            is_letter = isinstance(composed, Letter)
            alone = ByAnotherChannel(rider.channel, "by itself") if is_letter else composed
            aside.append(Aside(rider.id, alone))
    if len(letters) == 1:
        return replace(led, aside=tuple(aside))
    with in_her_language(db.session.get(Person, message.person_id)):
        return replace(_discreetly(letters), aside=tuple(aside))


def _tried(rider: Message, now: datetime, write: Write) -> Composed | Unwritable:
    try:
        return write(rider, now)
    except SQLAlchemyError:
        raise
    except Exception as fault:
        return Unwritable(type(fault).__name__)


def _discreetly(letters: Sequence[Letter]) -> Letter:
    """Combine letters in the office's words, or where these say too much beside each other, in our own."""
    try:
        return _combined(letters)
    except Indiscreet:
        return _combined([_in_original_words(letter) for letter in letters])


def _in_original_words(letter: Letter) -> Letter:
    assert letter.paper is not None
    subject, _text, _html = on_paper(letter.paper.kind, letter.paper.context)
    return replace(letter, subject=subject, paper=replace(letter.paper, opening=(), closing=()))


def _combined(letters: Sequence[Letter]) -> Letter:
    alone = [letter.paper for letter in letters if letter.paper is not None]
    letters = [_beside_others(letter) for letter in letters]
    papers = [letter.paper for letter in letters if letter.paper is not None]
    # The same words at the end of every part are said once, at the end of them all.
    is_one_closing = all(paper.closing == papers[0].closing for paper in papers)
    subject, lead = _first_words(papers)
    context: dict[str, Any] = {
        "greeting": papers[0].context.get("greeting", ""),
        "lead": lead,
        **_ways_on(alone),
        "unsubscribe_url": _the_same([letter.unsubscribe_url for letter in letters]),
        "subject": subject,
        "text_parts": [_part(letter, "txt", closes=not is_one_closing) for letter in letters],
        "html_parts": [_part(letter, "html", closes=not is_one_closing) for letter in letters],
        "closing": papers[0].closing if is_one_closing else (),
    }
    text, html = whole(_TEXT, _HTML, context)
    calendars = _calendars([letter.calendar for letter in letters if letter.calendar is not None])
    return replace(
        letters[0],
        subject=subject,
        text=text,
        html=html,
        calendar=calendars[0] if calendars else None,
        more_calendars=tuple(calendars[1:]),
        short=_short([*papers[:-1], alone[-1]], context),
        unsubscribe_url=context["unsubscribe_url"],
        reply_to=_the_same([letter.reply_to for letter in letters]),
        paper=None,
    )


def _beside_others(letter: Letter) -> Letter:
    """Leave out of a letter what the whole says once: that we are sorry, other dates, the way to them all."""
    paper = letter.paper
    assert paper is not None
    once: dict[str, Any] = {"together": True, "others": []}
    if paper.context.get("button_url") == links.sessions_url():
        once["button_url"] = ""
    return replace(letter, paper=replace(paper, context={**paper.context, **once}))


def _ways_on(papers: Sequence[Paper]) -> dict[str, Any]:
    """Return the one button, and once what several letters would have said: other dates, and the list."""
    others = {other.url: other for paper in papers for other in paper.context.get("others", ())}
    looks_on = any(paper.context.get("button_url") == links.sessions_url() for paper in papers)
    if looks_on and {paper.kind for paper in papers} == {MessageKind.SESSION_CANCELLED}:
        button = {"button_words": _("Find a session"), "button_url": links.sessions_url()}
        return {**button, "others": list(others.values()), "find_url": ""}
    button = {"button_words": _("My sessions"), "button_url": links.my_sessions_url()}
    find_url = links.sessions_url() if looks_on else ""
    return {**button, "others": list(others.values()), "find_url": find_url}


def _with_days(subject: str, papers: Sequence[Paper]) -> str:
    """Say on which days it is, where that is still a subject that a phone shows."""
    *first, last = dict.fromkeys(str(paper.context.get("day", "")) for paper in papers)
    days = _("%(first)s and %(last)s", first=", ".join(first), last=last) if first else last
    longer = f"{subject}, {days}"
    return longer if last and len(longer) <= _LONGEST_SUBJECT else subject


def _first_words(papers: Sequence[Paper]) -> tuple[str, str]:
    """Return the subject and the first sentence, which may stand on a lock screen and name no session."""
    kinds, count = {paper.kind for paper in papers}, len(papers)
    if kinds == {MessageKind.SESSION_CANCELLED}:
        subject = ngettext("Cancelled: %(num)d session", "Cancelled: %(num)d sessions", count)
        return _with_days(subject, papers), _(
            "These sessions have been cancelled and will not take place. We are sorry."
        )
    if kinds == {MessageKind.SESSION_CHANGED}:
        subject = ngettext("Changed: %(num)d session", "Changed: %(num)d sessions", count)
        return subject, _("These sessions have changed. What is new stands beneath each of them.")
    if MessageKind.SESSION_CHANGED in kinds:
        subject = ngettext(
            "Changed or cancelled: %(num)d session", "Changed or cancelled: %(num)d sessions", count
        )
        return subject, _("Of these sessions some have changed, and some will not take place. We are sorry.")
    if kinds <= {MessageKind.REMINDER, MessageKind.COURSE_STARTS}:
        subject = ngettext("Reminder: %(num)d session", "Reminder: %(num)d sessions", count)
        return subject, _("This is your reminder of these sessions.")
    subject = ngettext("For you: %(num)d reminder", "For you: %(num)d reminders", count)
    return subject, _("These are your reminders, together in one letter.")


def _part(letter: Letter, form: str, *, closes: bool) -> Part:
    paper = letter.paper
    assert paper is not None
    context, template = paper.context, f"letters/{paper.kind}/body.{form}"
    lead, before, after = (
        _said(block_of(template, block, context), form) for block in ("lead", "before_facts", "after_facts")
    )
    return Part(
        heading=letter.subject,
        first=paper.opening or [lead],
        before=before,
        facts=context.get("facts", []),
        link_words=str(context.get("button_words", "")) or _("See more"),
        link_url=str(context.get("button_url", "")),
        after=after,
        last=paper.closing if closes else (),
        in_full=context.get("in_full", []),
    )


def _said(words: str, form: str) -> str:
    # A template of HTML has escaped what it was given already.
    return Markup(words.strip()) if form == "html" else words.strip()


def _the_same(words: Sequence[str]) -> str:
    """Return what all of them say, or nothing: one click must not stop half of a letter."""
    return words[0] if len(set(words)) == 1 else ""


def _calendars(parts: Sequence[CalendarPart]) -> list[CalendarPart]:
    """Return one file with all that is new, and one with all that is off."""
    found = []
    for method in dict.fromkeys(part.method for part in parts):
        same = [part for part in parts if part.method == method]
        name = same[0].file_name if len({part.file_name for part in same}) == 1 else "sessions.ics"
        found.append(CalendarPart(joined([part.content for part in same]), method, name))
    return sorted(found, key=lambda part: part.method != "REQUEST")


def _short(papers: Sequence[Paper], context: dict[str, Any]) -> str:
    """Return all of it in one text message, or where that is too long, where to read it."""
    said = [block_of(f"letters/{paper.kind}/text.txt", "words", paper.context) for paper in papers]
    in_full = short_words_of(_SHORT, context | {"said": said})
    if len(in_full) <= _LONGEST_SHORT and not holds_forbidden(in_full):
        return in_full
    return short_words_of(_SHORT, context | {"said": [context["lead"]]})
