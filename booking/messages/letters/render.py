"""Putting words on paper: subject, text and HTML from the templates of one kind."""

import re
from functools import cache
from typing import Any

from css_inline import CSSInliner
from flask import current_app

from booking.messages.letters.facts import Fact
from booking.models import Person
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
