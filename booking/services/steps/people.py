"""Holding a person's row before anything about her is decided, inside a caller's transaction."""

from booking import policy
from booking.db import db
from booking.models import Person
from booking.refusals import NotFound
from booking.services.steps.locks import lock_people


def hold(person_id: int) -> Person:
    """Lock a person's row and return it as it is now.

    Refuses: nobody, and a record that does not open any more: she may have died since the page was opened.
    """
    lock_people([person_id])
    # What was read of her before the lock may be a moment old.
    person = db.session.get_one(Person, person_id, populate_existing=True)
    if not policy.may_sign_in(person.status):
        raise NotFound
    return person


def hold_proven(person_id: int) -> Person:
    """Lock a person's row as `hold` does. Refuses: besides, a record whose address nobody has proven."""
    person = hold(person_id)
    if person.status not in policy.PROVEN:
        raise NotFound
    return person
