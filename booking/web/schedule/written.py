"""Cards laid out once: the same facts are the same words, and a long list is mostly cards."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

from flask import get_template_attribute, request
from flask_babel import get_locale
from markupsafe import Markup

from booking.queries.schedule import Card
from booking.settings import settings
from booking.web.schedule import words
from booking.web.schedule.words import Phase


def date_cards(cards: Sequence[Card], now: datetime) -> list[Markup]:
    """Lay out the cards of one day as lists by day show them."""
    surroundings = (str(get_locale()), request.script_root, settings().help_phone)
    return [_laid_out(card, words.phase_of(card, now), surroundings) for card in cards]


@lru_cache(maxsize=2048)
def _laid_out(card: Card, phase: Phase, surroundings: tuple[str, ...]) -> Markup:
    # All that the words depend on stands in the arguments, so that nothing old or foreign is ever shown.
    lay_out = get_template_attribute("components/dates.html", "date_card")
    return Markup(lay_out(words.shown(card, phase)))
