"""How somebody can be reached, and the change of address she has asked for."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from booking import policy
from booking.db import db
from booking.models import ContactPoint, EmailLink, Person
from booking.models.kinds import LinkPurpose
from booking.queries.signin import working_link
from booking.refusals import LinkNoLongerWorks


@dataclass(frozen=True)
class Ways:
    """One of each, or nothing: the preferred one where somebody has several."""

    email: str = ""
    phone: str = ""
    post: str = ""


def ways_of(person_id: int) -> Ways:
    """Return how she can be reached, by kind."""
    first: dict[str, str] = {}
    for contact in _contacts_of(person_id):
        first.setdefault(contact.kind.value, contact.written)
    return Ways(**first)


def pending_change(person_id: int, now: datetime) -> EmailLink | None:
    """Return the change of address whose button has not been pressed yet, the newest."""
    return db.session.scalar(
        select(EmailLink)
        .where(
            EmailLink.purpose == LinkPurpose.CHANGE_EMAIL,
            EmailLink.person_id == person_id,
            EmailLink.used_at.is_(None),
            EmailLink.expires_at > now,
        )
        .order_by(EmailLink.id.desc())
        .limit(1)
    )


def change_behind(token: str, now: datetime) -> EmailLink:
    """Return the change of address an emailed link stands for.

    Refuses: a link that is unknown, used, tampered with, too old or for something else, and one of somebody
    whose record does not open any more, all alike.
    """
    link = working_link(token, LinkPurpose.CHANGE_EMAIL, now)
    person = db.session.get(Person, link.person_id) if link.person_id is not None else None
    if person is None or person.status not in policy.PROVEN:
        raise LinkNoLongerWorks
    return link


def _contacts_of(person_id: int) -> list[ContactPoint]:
    return list(
        db.session.scalars(
            select(ContactPoint)
            .where(ContactPoint.person_id == person_id)
            .order_by(ContactPoint.is_preferred.desc(), ContactPoint.id)
        )
    )
