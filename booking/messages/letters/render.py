"""Putting words on paper: subject, text and HTML from the templates of one kind."""

import re
from functools import cache
from typing import Any

from css_inline import CSSInliner
from flask import current_app
from jinja2 import TemplateNotFound

from booking.messages.letters.facts import Fact
from booking.messages.letters.results import CalendarPart, Letter
from booking.models import Message, Person
from booking.models.kinds import MessageKind
from booking.rules.addresses import one_line
from booking.rules.discreet import holds_forbidden
from booking.settings import settings

OPENING_LENGTH = 150
_EMPTY_LINES = re.compile(r"\n{3,}")
_BLANK_LINES = re.compile(r"\n\s*\n")


class Indiscreet(ValueError):
    """A letter would show a health word where a lock screen shows it."""


def written(kind: MessageKind, context: dict[str, Any]) -> tuple[str, str, str]:
    """Return subject, text and HTML of one letter.

    Refuses: as a fault, a letter that would put a health word on a lock screen.
    """
    words = {**_always(), **context}
    subject = one_line(_filled(f"letters/{kind}/subject.txt", words))
    text = _EMPTY_LINES.sub("\n\n", _filled(f"letters/{kind}/body.txt", words)).strip() + "\n"
    if holds_forbidden(subject) or holds_forbidden(text[:OPENING_LENGTH]):
        raise Indiscreet(kind)
    html = _inliner().inline(_filled(f"letters/{kind}/body.html", {**words, "subject": subject}))
    return subject, text, _BLANK_LINES.sub("\n", html)


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
    subject, text, html = written(message.kind, {**context, "unsubscribe_url": unsubscribe_url})
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
    )


def short_words(kind: MessageKind, context: dict[str, Any]) -> str:
    """Return the words of a text message, on one line; a kind that never goes by text has none.

    Refuses: as a fault, words that may not stand on a lock screen, because all of them stand there.
    """
    try:
        template = current_app.jinja_env.get_template(f"letters/{kind}/text.txt")
    except TemplateNotFound:
        return ""
    short = one_line(template.render({**_always(), **context}))
    if holds_forbidden(short):
        raise Indiscreet(kind)
    return short


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
    }


def _filled(template: str, words: dict[str, Any]) -> str:
    # The page's context processors ask for a request, and a worker has none.
    return current_app.jinja_env.get_template(template).render(words)


@cache
def _inliner() -> CSSInliner:
    return CSSInliner(load_remote_stylesheets=False, keep_style_tags=False)
