"""Emailed links inside a caller's transaction: making one, and proving the address it went to."""

from datetime import datetime, timedelta

from sqlalchemy import select, update

from booking.db import db
from booking.models import ContactPoint, EmailLink, Person
from booking.models.kinds import ContactKind, LinkPurpose
from booking.rules.addresses import email_key
from booking.rules.tokens import new_nonce

# While its letter has not been handed over a link lives this long; the shorter life that people
# are told of begins when the mail server has taken the letter.
UNSENT_LIFE = {
    LinkPurpose.CONFIRM_EMAIL: timedelta(hours=48),
    LinkPurpose.SIGN_IN: timedelta(hours=24),
    LinkPurpose.CHANGE_EMAIL: timedelta(hours=48),
}


def make(
    purpose: LinkPurpose, address: str, next_path: str, now: datetime, person_id: int | None = None
) -> EmailLink:
    """Add a link for an address; its token is derived when the letter is written."""
    link = EmailLink(
        purpose=purpose,
        address=address,
        address_key=email_key(address),
        person_id=person_id,
        nonce=new_nonce(),
        next_path=next_path,
        created_at=now,
        expires_at=now + UNSENT_LIFE[purpose],
    )
    db.session.add(link)
    db.session.flush()
    return link


def prove(person: Person, address_key: str, now: datetime) -> None:
    """Note that somebody who speaks for this person reads this address."""
    unproven = select(ContactPoint).where(
        ContactPoint.person_id == person.id,
        ContactPoint.kind == ContactKind.EMAIL,
        ContactPoint.key == address_key,
        ContactPoint.proven_at.is_(None),
    )
    for contact in db.session.scalars(unproven):
        contact.proven_at = now


def use_up_all(person_id: int, now: datetime) -> None:
    """Use up every letter that asks this newcomer to confirm: once she did, none of them opens anything."""
    db.session.execute(
        update(EmailLink)
        .where(
            EmailLink.person_id == person_id,
            EmailLink.purpose == LinkPurpose.CONFIRM_EMAIL,
            EmailLink.used_at.is_(None),
        )
        .values(used_at=now),
        execution_options={"synchronize_session": False},
    )
