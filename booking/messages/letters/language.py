"""In which language a letter is written: that of whoever reads it, not of whoever caused it."""

from collections.abc import Iterator
from contextlib import contextmanager

from babel.core import Locale, UnknownLocaleError
from flask import current_app
from flask_babel import force_locale

from booking.models import Person

# The English of this country: midday, half past one as 1:30pm, Thursday before 6 August.
_ENGLISH = "en_GB"


@contextmanager
def in_her_language(person: Person | None) -> Iterator[None]:
    """Let every word and date in this block be in the language of her letters; nobody known: the house's."""
    with force_locale(locale_of(person)):
        yield


def locale_of(person: Person | None) -> str:
    """Return the locale of her letters; a language that nobody has heard of is English."""
    language = person.language if person is not None else str(current_app.config["BABEL_DEFAULT_LOCALE"])
    if language in ("", "en", _ENGLISH):
        return _ENGLISH
    try:
        return str(Locale.parse(language))
    except (ValueError, UnknownLocaleError):
        return _ENGLISH
