"""Which passwords are kept at an address, and whether the present one must be asked for."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import aliased

from booking import policy
from booking.db import db
from booking.models import ContactPoint, Password, Person, SignIn
from booking.models.kinds import ContactKind, SignInHow
from booking.refusals import NotFound

# Who signed in by a letter so short a while ago has shown that she reads it: that is as good as the old one.
LETTER_COUNTS_FOR = timedelta(minutes=30)
_BY_LETTER = (SignInHow.LINK, SignInHow.CODE)


@dataclass(frozen=True)
class Kept:
    """One person's password at an address, as its hash."""

    person_id: int
    hashed: str


@dataclass(frozen=True)
class Standing:
    """What counts when a password is set, changed or removed."""

    kept: Kept | None
    asks_present: bool
    # Her proven addresses, the preferred one first, and who else has one of them.
    addresses: tuple[str, ...]
    sharing: tuple[int, ...]
    others: tuple[Kept, ...]
    names: tuple[str, ...]


def standing(person_id: int, public_id: str, now: datetime) -> Standing:
    """Return how it stands with somebody's password, for a deed of one live sign-in.

    Refuses: a sign-in that has ended, or is another person's.
    """
    signed_in = db.session.scalar(
        select(SignIn).where(
            SignIn.public_id == public_id,
            SignIn.person_id == person_id,
            SignIn.ended_at.is_(None),
            SignIn.expires_at > now,
        )
    )
    person = db.session.get(Person, person_id)
    if signed_in is None or person is None or not policy.may_sign_in(person.status):
        raise NotFound
    hashed = db.session.scalar(select(Password.hashed).where(Password.person_id == person_id))
    by_letter = signed_in.how in _BY_LETTER and now - signed_in.created_at < LETTER_COUNTS_FOR
    sharing = _sharing(person_id)
    return Standing(
        kept=Kept(person_id, hashed) if hashed is not None else None,
        asks_present=hashed is not None and not by_letter,
        addresses=_addresses(person_id),
        sharing=sharing,
        others=_kept_by(sharing),
        names=(person.full_name, person.known_as),
    )


def has_one(person_id: int) -> bool:
    """Say whether somebody signs in by a password as well."""
    found = select(Password.person_id).where(Password.person_id == person_id)
    return db.session.scalar(found.limit(1)) is not None


def kept_at(address_key: str) -> list[Kept]:
    """Return the passwords that may open a record at a proven address."""
    found = db.session.execute(
        select(Password.person_id, Password.hashed)
        .join(Person, Person.id == Password.person_id)
        .where(
            Person.status.in_(policy.LIVING),
            Person.id.in_(
                select(ContactPoint.person_id).where(
                    ContactPoint.kind == ContactKind.EMAIL,
                    ContactPoint.key == address_key,
                    ContactPoint.proven_at.is_not(None),
                )
            ),
        )
        .order_by(Password.person_id)
    )
    return [Kept(person_id, hashed) for person_id, hashed in found]


def _addresses(person_id: int) -> tuple[str, ...]:
    written = select(ContactPoint.written).where(
        ContactPoint.person_id == person_id,
        ContactPoint.kind == ContactKind.EMAIL,
        ContactPoint.proven_at.is_not(None),
    )
    return tuple(db.session.scalars(written.order_by(ContactPoint.is_preferred.desc(), ContactPoint.id)))


def _sharing(person_id: int) -> tuple[int, ...]:
    hers, theirs = aliased(ContactPoint), aliased(ContactPoint)
    alike = (
        select(theirs.person_id)
        .join(hers, (hers.kind == theirs.kind) & (hers.key == theirs.key))
        .where(
            hers.person_id == person_id,
            theirs.person_id != person_id,
            hers.kind == ContactKind.EMAIL,
            hers.proven_at.is_not(None),
            theirs.proven_at.is_not(None),
        )
    )
    return tuple(sorted(set(db.session.scalars(alike))))


def _kept_by(people: tuple[int, ...]) -> tuple[Kept, ...]:
    kept = select(Password.person_id, Password.hashed).where(Password.person_id.in_(people))
    return tuple(Kept(*row) for row in db.session.execute(kept.order_by(Password.person_id)))
