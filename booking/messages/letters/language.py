"""In which language a letter is written: that of whoever reads it, not of whoever caused it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from babel.core import Locale, UnknownLocaleError
from babel.support import NullTranslations
from flask import current_app
from flask_babel import force_locale, get_translations

from booking.models import Person
from booking.rules.words import ENGLISH

_locale: ContextVar[str] = ContextVar("locale of the letter", default=ENGLISH)
_translations: ContextVar[NullTranslations | None] = ContextVar("translations of the letter", default=None)


@contextmanager
def in_her_language(person: Person | None) -> Iterator[None]:
    """Let every word and date in this block be in the language of her letters; nobody known: the house's."""
    locale = locale_of(person)
    with force_locale(locale):
        before, translated_before = _locale.set(locale), _translations.set(get_translations())
        try:
            yield
        finally:
            _translations.reset(translated_before)
            _locale.reset(before)


def language_now() -> str:
    """Return the locale of the letter that is being written."""
    return _locale.get()


def gettext(words: str, **values: object) -> str:
    """Say words of ours in the language of the letter."""
    said: str = translations_now().ugettext(words)
    return said % values if values else said


def translations_now() -> NullTranslations:
    """Return the words of the letter's language, found once for a letter and not for each of its words."""
    return _translations.get() or get_translations()


def locale_of(person: Person | None) -> str:
    """Return the locale of her letters; a language that nobody has heard of is English."""
    language = person.language if person is not None else str(current_app.config["BABEL_DEFAULT_LOCALE"])
    if language in ("", "en", ENGLISH):
        return ENGLISH
    try:
        return str(Locale.parse(language))
    except (ValueError, UnknownLocaleError):
        return ENGLISH
