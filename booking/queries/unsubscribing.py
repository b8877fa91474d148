"""Behind the link in a letter that stops reminders or news: whose it is, and what it stops."""

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import select

from booking import policy
from booking.db import db
from booking.models import Booking, Person, ReversibleDeed
from booking.models.kinds import LIVE, DeedKind, PersonStatus
from booking.refusals import LinkNoLongerWorks
from booking.rules.tokens import row_id_of, token_fits
from booking.settings import settings

Stoppable = Literal["reminders", "news"]
# The purpose of each one's token, so that a link for one stops nothing else.
STOPS: dict[Stoppable, str] = {"reminders": "stop reminders", "news": "stop news"}


@dataclass(frozen=True)
class Stopping:
    """What a link stops, and whether it still comes."""

    person_id: int
    what: Stoppable
    still_comes: bool


def behind(token: str) -> Stopping:
    """Return what a link in a letter stops, and for whom; a merged record's letters speak for the kept one.

    A record that does not open any more gets nothing, so there is nothing left to stop.
    Refuses: every token that does not fit, alike.
    """
    row_id = row_id_of(token)
    person = db.session.get(Person, row_id) if row_id is not None else None
    if person is None:
        raise LinkNoLongerWorks
    for what, purpose in STOPS.items():
        if token_fits(settings().secret_keys, purpose, person.id, person.mail_nonce, token):
            kept = _kept(person)
            return Stopping(kept.id, what, policy.may_sign_in(kept.status) and _still_comes(kept, what))
    raise LinkNoLongerWorks


def _kept(person: Person) -> Person:
    """Follow the merges from a record to the one that answers for her today."""
    while person.status is PersonStatus.MERGED:
        into = db.session.scalar(
            select(ReversibleDeed.person_id)
            .where(
                ReversibleDeed.kind == DeedKind.MERGED,
                ReversibleDeed.other_person_id == person.id,
                ReversibleDeed.undone_at.is_(None),
            )
            .order_by(ReversibleDeed.id.desc())
            .limit(1)
        )
        if into is None:
            return person
        person = db.session.get_one(Person, into)
    return person


def _still_comes(person: Person, what: Stoppable) -> bool:
    if what == "news":
        return person.wants_news
    return person.remind_two_days or person.remind_that_morning or chose_for_a_place(person.id)


def chose_for_a_place(person_id: int) -> bool:
    """Say whether she wants a reminder of one place of hers, whatever she chose once for all."""
    chosen = Booking.remind_two_days.is_(True) | Booking.remind_that_morning.is_(True)
    live = Booking.state.in_(LIVE)
    return (
        db.session.scalar(select(Booking.id).where(policy.is_hers(person_id), live, chosen).limit(1))
        is not None
    )
