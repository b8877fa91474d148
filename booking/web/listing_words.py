"""What somebody else runs, in words: for the office that lists it, and for everybody who finds it."""

from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from booking.models.kinds import ListingKind
from booking.rules.words import day_words, day_words_short

KINDS = {
    ListingKind.RETREAT: _l("Retreat"),
    ListingKind.OTHER_GROUP: _l("Another charity's group"),
    ListingKind.EVENT: _l("Event"),
}


def days_words(starts_on: date, ends_on: date) -> str:
    """Say on which days: one, or from the first to the last."""
    if starts_on == ends_on:
        return day_words(starts_on)
    first = day_words_short(starts_on) if starts_on.year == ends_on.year else day_words(starts_on)
    return str(_("%(first)s to %(last)s", first=first, last=day_words(ends_on)))


def where_words(place: str, nation: str) -> str:
    """Say where it is: the place and the nation, or that it is online or anywhere."""
    known = "" if nation == "UK" else nation
    return ", ".join(filter(None, [place, known])) or str(_("Online, or anywhere in the UK"))
