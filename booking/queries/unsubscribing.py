"""Behind the link in a letter that stops reminders or news: whose it is, and what it stops."""

from dataclasses import dataclass
from typing import Literal

from booking import policy
from booking.db import db
from booking.models import Person
from booking.refusals import LinkNoLongerWorks
from booking.rules.tokens import row_id_of, token_fits
from booking.settings import settings

Stoppable = Literal["reminders", "news"]
# The purpose of each one's token, so that a link for one stops nothing else.
STOPS: dict[Stoppable, str] = {"reminders": "stop reminders", "news": "stop news"}


@dataclass(frozen=True)
class Stopping:
    """What a link stops, and whether it still comes."""

    person_id: int
    what: Stoppable
    still_comes: bool


def behind(token: str) -> Stopping:
    """Return what a link in a letter stops, and for whom. Refuses: every token that does not fit, alike."""
    row_id = row_id_of(token)
    person = db.session.get(Person, row_id) if row_id is not None else None
    if person is None or not policy.may_sign_in(person.status):
        raise LinkNoLongerWorks
    for what, purpose in STOPS.items():
        if token_fits(settings().secret_keys, purpose, person.id, person.mail_nonce, token):
            return Stopping(person.id, what, _still_comes(person, what))
    raise LinkNoLongerWorks


def _still_comes(person: Person, what: Stoppable) -> bool:
    return person.wants_news if what == "news" else person.remind_two_days or person.remind_that_morning
