"""Emailed links inside a caller's transaction: making one, and proving the address it went to."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update

from booking.db import db
from booking.models import ContactPoint, EmailLink, Person
from booking.models.kinds import ContactKind, LinkPurpose
from booking.queries.signin import mailbox_of
from booking.rules.addresses import email_key, same_mailbox
from booking.rules.tokens import new_nonce


@dataclass(frozen=True)
class Life:
    """How long a link lives while its letter waits, and from the moment the letter was handed over."""

    unsent: timedelta
    sent: timedelta


LIVES = {
    LinkPurpose.CONFIRM_EMAIL: Life(unsent=timedelta(hours=48), sent=timedelta(hours=24)),
    LinkPurpose.SIGN_IN: Life(unsent=timedelta(hours=24), sent=timedelta(minutes=30)),
    LinkPurpose.CHANGE_EMAIL: Life(unsent=timedelta(hours=48), sent=timedelta(hours=24)),
}
# Nobody writes often to an address that is not proven, whatever names are given with it and by whom.
PROOFS_AT_MOST = 3
PROOFS_WITHIN = timedelta(hours=1)
_PROOFS = (LinkPurpose.CONFIRM_EMAIL, LinkPurpose.CHANGE_EMAIL)


def make(
    purpose: LinkPurpose,
    address: str,
    next_path: str,
    now: datetime,
    person_id: int | None = None,
    *,
    has_letter: bool = True,
) -> EmailLink:
    """Add a link for an address; its token is derived when the letter is written.

    A spelling that only looks like an address somebody proved leads to the mailbox that was proven. One
    without a letter is over when it is made, so that the page need not differ.
    """
    link = EmailLink(
        purpose=purpose,
        address=mailbox_of(address),
        address_key=email_key(address),
        person_id=person_id,
        nonce=new_nonce(),
        next_path=next_path,
        created_at=now,
        # Nobody was sent its code, so nobody but a guesser could type it.
        expires_at=now + LIVES[purpose].unsent if has_letter else now,
    )
    db.session.add(link)
    db.session.flush()
    return link


def letters_of_late(address_key: str, purposes: Collection[LinkPurpose], since: datetime) -> int:
    """Count the letters with a link that were asked for at an address; the caller holds the address."""
    asked_for = select(func.count()).where(
        EmailLink.address_key == address_key,
        EmailLink.purpose.in_(purposes),
        EmailLink.created_at > since,
        # A link whose letter was not sent was over when it was made.
        EmailLink.expires_at > EmailLink.created_at,
    )
    return db.session.scalar(asked_for) or 0


def may_ask_for_proof(address: str, now: datetime) -> bool:
    """Say whether one more letter may ask this address for its proof; the caller holds the address.

    Where it may not, the links of the letters that lie there still work.
    """
    return letters_of_late(email_key(address), _PROOFS, now - PROOFS_WITHIN) < PROOFS_AT_MOST


def begin_life(link: EmailLink, now: datetime) -> None:
    """Let the short life of a link begin, never longer than the one it had while it waited."""
    link.expires_at = min(now + LIVES[link.purpose].sent, link.expires_at)


def prove(person: Person, address: str, now: datetime) -> None:
    """Note that somebody who speaks for this person reads this address."""
    unproven = select(ContactPoint).where(
        ContactPoint.person_id == person.id,
        ContactPoint.kind == ContactKind.EMAIL,
        ContactPoint.key == email_key(address),
        ContactPoint.proven_at.is_(None),
    )
    for contact in db.session.scalars(unproven):
        if same_mailbox(contact.written, address):
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
