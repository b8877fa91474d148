"""People: roles, and what they choose for themselves."""

from datetime import datetime

from sqlalchemy import delete, func, select

from booking import policy
from booking.db import db, transaction
from booking.models import Person, PersonRole
from booking.models.kinds import FeedKind, Role, Who
from booking.queries.signin import people_at
from booking.refusals import AnotherAdminGives, LastAdmin, NotFound, RoleNeedsProof, SeveralPeople
from booking.rules.addresses import clean_email, clean_line, clean_text, email_key
from booking.services.steps import newcomers, sign_ins
from booking.services.steps.audit import note
from booking.services.steps.feeds import end_feeds
from booking.services.steps.locks import lock_address, lock_people
from booking.services.steps.people import hold


def make_admin(email: str, person_id: int | None, now: datetime) -> int:
    """Give the office's pages to the person with this address, adding her if nobody has it.

    Refuses: an address of several people unless `person_id` says which, and one that is not hers.
    """
    address = clean_email(email)
    with transaction():
        lock_address(email_key(address))
        people = [person for person in people_at(email_key(address)) if policy.may_sign_in(person.status)]
        if person_id is not None:
            people = [person for person in people if person.id == person_id]
            if not people:
                raise NotFound
        if len(people) > 1:
            raise SeveralPeople([person.id for person in people])
        person = people[0] if people else _person_named(address, now)
        lock_people([person.id])
        _give(person.id, Role.ADMIN, None, now)
        return person.id


def give_role(person_id: int, role: Role, actor_id: int, now: datetime) -> None:
    """Let a person host, or open the office's pages; giving it twice is giving it once.

    Refuses: a record that does not open any more, the office's roles to oneself, and to somebody who is not
    proven.
    """
    with transaction():
        person = hold(person_id)
        if not policy.may_give(role, person_id, actor_id):
            raise AnotherAdminGives
        if not policy.may_be_given(role, person.status):
            raise RoleNeedsProof
        _give(person_id, role, actor_id, now)


def take_role(person_id: int, role: Role, actor_id: int, now: datetime) -> None:
    """Take a role back and end the person's live sign-ins; taking it twice is taking it once.

    Refuses: the last person of the office.
    """
    with transaction():
        # Everybody with the role is locked, so that two admins can't take each other's at once.
        holders = db.session.scalars(select(PersonRole.person_id).where(PersonRole.role == role)).all()
        lock_people([person_id, *holders])
        if not _holds(person_id, role):
            return
        if role is Role.ADMIN and not _others_hold(person_id, role):
            raise LastAdmin
        db.session.execute(
            delete(PersonRole).where(PersonRole.person_id == person_id, PersonRole.role == role)
        )
        sign_ins.end_all(person_id, now)
        if role is Role.ADMIN:
            end_feeds(person_id, FeedKind.OFFICE, now)
        note(now, actor_id, "role taken", f"person:{person_id}", role.value)


def save_access_needs(person_id: int, needs: str, now: datetime) -> None:
    """Keep what helps her to take part; the hosts of her sessions see it.

    Refuses: more than 500 characters, and a record that does not open any more.
    """
    wanted = clean_text(needs, 500)
    with transaction():
        hold(person_id).access_needs = wanted
        note(now, person_id, "details changed", f"person:{person_id}", "access needs")


def _person_named(address: str, now: datetime) -> Person:
    """Add somebody from the office who has no record yet; she gives her name later."""
    name = clean_line(address.partition("@")[0], 100)
    return newcomers.add(name, name, Who.OTHER, now, email=address)


def _give(person_id: int, role: Role, actor_id: int | None, now: datetime) -> None:
    if not _holds(person_id, role):
        db.session.add(PersonRole(person_id=person_id, role=role, given_at=now, given_by=actor_id))
        note(now, actor_id, "role given", f"person:{person_id}", role.value)


def _holds(person_id: int, role: Role) -> bool:
    held = select(PersonRole.id).where(PersonRole.person_id == person_id, PersonRole.role == role)
    return db.session.scalar(held) is not None


def _others_hold(person_id: int, role: Role) -> bool:
    """Say whether somebody else has the role; a record that no longer opens keeps nobody's key."""
    others = (
        select(func.count())
        .select_from(PersonRole)
        .join(Person, Person.id == PersonRole.person_id)
        .where(PersonRole.role == role, PersonRole.person_id != person_id, Person.status.in_(policy.LIVING))
    )
    return bool(db.session.scalar(others))
