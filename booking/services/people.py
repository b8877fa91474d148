"""People: registering, roles, and what they choose for themselves."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select

from booking import policy
from booking.db import db, transaction
from booking.messages import outbox
from booking.models import ContactPoint, EmailLink, Person, PersonRole
from booking.models.kinds import (
    Channel,
    ConsentPurpose,
    ContactKind,
    LinkPurpose,
    MessageKind,
    PersonStatus,
    Role,
    Who,
)
from booking.queries.signin import people_at
from booking.refusals import ConsentNeeded, LastAdmin, NotFound, SeveralPeople
from booking.rules.addresses import clean_email, clean_line, clean_text, email_key
from booking.services.steps import consent, links, sign_ins
from booking.services.steps.audit import note
from booking.services.steps.locks import lock_address, lock_people

# Somebody who presses twice, or comes back a moment later, is still the same person.
SAME_ATTEMPT = timedelta(hours=24)
ONE_LETTER_A = timedelta(minutes=1)


@dataclass(frozen=True)
class Registration:
    """What somebody new says about herself; nothing else is asked."""

    full_name: str
    known_as: str
    email: str
    who: Who
    agrees: bool


def register(facts: Registration, next_path: str, now: datetime) -> None:
    """Keep a new person until she proves her address, and post the one letter that asks for it.

    A known address is treated alike: the letter's page lets its reader choose who she is.
    Refuses: no consent.
    """
    if not facts.agrees:
        raise ConsentNeeded
    with transaction():
        # Two presses in the same moment must find each other's record, and not make two.
        lock_address(email_key(facts.email))
        person = _same_attempt(facts, now) or _new_person(facts, now)
        if _letter_just_went(person.id, now):
            return
        link = links.make(LinkPurpose.CONFIRM_EMAIL, facts.email, next_path, now, person.id)
        outbox.post(
            MessageKind.CONFIRM_EMAIL,
            person=person,
            link=link,
            recipient=facts.email,
            now=now,
            key=f"link:{link.id}",
        )


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

    Refuses: a record that does not open any more.
    """
    with transaction():
        lock_people([person_id])
        if not policy.may_sign_in(db.session.get_one(Person, person_id).status):
            raise NotFound
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
        note(now, actor_id, "role taken", f"person:{person_id}", role.value)


def save_reminders(person_id: int, two_days: bool, that_morning: bool, now: datetime) -> None:
    """Keep when she wants to be reminded: 2 days before at 10am, that morning at 8am, both or neither."""
    with transaction():
        lock_people([person_id])
        person = db.session.get_one(Person, person_id)
        person.remind_two_days, person.remind_that_morning = two_days, that_morning
        note(now, person_id, "details changed", f"person:{person_id}", "reminders")


def save_access_needs(person_id: int, needs: str, now: datetime) -> None:
    """Keep what helps her to take part; the hosts of her sessions see it.

    Refuses: more than 500 characters.
    """
    wanted = clean_text(needs, 500)
    with transaction():
        lock_people([person_id])
        db.session.get_one(Person, person_id).access_needs = wanted
        note(now, person_id, "details changed", f"person:{person_id}", "access needs")


def _same_attempt(facts: Registration, now: datetime) -> Person | None:
    """Find the record of somebody who pressed Register twice."""
    return next(
        (
            person
            for person in people_at(email_key(facts.email))
            if person.status is PersonStatus.UNPROVEN
            and person.full_name.casefold() == facts.full_name.casefold()
            and person.known_as.casefold() == facts.known_as.casefold()
            and person.created_at > now - SAME_ATTEMPT
        ),
        None,
    )


def _letter_just_went(person_id: int, now: datetime) -> bool:
    fresh = select(EmailLink.id).where(
        EmailLink.person_id == person_id,
        EmailLink.used_at.is_(None),
        EmailLink.created_at > now - ONE_LETTER_A,
    )
    return db.session.scalar(fresh.limit(1)) is not None


def _new_person(facts: Registration, now: datetime) -> Person:
    person = _added(facts.full_name, facts.known_as, facts.email, facts.who, now)
    consent.agree(person.id, ConsentPurpose.KEEP_DETAILS, now)
    note(now, person.id, "registered", f"person:{person.id}")
    return person


def _person_named(address: str, now: datetime) -> Person:
    """Add somebody from the office who has no record yet; she gives her name later."""
    name = clean_line(address.partition("@")[0], 100)
    return _added(name, name, address, Who.OTHER, now)


def _added(full_name: str, known_as: str, address: str, who: Who, now: datetime) -> Person:
    person = Person(full_name=full_name, known_as=known_as, who=who, channel=Channel.EMAIL, created_at=now)
    db.session.add(person)
    db.session.flush()
    db.session.add(
        ContactPoint(
            person_id=person.id,
            kind=ContactKind.EMAIL,
            written=address,
            key=email_key(address),
            created_at=now,
        )
    )
    return person


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
