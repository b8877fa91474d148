"""Putting words on paper: subject, text and HTML from the templates of one kind."""

import re
from typing import Any

from jinja2 import TemplateNotFound

from booking.messages.letters import links
from booking.messages.letters.facts import Fact
from booking.messages.letters.language import language_now
from booking.messages.letters.results import CalendarPart, Letter, Paper
from booking.messages.letters.styles import templates
from booking.models import Message, Person
from booking.models.kinds import MessageKind
from booking.queries.wordings import words_today
from booking.rules.addresses import one_line
from booking.rules.discreet import holds_forbidden
from booking.rules.wordings_of_letters import (
    VALUES,
    Editable,
    Words,
    editable_of,
    filled,
    paragraphs,
)
from booking.settings import settings

OPENING_LENGTH = 150
# A text message of so many characters is sent in two pieces.
TWO_PARTS = 306
_MANY = 424242
_EMPTY_LINES = re.compile(r"\n{3,}")
_BLANK_LINES = re.compile(r"\n\s*\n")


class Indiscreet(ValueError):
    """A letter would show a health word where a lock screen shows it."""


def written(kind: MessageKind, context: dict[str, Any]) -> tuple[str, str, str]:
    """Return subject, text and HTML of one letter, in the office's words where it has written its own.

    Words of the office that a name has made indiscreet give way to the original ones: no letter stays
    behind because of its wording.
    Refuses: as a fault, a letter that would put a health word on a lock screen.
    """
    sheet, _own = _chosen(kind, {**_always(), **context})
    return sheet


def on_paper(kind: MessageKind, context: dict[str, Any], own: Words | None = None) -> tuple[str, str, str]:
    """Return subject, text and HTML with these words of the office's, or with the original ones."""
    words = {**_always(), **context}
    if own is not None:
        says = _filled_in(own, words)
        words["opening"], words["closing"] = paragraphs(says.opening), paragraphs(says.closing)
        subject = one_line(says.subject)
    else:
        subject = one_line(_filled(f"letters/{kind}/subject.txt", words))
    text = _EMPTY_LINES.sub("\n\n", _filled(f"letters/{kind}/body.txt", words)).strip() + "\n"
    html = _filled(f"letters/{kind}/body.html", {**words, "subject": subject}).strip() + "\n"
    return subject, text, _BLANK_LINES.sub("\n", html)


def original_words(one: Editable) -> Words:
    """Return the words a letter has by itself, its values in braces: the templates say them once."""
    names = {known_as: f"{{{name}}}" for name, known_as in VALUES.items() if name in one.placeholders}
    # How many dates there are is counted from a list; the count of this one is told from any other number.
    facts = dict(one.when)
    words = {**_always(), **names, "dates": range(1 if facts.get("is_last") else _MANY), **facts}
    lead = templates().get_template(f"letters/{one.kind}/body.txt")
    said = "".join(lead.blocks["lead"](lead.new_context(words)))
    subject = _filled(f"letters/{one.kind}/subject.txt", words)
    many = str(_MANY)
    return Words(one_line(subject).replace(many, "{number}"), one_line(said).replace(many, "{number}"))


def letter_for(
    message: Message,
    context: dict[str, Any],
    *,
    to: str = "",
    calendar: CalendarPart | None = None,
    told_version: int | None = None,
    unsubscribe_url: str = "",
    reply_to: str = "",
) -> Letter:
    """Return the letter of a message with all its words; without `to` it goes where she is reached today."""
    context = {**context, "unsubscribe_url": unsubscribe_url}
    words = {**_always(), **context}
    (subject, text, html), own = _chosen(message.kind, words)
    says = _filled_in(own, words) if own is not None else Words("", "")
    return Letter(
        recipient=to,
        subject=subject,
        text=text,
        html=html,
        message_id=message.message_id,
        calendar=calendar,
        told_version=told_version,
        short=short_words(message.kind, context),
        unsubscribe_url=unsubscribe_url,
        reply_to=reply_to,
        paper=Paper(message.kind, context, paragraphs(says.opening), paragraphs(says.closing)),
    )


def short_words(kind: MessageKind, context: dict[str, Any]) -> str:
    """Return the words of a text message, on one line; a kind that never goes by text has none.

    Refuses: as a fault, words that may not stand on a lock screen, because all of them stand there.
    """
    try:
        return short_words_of(f"letters/{kind}/text.txt", context)
    except TemplateNotFound:
        return ""


def short_words_of(template: str, context: dict[str, Any]) -> str:
    """Return the words of a text message of this template, on one line.

    Refuses: as a fault, words that may not stand on a lock screen, because all of them stand there.
    """
    short = one_line(_filled(template, {**_always(), **context}))
    if len(short) > TWO_PARTS and context.get("short_place"):
        # Where it is stands on the page behind the address; when it is must be read here.
        short = one_line(_filled(template, {**_always(), **context, "short_place": ""}))
    if holds_forbidden(short):
        raise Indiscreet(template)
    return short


def block_of(template: str, block: str, context: dict[str, Any]) -> str:
    """Return what one block of a letter's template says, or nothing where it has no such block."""
    found = templates().get_template(template)
    return (
        "".join(found.blocks[block](found.new_context({**_always(), **context})))
        if block in found.blocks
        else ""
    )


def whole(text_template: str, html_template: str, context: dict[str, Any]) -> tuple[str, str]:
    """Return the text and the HTML of a letter of no single kind.

    Refuses: as a fault, a text that would put a health word on a lock screen.
    """
    words = {**_always(), **context}
    text = _EMPTY_LINES.sub("\n\n", _filled(text_template, words)).strip() + "\n"
    if holds_forbidden(text[:OPENING_LENGTH]):
        raise Indiscreet(text_template)
    return text, _BLANK_LINES.sub("\n", _filled(html_template, words).strip() + "\n")


def greeting_name(person: Person | None) -> str:
    """Return the name she likes, or nothing where it might say too much."""
    name = one_line(person.known_as) if person is not None else ""
    return "" if holds_forbidden(name) else name


def _always() -> dict[str, Any]:
    told = settings()
    return {
        "organisation_name": told.discreet_sender_name,
        "help_phone": told.help_phone,
        "help_email": told.help_email,
        "in_full": list[Fact](),
        "language": language_now().replace("_", "-"),
        "details_url": links.details_url(),
    }


def _chosen(kind: MessageKind, words: dict[str, Any]) -> tuple[tuple[str, str, str], Words | None]:
    """Return a letter on paper, and the office's words if they are what stands in it."""
    one = editable_of(kind, words)
    own = words_today(one, language_now().partition("_")[0]) if one is not None else None
    for tried in (own, None) if own is not None else (None,):
        sheet = on_paper(kind, words, tried)
        if _is_discreet(sheet):
            return sheet, tried
    raise Indiscreet(kind)


def _filled_in(own: Words, words: dict[str, Any]) -> Words:
    values = {name: str(words.get(known_as, "")) for name, known_as in VALUES.items()}
    return Words(*(filled(said, values) for said in (own.subject, own.opening, own.closing)))


def _is_discreet(paper: tuple[str, str, str]) -> bool:
    subject, text, _html = paper
    return not (holds_forbidden(subject) or holds_forbidden(text[:OPENING_LENGTH]))


def _filled(template: str, words: dict[str, Any]) -> str:
    # The page's context processors ask for a request, and a worker has none.
    return templates().get_template(template).render(words)
