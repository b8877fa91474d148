"""The words for dates, times and counts, as templates use them."""

from flask import Flask

from booking.rules import words
from booking.rules.wall_time import to_local

_FILTERS = (
    words.weekday_words,
    words.month_words,
    words.day_words,
    words.day_words_short,
    words.time_words,
    words.span_words,
    words.count_words,
    words.number_words,
    words.length_words,
    words.relative_day,
    words.until_words,
    to_local,
)


def register(app: Flask) -> None:
    """Register each as a filter and as a function: `{{ day|day_words }}`, `{{ span_words(a, b) }}`."""
    for say in _FILTERS:
        app.add_template_filter(say, say.__name__)
        app.add_template_global(say, say.__name__)
