"""What a person sees of her own details."""

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from booking.db import db
from booking.models import Person
from booking.refusals import NotFound


def herself(person_id: int) -> Person:
    """Return a person with her ways of contact, for her own page. Refuses: nobody."""
    person = db.session.scalar(
        select(Person).where(Person.id == person_id).options(selectinload(Person.contacts))
    )
    if person is None:
        raise NotFound
    return person
