"""What can be done for one person: each page stands here once, and is linked for whom it opens."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import current_app, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from booking import clock, policy
from booking.models.kinds import PersonStatus
from booking.queries.records import Known
from booking.rules.wall_time import to_local
from booking.rules.words import day_words
from booking.web.doors import door_of, lets_in, visitor


@dataclass(frozen=True)
class Opening:
    """One page about a person, the words that lead there, and for which records it makes sense."""

    endpoint: str
    words: object
    fits: Callable[[Known], bool]

    def words_for(self, known: Known) -> str:
        """Return the words that lead there, said of this person."""
        return str(self.words(known) if callable(self.words) else self.words)


def _lives(known: Known) -> bool:
    return known.may_have_roles


def _is_proven(known: Known) -> bool:
    return known.person.status in policy.PROVEN


def _has_a_role(known: Known) -> bool:
    return known.may_have_roles and bool(known.roles)


def _is_kept(known: Known) -> bool:
    return known.is_kept


def _death_words(known: Known) -> str:
    """Say what the page about a death is for: recording it, taking it back, or reading about it."""
    if known.person.status is not PersonStatus.DIED:
        return str(_("Has died"))
    last = known.status_since + policy.TAKEN_BACK_WITHIN if known.status_since is not None else None
    if last is None or last <= clock.now():
        return str(_("The record of the death"))
    return str(_("Take it back (until %(day)s)", day=day_words(to_local(last).date())))


# A new page about a person is one line here; a page that is not there yet is not linked.
OPENINGS = (
    Opening("office.desk_for", _l("Book, change or cancel a place for them"), _lives),
    Opening("office.correct_person", _l("Correct the details"), _lives),
    Opening("office.spoken_consents", _l("Write down what they agree to on the phone"), _lives),
    Opening("office.reminders", _l("Reminders and calls"), _is_proven),
    Opening("office.messages", _l("Messages to them"), _is_kept),
    Opening("office.pause", _l("Pause letters and calls"), _is_proven),
    Opening("office.care", _l("Movement check-in"), _is_kept),
    Opening("office.roles", _l("Roles"), _lives),
    Opening("office.reset_second_factor", _l("Reset the authenticator app"), _has_a_role),
    Opening("office.merge", _l("Put two records together"), _lives),
    Opening("office.died", _death_words, _is_kept),
    Opening("office.close_record", _l("Close the record"), _lives),
)


def openings(known: Known) -> list[tuple[str, str]]:
    """Return words and address of every page that fits this person and opens for who is here."""
    return [
        (opening.words_for(known), url_for(opening.endpoint, **_arguments(opening.endpoint, known.person.id)))
        for opening in OPENINGS
        if opens(opening.endpoint) and opening.fits(known)
    ]


def opens(endpoint: str) -> bool:
    """Say whether a page is there and opens for who is here."""
    door = door_of(current_app, endpoint)
    return door is not None and lets_in(door, visitor())


def _arguments(endpoint: str, person_id: int) -> dict[str, Any]:
    """Name the person only where the page asks for one: a list of everybody's bears no id."""
    rule = next(iter(current_app.url_map.iter_rules(endpoint)))
    if endpoint == "office.messages":
        # The list of all messages, narrowed down to hers.
        return {"person": person_id}
    return {"person_id": person_id} if "person_id" in rule.arguments else {}
