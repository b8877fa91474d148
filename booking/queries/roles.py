"""Who was given a role of the office lately, so that no key is handed on unseen."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import String, cast, literal, select
from sqlalchemy.orm import aliased

from booking import policy
from booking.db import db
from booking.models import AuditEntry, Person, PersonRole
from booking.models.kinds import Role

LATELY = timedelta(days=7)


@dataclass(frozen=True)
class NewKey:
    """A role of the office that was given: to whom, by whom, and whether it still stands."""

    person_id: int
    full_name: str
    role: Role
    given_at: datetime
    given_by: str | None
    still_stands: bool


def given_lately(now: datetime) -> list[NewKey]:
    """Return the office's roles that were given in the last 7 days, the latest first.

    Read from the audit: a role that was given for an hour and taken back is still told of.
    """
    giver = aliased(Person)
    roles = {role.value: role for role in policy.IN_THE_OFFICE}
    still = select(PersonRole.id).where(
        PersonRole.person_id == Person.id, PersonRole.role == AuditEntry.fields
    )
    rows = db.session.execute(
        select(Person.id, Person.full_name, AuditEntry.fields, AuditEntry.at, giver.known_as, still.exists())
        .join(Person, literal("person:") + cast(Person.id, String) == AuditEntry.subject)
        .outerjoin(giver, giver.id == AuditEntry.actor_id)
        .where(
            AuditEntry.action == "role given",
            AuditEntry.fields.in_(sorted(roles)),
            AuditEntry.at > now - LATELY,
        )
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
    )
    return [
        NewKey(person_id, name, roles[role], at, by, stands) for person_id, name, role, at, by, stands in rows
    ]
