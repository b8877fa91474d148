"""The letters that only say what was changed, so that somebody whose doing it was not can call us."""

from datetime import datetime
from typing import Any

from booking.db import db
from booking.messages.letters import links
from booking.messages.letters.dates import day_words
from booking.messages.letters.render import greeting_name, letter_for
from booking.messages.letters.results import Letter, NoLongerTrue
from booking.messages.reach import may_hear
from booking.models import Message, Person
from booking.rules.wall_time import to_local


def email_changed(message: Message, now: datetime) -> Letter | NoLongerTrue:
    """Tell the old address that another one took its place; the new one is not named."""
    return _notice(message, now, {})


def password_changed(message: Message, now: datetime) -> Letter | NoLongerTrue:
    """Tell somebody that her password was set, changed or removed, and on which day."""
    day = day_words(to_local(message.created_at).date())
    return _notice(message, now, {"day": day, "button_url": links.sign_in_url()})


def factor_changed(message: Message, now: datetime) -> Letter | NoLongerTrue:
    """Tell somebody that her second step was changed, or a recovery code used, and on which day."""
    day = day_words(to_local(message.created_at).date())
    return _notice(message, now, {"day": day, "button_url": links.sign_in_url()})


def _notice(message: Message, now: datetime, more: dict[str, Any]) -> Letter | NoLongerTrue:
    person = db.session.get(Person, message.person_id) if message.person_id is not None else None
    if person is None or not may_hear(person, message.kind, now):
        return NoLongerTrue("not to be written to")
    if not message.recipient:
        return NoLongerTrue("no address")
    return letter_for(message, {"greeting": greeting_name(person), **more}, to=message.recipient)
