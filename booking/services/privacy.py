"""Keeping no more than is needed: records that nobody ever confirmed are emptied."""

from datetime import datetime, timedelta

from sqlalchemy import Select, delete, select, update

from booking.db import db, transaction
from booking.models import ContactPoint, EmailLink, Message, Person, PersonRole
from booking.models.kinds import PersonStatus
from booking.services.steps.audit import note
from booking.services.steps.locks import lock_people

# Her link has long stopped working by then, so whoever comes back registers anew.
UNPROVEN_LIFE = timedelta(days=7)
AT_A_TIME = 200


def forget_unproven(now: datetime) -> int:
    """Empty the records of people who never pressed the button in their first letter, and count them.

    The row stays without a name, so that ids in the audit log still mean one thing. Somebody whom the
    office gave a role keeps her record: it was not made by a stranger.
    """
    with transaction():
        found = db.session.scalars(_never_confirmed(now)).all()
        lock_people(found)
        # Read again under the lock: she may have pressed the button a moment ago.
        still = db.session.scalars(_never_confirmed(now).where(Person.id.in_(found))).all()
        for person_id in still:
            _empty(person_id)
            note(now, None, "record emptied", f"person:{person_id}")
        return len(still)


def _never_confirmed(now: datetime) -> Select[int]:
    roles = select(PersonRole.person_id)
    return (
        select(Person.id)
        .where(
            Person.status == PersonStatus.UNPROVEN,
            Person.created_at < now - UNPROVEN_LIFE,
            Person.id.not_in(roles),
        )
        .order_by(Person.id)
        .limit(AT_A_TIME)
    )


def _empty(person_id: int) -> None:
    db.session.execute(delete(ContactPoint).where(ContactPoint.person_id == person_id))
    db.session.execute(
        update(EmailLink).where(EmailLink.person_id == person_id).values(address="", address_key="")
    )
    db.session.execute(update(Message).where(Message.person_id == person_id).values(recipient=None))
    db.session.execute(
        update(Person)
        .where(Person.id == person_id)
        .values(full_name="", known_as="", access_needs="", status=PersonStatus.CLOSED)
    )
