"""What stands on My details: everything a person said about herself, for herself alone."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from booking.db import db
from booking.models import EmergencyContact, EqualityAnswers
from booking.models.kinds import ConsentPurpose
from booking.queries.consent import agrees_to, ledger
from booking.queries.contacts import Ways, pending_change, ways_of
from booking.rules import equality


@dataclass(frozen=True)
class Details:
    """What is there besides her own row."""

    ways: Ways
    # The address that waits for its button to be pressed, if any.
    new_email: str
    emergency_contact: EmergencyContact | None
    allows_photos: bool
    answered_equality: bool
    agreements: int


def details_of(person_id: int, now: datetime) -> Details:
    """Return what somebody said about herself, for her own page."""
    pending = pending_change(person_id, now)
    return Details(
        ways=ways_of(person_id),
        new_email=pending.address if pending is not None else "",
        emergency_contact=emergency_contact_of(person_id),
        allows_photos=agrees_to(person_id, ConsentPurpose.PHOTOS),
        answered_equality=bool(equality_answers_of(person_id)),
        agreements=sum(one.withdrawn_at is None for one in ledger(person_id)),
    )


def emergency_contact_of(person_id: int) -> EmergencyContact | None:
    """Return whom she wants called, or None."""
    return db.session.scalar(select(EmergencyContact).where(EmergencyContact.person_id == person_id))


def equality_answers_of(person_id: int) -> dict[str, str]:
    """Return her own answers by question, for her own page; an empty dict when she gave none."""
    row = db.session.scalar(select(EqualityAnswers).where(EqualityAnswers.person_id == person_id))
    return {name: getattr(row, name) for name in equality.ANSWERS} if row is not None else {}
