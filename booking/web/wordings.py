"""The words people agree to, by name and as templates, and which of them to show her again."""

from flask import session
from flask_babel import lazy_gettext as _l

from booking.models.kinds import ConsentPurpose
from booking.queries import consent as agreed
from booking.rules.wordings import current_version, template_of

ABOUT = {
    ConsentPurpose.KEEP_DETAILS: _l("Keeping your details"),
    ConsentPurpose.GROUND_RULES: _l("The ground rules"),
    ConsentPurpose.PHOTOS: _l("Photos"),
    ConsentPurpose.MOVEMENT: _l("The movement check-in"),
    ConsentPurpose.EQUALITY: _l("The equality questions"),
    ConsentPurpose.NEWS: _l("News of new sessions"),
}
# In this browser she said "Not now" to these: a notice that comes again and again is no gentle one.
_NOT_NOW = "not_now"


def todays_words(purpose: ConsentPurpose) -> str:
    """Return the name of the template with the words of today."""
    return template_of(purpose, current_version(purpose))


def words_of(purpose: ConsentPurpose, version: str) -> str:
    """Return the name of the template with the very words that somebody agreed to."""
    return template_of(purpose, version)


def to_show_again(person_id: int) -> list[ConsentPurpose]:
    """Return whose words have changed since she agreed, except those she put off in this browser."""
    put_off = session.get(_NOT_NOW, [])
    return [one for one in agreed.to_ask_again(person_id) if todays_words(one) not in put_off]


def put_off(purpose: ConsentPurpose) -> None:
    """Remember in this browser that she does not want to read the changed words now."""
    session[_NOT_NOW] = sorted({*session.get(_NOT_NOW, []), todays_words(purpose)})
