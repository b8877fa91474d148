"""Signing in by an emailed link, and the records that keep somebody signed in."""

from datetime import datetime

from sqlalchemy import update

from booking import policy
from booking.db import db, transaction
from booking.messages import outbox
from booking.models import EmailLink, Person, SignIn
from booking.models.kinds import LinkPurpose, MessageKind, PersonStatus, SignInHow
from booking.queries import signin as asked
from booking.refusals import ChooseWhoYouAre, LinkNoLongerWorks
from booking.rules.addresses import email_key
from booking.services.steps import links, sign_ins
from booking.services.steps.audit import note
from booking.services.steps.locks import lock_people


def ask_for_link(address: str, next_path: str, now: datetime) -> None:
    """Post one letter with a link to sign in to this address, whoever it may belong to.

    An address that nobody has gets a letter that says so: an outsider sees no difference on the
    page, and somebody who used another address last time learns it in her inbox. An address whose
    people have all died or closed their record gets none.
    """
    with transaction():
        people = asked.people_at(email_key(address))
        living = [person for person in people if policy.may_sign_in(person.status)]
        if people and not living:
            return
        link = links.make(LinkPurpose.SIGN_IN, address, next_path, now)
        outbox.post(
            MessageKind.SIGN_IN,
            person=living[0] if len(living) == 1 else None,
            link=link,
            recipient=address,
            now=now,
            key=f"link:{link.id}",
        )


def open_link(token: str, purpose: LinkPurpose, person_id: int | None, now: datetime) -> tuple[str, str]:
    """Use up an emailed link, prove its address for the person chosen, and sign her in.

    Returns the id of the sign-in record and the path to go on to.
    Refuses: a link that does not work (unknown, used, tampered with, too old, for something else),
    and a person who does not belong to the address.
    """
    with transaction():
        page = asked.link_page(token, purpose, now)
        chosen = person_id or (page.people[0].person_id if len(page.people) == 1 else None)
        if chosen not in [choice.person_id for choice in page.people]:
            raise ChooseWhoYouAre
        lock_people([chosen])
        person = db.session.get_one(Person, chosen, populate_existing=True)
        if not policy.may_sign_in(person.status) or not _used_up(page.link_id, now):
            raise LinkNoLongerWorks
        links.prove(person, page.address_key, now)
        if person.status is PersonStatus.UNPROVEN:
            person.status = PersonStatus.ACTIVE
            note(now, person.id, "address confirmed", f"person:{person.id}")
        return sign_ins.begin(person.id, SignInHow.LINK, now), page.next_path


def sign_out(public_id: str, now: datetime) -> None:
    """End one sign-in on the server: its cookie opens nothing any more, wherever a copy of it lies."""
    with transaction():
        db.session.execute(
            update(SignIn)
            .where(SignIn.public_id == public_id, SignIn.ended_at.is_(None))
            .values(ended_at=now)
        )


def _used_up(link_id: int, now: datetime) -> bool:
    """Mark the link as used; only one of two that press at once succeeds."""
    used = update(EmailLink).where(EmailLink.id == link_id, EmailLink.used_at.is_(None)).values(used_at=now)
    return db.session.scalar(used.returning(EmailLink.id)) is not None
