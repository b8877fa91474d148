"""Showing one person's contact details to a host: one at a time, on the day, and noted for her to see."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import selectinload

from booking import policy
from booking.db import db, transaction
from booking.models import Booking, EmergencyContact, Person, ScheduledSession
from booking.models.kinds import ContactKind
from booking.queries.reveals import LOOKED
from booking.refusals import NotFound, NothingToShow, NotOnTheDay
from booking.rules.wall_time import to_local
from booking.services.steps.audit import note
from booking.services.steps.locks import lock_people


@dataclass(frozen=True)
class Revealed:
    """What a host may read on the day: how to reach somebody, and whom to call when she is unwell."""

    known_as: str
    full_name: str
    phones: tuple[str, ...]
    emails: tuple[str, ...]
    emergency_name: str
    emergency_phone: str


def reveal(session_id: int, booking_id: int, actor_id: int, now: datetime) -> Revealed:
    """Show how to reach somebody on the list of a date this person leads, and note that she looked.

    Refuses: a date that is not hers and a row that is not on its list, like what does not exist; any
    other day than the session's own; and a person with nothing to show.
    """
    with transaction():
        person_id, zone, day = _on_her_list(session_id, booking_id, actor_id)
        if to_local(now, zone).date() != day:
            raise NotOnTheDay
        if person_id is None:
            raise NothingToShow
        lock_people([person_id])
        # Asked again under the lock: she may have been taken off the list, or have died, a moment ago.
        _on_her_list(session_id, booking_id, actor_id)
        shown = _details(person_id)
        note(now, actor_id, LOOKED, f"person:{person_id}", f"session:{session_id}")
        return shown


def _on_her_list(session_id: int, booking_id: int, actor_id: int) -> Row[*tuple[Any, ...]]:
    found = db.session.execute(
        select(Booking.person_id, ScheduledSession.zone, ScheduledSession.local_date)
        .join(ScheduledSession, ScheduledSession.id == Booking.session_id)
        .where(
            Booking.id == booking_id,
            Booking.session_id == session_id,
            policy.leads(actor_id),
            policy.session_is_shown(),
            policy.on_register(),
        )
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def _details(person_id: int) -> Revealed:
    person = db.session.scalar(
        select(Person)
        .where(Person.id == person_id, Person.status.in_(policy.LIVING))
        .options(selectinload(Person.contacts))
    )
    if person is None:
        raise NothingToShow
    emergency = db.session.scalar(select(EmergencyContact).where(EmergencyContact.person_id == person_id))
    return Revealed(
        known_as=person.known_as,
        full_name=person.full_name,
        phones=tuple(point.written for point in person.contacts if point.kind is ContactKind.PHONE),
        # An address that nobody proved may be a stranger's.
        emails=tuple(
            point.written
            for point in person.contacts
            if point.kind is ContactKind.EMAIL and point.proven_at is not None
        ),
        emergency_name=emergency.name if emergency else "",
        emergency_phone=emergency.phone if emergency else "",
    )
