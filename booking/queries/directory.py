"""Finding people, for the office: by words of a name in any order, an address, a piece of a number."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import selectinload

from booking.db import db
from booking.models import ContactPoint, Person, PersonRole, ReversibleDeed
from booking.models.kinds import ContactKind, DeedKind, PersonStatus, Role
from booking.rules import likeness
from booking.rules.names import in_order

MOST_FOUND = 50
MOST_ALIKE = 10
_FEWEST_DIGITS = 3
# Enough for any charity; whoever has more people than this looks for a longer piece of the name.
_MOST_LOOKED_THROUGH = 20_000
_MOST_SORTED = 5_000
_A_NUMBER = re.compile(r"[\d\s()+\-./]+")


@dataclass(frozen=True)
class Found:
    """Somebody who fits what was asked for; `merged_name` is of the record that was put into hers."""

    person_id: int
    known_as: str
    full_name: str
    status: PersonStatus
    roles: frozenset[Role]
    merged_name: str = ""
    # Where she lives and the end of her number, or her email: it tells people of one name apart.
    known_by: str = ""


@dataclass(frozen=True)
class Search:
    """Who fits; `is_nearly` says that nobody did, and that these only look alike."""

    found: tuple[Found, ...]
    is_nearly: bool = False


def hosts_and_office() -> list[Found]:
    """Return everybody who has a role, by name."""
    return _listed(_sorted(select(Person.id, Person.full_name).where(_has_role())))


def find(words: str) -> Search:
    """Return who has all these words in her name or address, or this piece of a number, by name.

    If nobody has, return who is nearly called that, the most alike first.
    """
    fits = _fits(words)
    if fits is None:
        return Search(())
    exact = _listed(_sorted(select(Person.id, Person.full_name).where(fits)))
    if exact:
        return Search(tuple(exact))
    alike = likeness.nearly(words, _keys(), MOST_ALIKE)
    return Search(tuple(_listed(alike)), is_nearly=True) if alike else Search(())


def alike(full_name: str, contact_keys: Collection[tuple[ContactKind, str]]) -> list[Found]:
    """Return who has the same full name, accents and case forgiven, or the same way of contact, by name."""
    same_name = func.replace(_plain_key(), " ", "").startswith(
        "".join(word for word, _written in likeness.words_of(full_name)), autoescape=True
    )
    same_contact = [
        Person.id.in_(
            select(ContactPoint.person_id).where(ContactPoint.kind == kind, ContactPoint.key == key)
        )
        for kind, key in contact_keys
    ]
    here = Person.status.not_in((PersonStatus.CLOSED, PersonStatus.MERGED))
    return _listed(_sorted(select(Person.id, Person.full_name).where(or_(same_name, *same_contact), here)))


def kept_instead_of(person_id: int) -> int | None:
    """Return the id of the record that a merged one was put into, or None where it was not merged."""
    return _kept([person_id]).get(person_id)


def _has_role() -> ColumnElement[bool]:
    return Person.id.in_(select(PersonRole.person_id))


def _sorted(asked: Select[int, str]) -> list[int]:
    """Return ids by name, as people sort them: two databases would each do it in their own way."""
    rows = db.session.execute(asked.order_by(Person.id).limit(_MOST_SORTED)).all()
    return [person_id for person_id, _name in sorted(rows, key=lambda row: (*in_order(row[1]), row[0]))]


def _listed(ids: Sequence[int]) -> list[Found]:
    """Return these people in this order; whoever was merged stands as the record she was put into."""
    kept = _kept(ids[:MOST_FOUND])
    wanted = list(dict.fromkeys(kept.get(person_id, person_id) for person_id in ids[:MOST_FOUND]))
    people = db.session.scalars(
        select(Person)
        .where(Person.id.in_([*wanted, *kept]))
        .options(selectinload(Person.roles), selectinload(Person.contacts))
        .order_by(Person.id)
    )
    rows = {person.id: _found(person) for person in people}
    merged_into = {into: rows[merged].full_name for merged, into in kept.items() if into not in ids}
    return [replace(rows[one], merged_name=merged_into.get(one, "")) for one in wanted if one in rows]


def _found(person: Person) -> Found:
    roles = frozenset(held.role for held in person.roles)
    return Found(
        person.id, person.known_as, person.full_name, person.status, roles, known_by=_known_by(person)
    )


def _known_by(person: Person) -> str:
    """Say quietly where she lives, and the last four digits of her number or else her email address."""
    ways = sorted(person.contacts, key=lambda point: (not point.is_preferred, point.id))
    phones = [point.written for point in ways if point.kind is ContactKind.PHONE]
    emails = [point.written for point in ways if point.kind is ContactKind.EMAIL]
    way = f"…{re.sub(r'[^0-9]', '', phones[0])[-4:]}" if phones else next(iter(emails), "")
    return ", ".join(part for part in (person.region, person.nation, way) if part)


def _kept(ids: Collection[int]) -> dict[int, int]:
    """Return, by merged record, the one that is kept: at the end of the way, if it was merged in its turn."""
    merges = db.session.execute(
        select(ReversibleDeed.other_person_id, ReversibleDeed.person_id)
        .where(ReversibleDeed.kind == DeedKind.MERGED, ReversibleDeed.undone_at.is_(None))
        .order_by(ReversibleDeed.id)
    )
    into: dict[int, int] = {merged: kept for merged, kept in merges if merged is not None and merged != kept}
    ways = {}
    for person_id in ids:
        end, seen = person_id, {person_id}
        while end in into and into[end] not in seen:
            end = into[end]
            seen.add(end)
        if end != person_id:
            ways[person_id] = end
    return ways


def _keys() -> dict[int, str]:
    rows = db.session.execute(
        select(Person.id, Person.search_key)
        .where(Person.search_key != "")
        .order_by(Person.id.desc())
        .limit(_MOST_LOOKED_THROUGH)
    )
    return dict(rows.all())


def _fits(typed: str) -> ColumnElement[bool] | None:
    each = [_has_word(word, as_written) for word, as_written in likeness.words_of(typed)]
    ways = [and_(*each)] if each else []
    digits = re.sub(r"\D", "", typed)
    if len(digits) >= _FEWEST_DIGITS and _A_NUMBER.fullmatch(typed):
        ways.append(Person.id.in_(_with_number(digits)))
    return or_(*ways) if ways else None


def _has_word(word: str, as_written: str) -> ColumnElement[bool]:
    return _plain_key().contains(word, autoescape=True) | _has_address(as_written)


def _has_address(part: str) -> ColumnElement[bool]:
    return Person.id.in_(
        select(ContactPoint.person_id).where(
            ContactPoint.kind == ContactKind.EMAIL, ContactPoint.key.contains(part, autoescape=True)
        )
    )


def _plain_key() -> ColumnElement[str]:
    """Return the folded names as SQL makes them plain, in step with `likeness.plain`."""
    key: ColumnElement[str] = Person.search_key.expression
    for sign in likeness.LEFT_OUT:
        key = func.replace(key, sign, "")
    for letter, typed in likeness.PLAIN.items():
        key = func.replace(key, letter, typed)
    return key


def _with_number(digits: str) -> Select[int]:
    """Return who has a number with these digits, however it is spaced; +44 and 0 begin the same number."""
    bare: ColumnElement[str] = ContactPoint.written.expression
    for sign in (" ", "-", "(", ")", ".", "/"):
        bare = func.replace(bare, sign, "")
    national = digits.removeprefix("00").removeprefix("44").removeprefix("0")
    wanted = {digits} | ({national} if len(national) >= _FEWEST_DIGITS else set())
    fits = [bare.contains(one, autoescape=True) for one in sorted(wanted)]
    return select(ContactPoint.person_id).where(ContactPoint.kind == ContactKind.PHONE, or_(*fits))
