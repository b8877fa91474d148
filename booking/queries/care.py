"""What the safeguarding lead sees of one person."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from booking import policy
from booking.db import db
from booking.models import EmergencyContact, Person
from booking.queries import movement
from booking.queries.movement import CheckIn
from booking.refusals import NotFound


@dataclass(frozen=True)
class InCare:
    """Somebody, with what helps in an emergency and what a tutor keeps in mind."""

    person: Person
    emergency: EmergencyContact | None
    check_in: CheckIn | None


def about(person_id: int, now: datetime) -> InCare:
    """Return one person for the safeguarding lead; of a record that is shut, only that it is.

    Refuses: nobody.
    """
    person = db.session.scalar(
        select(Person).where(Person.id == person_id).options(selectinload(Person.contacts))
    )
    if person is None:
        raise NotFound
    if not policy.may_sign_in(person.status):
        return InCare(person, None, None)
    emergency = db.session.scalar(select(EmergencyContact).where(EmergencyContact.person_id == person_id))
    return InCare(person, emergency, movement.check_in_of(person_id, now))
