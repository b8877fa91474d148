"""In which language a letter is written: that of whoever reads it, not of whoever caused it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from babel.core import Locale, UnknownLocaleError
from flask import current_app
from flask_babel import force_locale

from booking.models import Person
from booking.rules.words import ENGLISH

_locale: ContextVar[str] = ContextVar("locale of the letter", default=ENGLISH)


@contextmanager
def in_her_language(person: Person | None) -> Iterator[None]:
    """Let every word and date in this block be in the language of her letters; nobody known: the house's."""
    locale = locale_of(person)
    before = _locale.set(locale)
    try:
        with force_locale(locale):
            yield
    finally:
        _locale.reset(before)


def language_now() -> str:
    """Return the locale of the letter that is being written."""
    return _locale.get()


def locale_of(person: Person | None) -> str:
    """Return the locale of her letters; a language that nobody has heard of is English."""
    language = person.language if person is not None else str(current_app.config["BABEL_DEFAULT_LOCALE"])
    if language in ("", "en", ENGLISH):
        return ENGLISH
    try:
        return str(Locale.parse(language))
    except (ValueError, UnknownLocaleError):
        return ENGLISH
