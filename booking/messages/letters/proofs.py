"""The letters whose button proves an address: confirm your email, sign in, and use a new address."""

from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import exists, select

from booking import policy
from booking.db import db
from booking.messages.letters import links
from booking.messages.letters.facts import Fact, name_of, when_it_is
from booking.messages.letters.render import letter_for
from booking.messages.letters.results import Letter, NoLongerTrue
from booking.models import ContactPoint, EmailLink, Message, Person
from booking.models.kinds import ContactKind
from booking.queries.holds import AskedFor, asked_for_by
from booking.queries.signin import people_at


def confirm_email(message: Message, now: datetime) -> Letter | NoLongerTrue:
    """Ask whether an address is hers; the name typed by whoever registered is not repeated."""
    link = _link(message)
    why = _why_not(link, now)
    if link is None or why:
        return NoLongerTrue(why)
    known = db.session.scalar(select(_living_at(link, other_than=link.person_id)))
    asked_for = asked_for_by(link.person_id, now)
    held = [place for place in asked_for if place.is_held]
    turns = [place for place in asked_for if place.is_turn and not place.is_cancelled]
    context = {
        "already_known": known,
        "sign_in_url": links.sign_in_url(),
        "facts": _facts_of(held or turns),
        "is_turn": bool(turns and not held),
    }
    return _letter(message, link, context)


def _facts_of(places: list[AskedFor]) -> list[Fact]:
    """Say what waits for her, in no other words than those that may stand on a lock screen."""
    said: list[Fact] = []
    for place in places:
        said += [Fact(_("What"), name_of(place.session)), Fact(_("When"), when_it_is(place.session))]
    return said


def sign_in(message: Message, now: datetime) -> Letter | NoLongerTrue:
    """Send the link that signs in whoever reads this address, or say that nobody is known by it."""
    link = _link(message)
    why = _why_not(link, now)
    if link is None or why:
        return NoLongerTrue(why)
    if db.session.scalar(select(_living_at(link))):
        return _letter(message, link, {})
    if message.person_id is not None or people_at(link.address_key):
        # Whoever belonged to this address has died or closed the record since: silence.
        return NoLongerTrue("nobody there")
    return _letter(message, link, {"is_unknown": True, "button_url": links.register_url()})


def change_email(message: Message, now: datetime) -> Letter | NoLongerTrue:
    """Ask whether a new address is hers; nobody is named, because one wrong letter makes it a stranger's."""
    link = _link(message)
    why = _why_not(link, now)
    return NoLongerTrue(why) if link is None or why else _letter(message, link, {})


def _link(message: Message) -> EmailLink | None:
    return db.session.get(EmailLink, message.link_id, populate_existing=True) if message.link_id else None


def _why_not(link: EmailLink | None, now: datetime) -> str:
    if link is None:
        return "no link"
    if link.used_at is not None:
        return "link used"
    if link.expires_at <= now:
        return "link too old"
    person = db.session.get(Person, link.person_id) if link.person_id else None
    return "" if person is None or policy.may_sign_in(person.status) else "not to be written to"


def _living_at(link: EmailLink, other_than: int | None = None) -> Any:
    """Return the question whether anybody who may sign in has this address."""
    statuses = policy.LIVING if other_than is None else policy.PROVEN
    asked = exists().where(
        ContactPoint.kind == ContactKind.EMAIL,
        ContactPoint.key == link.address_key,
        Person.id == ContactPoint.person_id,
        Person.status.in_(statuses),
    )
    return asked if other_than is None else asked.where(Person.id != other_than)


def _letter(message: Message, link: EmailLink, more: dict[str, Any]) -> Letter:
    context = {"greeting": "", "button_url": links.proof_url(link), "code": links.proof_code(link), **more}
    return letter_for(message, context, to=link.address)
