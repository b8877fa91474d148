"""Who looked at somebody's contact details, as the audit holds it."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import String, cast, literal, select
from sqlalchemy.orm import joinedload

from booking.db import db
from booking.models import AuditEntry, Person, ReversibleDeed, ScheduledSession
from booking.models.kinds import DeedKind

LOOKED = "contact details revealed"
MOST_SHOWN = 200


@dataclass(frozen=True)
class Look:
    """One look: when, by which host, and for which session."""

    at: datetime
    known_as: str
    title: str
    local_date: date


def who_looked(person_id: int) -> list[Look]:
    """Return every look of a host at this person's contact details, the latest first."""
    rows = db.session.execute(
        select(AuditEntry.at, Person.known_as, ScheduledSession)
        .join(Person, Person.id == AuditEntry.actor_id)
        .join(
            ScheduledSession,
            AuditEntry.fields == literal("session:").concat(cast(ScheduledSession.id, String)),
        )
        .where(AuditEntry.subject.in_(_subjects(person_id)), AuditEntry.action == LOOKED)
        .options(joinedload(ScheduledSession.series))
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
        .limit(MOST_SHOWN)
    )
    return [Look(at, known_as, scheduled.title, scheduled.local_date) for at, known_as, scheduled in rows]


def _subjects(person_id: int) -> list[str]:
    """Name her in the words of the audit: herself, and the records of hers that were put into this one."""
    merged = select(ReversibleDeed.other_person_id).where(
        ReversibleDeed.person_id == person_id,
        ReversibleDeed.kind == DeedKind.MERGED,
        ReversibleDeed.undone_at.is_(None),
    )
    ids = [person_id, *db.session.scalars(merged.order_by(ReversibleDeed.id))]
    return [f"person:{each}" for each in ids]
