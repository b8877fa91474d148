"""The office's digest on Monday: numbers and the way to each, nobody's name."""

from datetime import datetime

from flask_babel import gettext as _

from booking.db import db
from booking.messages.letters import links
from booking.messages.letters.dates import day_words
from booking.messages.letters.facts import Fact
from booking.messages.letters.render import greeting_name, letter_for
from booking.messages.letters.results import Composed, NoLongerTrue
from booking.models import Message, Person, PersonRole
from booking.models.kinds import Role
from booking.queries.digest import Digest, digest_of


def digest(message: Message, now: datetime) -> Composed:
    """Tell somebody of the office what waits this week."""
    person = db.session.get(Person, message.person_id) if message.person_id is not None else None
    office = db.select(PersonRole.id).where(
        PersonRole.person_id == message.person_id, PersonRole.role == Role.ADMIN
    )
    if person is None or message.about_on is None or db.session.scalar(office) is None:
        return NoLongerTrue("not in the office any more")
    found = digest_of(now)
    context = {
        "greeting": greeting_name(person),
        "day": day_words(message.about_on),
        "total": found.total,
        "facts": _facts(found),
        "button_words": _("Open Today"),
        "button_url": links.office_url(),
    }
    return letter_for(message, context)


def _facts(found: Digest) -> list[Fact]:
    lines = [
        (_("People not told yet"), found.untold, "#untold"),
        (_("Calls to make"), found.calls, "#calls"),
        (_("Cover wanted"), found.cover, "/tasks"),
        (_("Things to do"), found.tasks, "#to-do"),
        (_("Registers not complete"), found.registers, "#registers"),
        (_("Places that wait for an answer"), found.offers, "#offers"),
        (_("Letters in trouble"), found.letters, "#letters"),
    ]
    return [
        Fact(str(label), f"{number:,}", links.office_url(part), link_words=f"{number:,}")
        for label, number, part in lines
        if number
    ]
