"""Adding somebody's record with the ways she gave to reach her, inside a caller's transaction."""

from datetime import datetime

from booking.db import db
from booking.models import ContactPoint, Person
from booking.models.kinds import Channel, ContactKind, Who
from booking.rules.addresses import email_key, phone_key


def add(
    full_name: str, known_as: str, who: Who, now: datetime, *, email: str = "", phone: str = ""
) -> Person:
    """Add a person whom nobody has proven yet; with both ways she is reached by email."""
    person = Person(
        full_name=full_name,
        known_as=known_as,
        who=who,
        channel=Channel.EMAIL if email else Channel.CALL,
        created_at=now,
    )
    db.session.add(person)
    db.session.flush()
    if email:
        _reach(person.id, ContactKind.EMAIL, email, email_key(email), now)
    if phone:
        _reach(person.id, ContactKind.PHONE, phone, phone_key(phone), now)
    return person


def _reach(person_id: int, kind: ContactKind, written: str, key: str, now: datetime) -> None:
    db.session.add(ContactPoint(person_id=person_id, kind=kind, written=written, key=key, created_at=now))
