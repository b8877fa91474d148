"""Finding people, for the office: by a name, an address or a piece of a phone number."""

import re
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from booking import policy
from booking.db import db
from booking.models import Booking, ContactPoint, Person, PersonRole, ScheduledSession
from booking.models.kinds import ContactKind, PersonStatus, Role
from booking.refusals import NotFound

MOST_FOUND = 50
_FEWEST_DIGITS = 3


@dataclass(frozen=True)
class Found:
    """Somebody who fits what was asked for."""

    person_id: int
    known_as: str
    full_name: str
    status: PersonStatus
    roles: frozenset[Role]


@dataclass(frozen=True)
class Known:
    """One person with her roles and her bookings, the latest date first."""

    person: Person
    roles: frozenset[Role]
    bookings: tuple[Booking, ...]
    may_have_roles: bool


def hosts_and_office() -> list[Found]:
    """Return everybody who has a role, by name."""
    asked = select(Person).where(Person.id.in_(select(PersonRole.person_id)))
    return _listed(asked)


def find(words: str) -> list[Found]:
    """Return the people whose name, address or number holds these words, by name; at most `MOST_FOUND`."""
    return _listed(select(Person).where(or_(*_fits(words)))) if words.strip() else []


def known(person_id: int) -> Known:
    """Return one person for the office. Refuses: nobody."""
    person = db.session.scalar(
        select(Person)
        .where(Person.id == person_id)
        .options(selectinload(Person.contacts), selectinload(Person.roles))
    )
    if person is None:
        raise NotFound
    bookings = db.session.scalars(
        select(Booking)
        .join(Booking.session)
        .where(Booking.person_id == person_id)
        .options(joinedload(Booking.session).joinedload(ScheduledSession.series))
        .order_by(ScheduledSession.starts_at.desc(), Booking.id.desc())
        .limit(MOST_FOUND)
    ).all()
    return Known(person, _roles(person), tuple(bookings), policy.may_sign_in(person.status))


def _listed(asked: Select[Person]) -> list[Found]:
    people = db.session.scalars(
        asked.options(selectinload(Person.roles))
        .order_by(func.lower(Person.full_name), Person.id)
        .limit(MOST_FOUND)
    )
    return [
        Found(person.id, person.known_as, person.full_name, person.status, _roles(person))
        for person in people
    ]


def _roles(person: Person) -> frozenset[Role]:
    return frozenset(held.role for held in person.roles)


def _fits(words: str) -> list[ColumnElement[bool]]:
    looked_for = words.strip()
    # SQLite folds the case of plain letters only: an accented name is also sought as it is written.
    spellings = {looked_for, looked_for.lower(), looked_for.capitalize(), looked_for.title()}
    fits = [
        condition
        for spelling in sorted(spellings)
        for condition in (
            Person.full_name.icontains(spelling, autoescape=True),
            Person.known_as.icontains(spelling, autoescape=True),
        )
    ]
    email = select(ContactPoint.person_id).where(
        ContactPoint.kind == ContactKind.EMAIL, ContactPoint.key.icontains(looked_for, autoescape=True)
    )
    fits.append(Person.id.in_(email))
    digits = re.sub(r"\D", "", looked_for)
    if len(digits) >= _FEWEST_DIGITS and re.fullmatch(r"[\d\s()+\-.]+", looked_for):
        fits.append(Person.id.in_(_with_number(digits)))
    return fits


def _with_number(digits: str) -> Select[int]:
    """Return who has a number with these digits, however it is spaced; +44 and 0 begin the same number."""
    bare: ColumnElement[str] = ContactPoint.written.expression
    for sign in (" ", "-", "(", ")", "."):
        bare = func.replace(bare, sign, "")
    national = digits.removeprefix("44").removeprefix("0")
    return select(ContactPoint.person_id).where(
        ContactPoint.kind == ContactKind.PHONE, bare.contains(national or digits, autoescape=True)
    )
