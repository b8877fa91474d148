"""Where somebody's second factor stands: hers, for the office, and for a newcomer's command."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from booking import policy
from booking.db import db
from booking.models import Person, PersonRole, RecoveryCode, SecondFactor, SignIn
from booking.queries.signin import people_at
from booking.rules.addresses import email_key
from booking.rules.one_time import setup_key
from booking.settings import settings

# Changing the app itself asks for a code that was shown this lately.
FRESH = timedelta(minutes=15)


@dataclass(frozen=True)
class Standing:
    """What a person has, what she needs, and whether she showed it a moment ago in this sign-in."""

    may_have: bool
    must_have: bool
    set_up_at: datetime | None
    # Known where setting up has begun on the server; elsewhere the browser keeps its own.
    begun_nonce: str | None
    codes_left: int
    is_fresh: bool


@dataclass(frozen=True)
class Newcomer:
    """Whose code a newcomer's command says."""

    person_id: int
    key: str


def standing(person_id: int, public_id: str, now: datetime) -> Standing:
    """Return where a person's second factor stands; patients without a role are not bothered with one."""
    roles = set(db.session.scalars(select(PersonRole.role).where(PersonRole.person_id == person_id)))
    factor = _factor(person_id)
    return Standing(
        may_have=factor is not None or bool(roles),
        must_have=policy.must_have_second_factor(roles),
        set_up_at=factor.confirmed_at if factor else None,
        begun_nonce=factor.nonce if factor and factor.confirmed_at is None else None,
        codes_left=codes_left(person_id),
        is_fresh=is_fresh(person_id, public_id, now),
    )


def set_up_at(person_id: int) -> datetime | None:
    """Return since when a person has an authenticator app; None when she has none."""
    factor = _factor(person_id)
    return factor.confirmed_at if factor else None


def codes_left(person_id: int) -> int:
    """Return how many recovery codes still open."""
    left = select(func.count()).where(RecoveryCode.person_id == person_id, RecoveryCode.used_at.is_(None))
    return db.session.scalar(left) or 0


def is_fresh(person_id: int, public_id: str, now: datetime) -> bool:
    """Say whether she showed her second factor a moment ago in this sign-in."""
    shown = select(SignIn.second_factor_at).where(
        SignIn.public_id == public_id, SignIn.person_id == person_id, SignIn.ended_at.is_(None)
    )
    at = db.session.scalar(shown)
    return at is not None and now - at < FRESH


def newcomers(address: str) -> list[Newcomer]:
    """Return whoever has this address and an authenticator app, set up or begun, by id."""
    people = select(Person.id, SecondFactor.nonce).join(SecondFactor).order_by(Person.id)
    ids = [person.id for person in people_at(email_key(address))]
    found = db.session.execute(people.where(Person.id.in_(ids)))
    return [Newcomer(row.id, setup_key(settings().secret_key, row.id, row.nonce)) for row in found]


def _factor(person_id: int) -> SecondFactor | None:
    return db.session.scalar(select(SecondFactor).where(SecondFactor.person_id == person_id))
