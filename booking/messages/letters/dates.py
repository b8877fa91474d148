"""Days and times in the language of the letter that is being written."""

from datetime import date, time

from booking.messages.letters.language import gettext as _
from booking.messages.letters.language import language_now
from booking.rules import words


def day_words(on: date) -> str:
    """Say a date in full: "Thursday 6 August 2026"."""
    return words.day_words(on, language_now())


def time_words(at: time) -> str:
    """Say a time of day: "1:30pm"."""
    return words.time_words(at, language_now())


def span_words(start: time, end: time) -> str:
    """Say from when to when: "1:30pm to 5pm"."""
    return str(_("%(start)s to %(end)s", start=time_words(start), end=time_words(end)))
