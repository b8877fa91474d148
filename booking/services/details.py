"""What somebody says about herself, each thing by itself, and all of it hers to take back."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, select

from booking.db import db, transaction
from booking.models import EmergencyContact, EqualityAnswers
from booking.models.kinds import ConsentPurpose, Who
from booking.refusals import ConsentNeeded, NotFound
from booking.rules import equality, nations
from booking.rules.addresses import clean_line, clean_phone
from booking.services.steps import consent
from booking.services.steps.audit import note
from booking.services.steps.handing_back import let_go
from booking.services.steps.people import hold


def save_name(person_id: int, full_name: str, known_as: str, who: Who, now: datetime) -> None:
    """Keep her name, the name she likes (her first name if she says none) and why she comes.

    Refuses: names that are too long.
    """
    full = clean_line(full_name, 200)
    liked = clean_line(known_as, 100) or full.split(" ")[0][:100]
    with transaction():
        person = hold(person_id)
        person.full_name, person.known_as, person.who = full, liked, who
        note(now, person_id, "details changed", f"person:{person_id}", "full name", "known as", "who")


def save_where(person_id: int, nation: str, region: str, now: datetime) -> None:
    """Keep where she lives, as far as she says.

    Refuses: a nation that is none of the choices, and a place that is too long.
    """
    if nation not in nations.ANSWERS:
        raise NotFound
    place = clean_line(region, 100)
    with transaction():
        person = hold(person_id)
        person.nation, person.region = nation, place
        note(now, person_id, "details changed", f"person:{person_id}", "nation", "region")


def save_emergency_contact(person_id: int, name: str, phone: str, now: datetime) -> None:
    """Keep whom to call when she is taken ill at a session, in place of who it was.

    Refuses: a name that is too long, and a number that nobody could call.
    """
    whom, number = clean_line(name, 200), clean_phone(phone)
    with transaction():
        hold(person_id)
        before = _emergency_contact(person_id)
        if before is not None:
            let_go("emergency", before, now)
        db.session.add(EmergencyContact(person_id=person_id, name=whom, phone=number, saved_at=now))
        note(now, person_id, "details changed", f"person:{person_id}", "emergency contact")


def delete_emergency_contact(person_id: int, now: datetime) -> None:
    """Forget whom to call; twice is once."""
    with transaction():
        hold(person_id)
        kept = _emergency_contact(person_id)
        if kept is not None:
            db.session.delete(kept)
            note(now, person_id, "details changed", f"person:{person_id}", "emergency contact")


def save_equality(person_id: int, answers: Mapping[str, str], agrees: bool, now: datetime) -> None:
    """Keep her answers to the equality questions, and her yes to keeping them.

    No answer at all keeps nothing: what was there before is deleted, and the consent withdrawn.
    Refuses: answers without her consent, and one that is none of the choices.
    """
    given = {name: answers.get(name, "") for name in equality.ANSWERS}
    if any(said and said not in equality.ANSWERS[name] for name, said in given.items()):
        raise NotFound
    if any(given.values()) and not agrees:
        raise ConsentNeeded(field="agrees")
    with transaction():
        hold(person_id)
        db.session.execute(delete(EqualityAnswers).where(EqualityAnswers.person_id == person_id))
        if any(given.values()):
            consent.agree(person_id, ConsentPurpose.EQUALITY, now)
            db.session.add(EqualityAnswers(person_id=person_id, saved_at=now, **given))
        else:
            consent.withdraw(person_id, ConsentPurpose.EQUALITY, now)
        note(now, person_id, "details changed", f"person:{person_id}", "equality answers")


def _emergency_contact(person_id: int) -> EmergencyContact | None:
    return db.session.scalar(select(EmergencyContact).where(EmergencyContact.person_id == person_id))
