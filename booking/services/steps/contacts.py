"""A person's ways of contact, changed inside a caller's transaction, which holds her row."""

from datetime import datetime

from sqlalchemy import select, update

from booking.db import db
from booking.models import ContactPoint
from booking.models.kinds import ContactKind
from booking.rules.addresses import email_key
from booking.services.steps.handing_back import let_go


def put(person_id: int, kind: ContactKind, written: str, key: str, now: datetime) -> None:
    """Put one number or postal address in the place of those she had; an empty one takes them away."""
    _remove(person_id, kind, now)
    if written:
        db.session.add(ContactPoint(person_id=person_id, kind=kind, written=written, key=key, created_at=now))


def prove_phones(person_id: int, now: datetime) -> None:
    """Note that somebody was heard at the numbers she gave."""
    db.session.execute(
        update(ContactPoint)
        .where(
            ContactPoint.person_id == person_id,
            ContactPoint.kind == ContactKind.PHONE,
            ContactPoint.proven_at.is_(None),
        )
        .values(proven_at=now),
        execution_options={"synchronize_session": False},
    )


def rewrite(person_id: int, kind: ContactKind, written: str) -> bool:
    """Write the same address as she writes it now, in other letters; say whether anything was different."""
    contact = next(iter(_those(person_id, kind)))
    if contact.written == written:
        return False
    contact.written = written
    return True


def replace_emails(person_id: int, address: str, now: datetime) -> list[str]:
    """Put a proven address in the place of every old one, and return the old ones."""
    old = [one.written for one in _those(person_id, ContactKind.EMAIL)]
    _remove(person_id, ContactKind.EMAIL, now)
    key = email_key(address)
    db.session.add(
        ContactPoint(
            person_id=person_id,
            kind=ContactKind.EMAIL,
            written=address,
            key=key,
            proven_at=now,
            created_at=now,
        )
    )
    return [one for one in old if email_key(one) != key]


def _those(person_id: int, kind: ContactKind) -> list[ContactPoint]:
    return list(
        db.session.scalars(
            select(ContactPoint)
            .where(ContactPoint.person_id == person_id, ContactPoint.kind == kind)
            .order_by(ContactPoint.is_preferred.desc(), ContactPoint.id)
        )
    )


def _remove(person_id: int, kind: ContactKind, now: datetime) -> None:
    for contact in _those(person_id, kind):
        let_go("contact", contact, now)
