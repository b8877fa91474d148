"""The tray for what is to be said: rows laid in the caller's transaction, words made when they are sent."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from urllib.parse import urlsplit

from sqlalchemy import CursorResult, select
from sqlalchemy.dialects import postgresql, sqlite

from booking.db import db
from booking.messages.reach import Way, contacts_of, contacts_of_all, may_hear, way_to
from booking.models import Booking, EmailLink, Message, Person
from booking.models.kinds import Channel, MessageKind, MessageState
from booking.settings import settings


@dataclass(frozen=True, slots=True)
class About:
    """A message about a booking: its key, when it goes, and what it names."""

    booking: Booking
    key: str
    due_at: datetime
    useless_at: datetime
    schedule_version: int
    season_deed_id: int | None


def post(
    kind: MessageKind,
    *,
    person: Person | None,
    now: datetime,
    key: str,
    booking: Booking | None = None,
    link: EmailLink | None = None,
    recipient: str | None = None,
    due_at: datetime | None = None,
    useless_at: datetime | None = None,
    schedule_version: int | None = None,
    season_deed_id: int | None = None,
) -> Message | None:
    """Lay one message into the tray, inside the caller's transaction.

    Refuses: by returning None and writing nothing, a key that is already there, and a person who must
    not be written to.
    """
    if person is not None and not may_hear(person, kind, now):
        return None
    way = _way(kind, person, link, recipient, now)
    row = draft(kind, way, key=key, now=now, person_id=person.id if person is not None else None)
    row["booking_id"] = booking.id if booking is not None else None
    row["link_id"] = link.id if link is not None else None
    row |= {"schedule_version": schedule_version, "useless_at": useless_at, "due_at": due_at or now}
    row["season_deed_id"] = season_deed_id
    return db.session.scalars(select(Message).where(Message.dedupe_key == key)).one() if lay([row]) else None


def post_all(kind: MessageKind, letters: Sequence[About], now: datetime) -> int:
    """Lay one message for each of these bookings, with few questions for any number; return how many.

    Refuses: by leaving them out, keys that are already there, and people who must not be written to.
    """
    heard = [
        (each, person)
        for each in letters
        if (person := each.booking.person) is not None and may_hear(person, kind, now)
    ]
    contacts = contacts_of_all({person.id for _each, person in heard})
    rows = []
    for each, person in heard:
        way = way_to(person, contacts.get(person.id, []), kind, now)
        row = draft(kind, way, key=each.key, now=now, person_id=person.id)
        row |= {"booking_id": each.booking.id, "due_at": each.due_at, "useless_at": each.useless_at}
        row |= {"schedule_version": each.schedule_version, "season_deed_id": each.season_deed_id}
        rows.append(row)
    return lay(rows)


def draft(kind: MessageKind, way: Way, *, key: str, now: datetime, person_id: int | None) -> dict[str, Any]:
    """Return the values of a message row that waits, with the Message-ID it keeps through every retry."""
    return {
        "kind": kind,
        "channel": way.channel,
        "recipient": way.address,
        "person_id": person_id,
        "booking_id": None,
        "link_id": None,
        "schedule_version": None,
        "state": MessageState.WAITING,
        "dedupe_key": key,
        "attempts": 0,
        "created_at": now,
        "due_at": now,
        "useless_at": None,
        "why": "",
        "message_id": _message_id(),
    }


def lay(rows: Sequence[dict[str, Any]]) -> int:
    """Insert drafts and return how many had a new key.

    Two workers may lay the same reminder in the same moment: the key decides, and neither fails.
    """
    if not rows:
        return 0
    inserting = postgresql.insert if db.session.get_bind().dialect.name == "postgresql" else sqlite.insert
    # The types say FromClause where every mapped class has a Table.
    quiet = inserting(Message.__table__).on_conflict_do_nothing(index_elements=["dedupe_key"])  # type: ignore[arg-type]
    # Without asking for the new ids the driver sends one prepared statement, which is many times faster.
    laid = db.session.execute(quiet, list(rows), execution_options={"preserve_rowcount": True})
    return cast(CursorResult[Any], laid).rowcount


def _way(
    kind: MessageKind, person: Person | None, link: EmailLink | None, recipient: str | None, now: datetime
) -> Way:
    address = recipient or (link.address if link is not None else None)
    if address is not None or person is None:
        # A link proves an address, so it goes there and nowhere else.
        return Way(Channel.EMAIL, address)
    return way_to(person, contacts_of(person.id), kind, now)


def _message_id() -> str:
    return f"<m.{secrets.token_hex(16)}@{urlsplit(settings().base_url).hostname or 'localhost'}>"
