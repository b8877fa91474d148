"""One person as the office sees her: never her movement flags, never her equality answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import aliased, joinedload, selectinload

from booking import policy
from booking.db import db
from booking.models import (
    AuditEntry,
    Booking,
    Consent,
    ContactPoint,
    EmergencyContact,
    Person,
    ScheduledSession,
)
from booking.models.kinds import (
    ConsentHow,
    ConsentPurpose,
    ContactKind,
    PersonStatus,
    Role,
)
from booking.queries import second_factor
from booking.queries.directory import kept_instead_of
from booking.refusals import NotFound

MOST_BOOKINGS = 50
MOST_HISTORY = 30
# The deeds that gave a record the state it is in.
_BEGAN = {
    PersonStatus.PAUSED: ("paused",),
    PersonStatus.DIED: ("death recorded",),
    PersonStatus.MERGED: ("merged into another record",),
    PersonStatus.CLOSED: ("account closed", "record emptied"),
}


@dataclass(frozen=True)
class Agreement:
    """One row of the ledger; `recorded_by` is who in the office heard her say it."""

    purpose: ConsentPurpose
    wording_version: str
    given_at: datetime
    how: ConsentHow
    recorded_by: str
    withdrawn_at: datetime | None


@dataclass(frozen=True)
class Deed:
    """One thing that somebody did to a record; `by` is empty where the service itself acted."""

    at: datetime
    by: str
    by_herself: bool
    action: str
    fields: str


@dataclass(frozen=True)
class Known:
    """One person with what may be shown of her; her bookings come with the latest date first."""

    person: Person
    roles: frozenset[Role]
    bookings: tuple[Booking, ...]
    emergency: EmergencyContact | None
    agreements: tuple[Agreement, ...]
    kept_id: int | None
    status_since: datetime | None
    app_set_up_at: datetime | None

    @property
    def lacks_app(self) -> bool:
        """Say whether somebody of the office has no authenticator app yet: she should set one up soon."""
        return policy.must_have_second_factor(self.roles) and self.app_set_up_at is None

    @property
    def may_have_roles(self) -> bool:
        """Say whether the record opens at all."""
        return policy.may_sign_in(self.person.status)

    @property
    def is_kept(self) -> bool:
        """Say whether there is still somebody in this record."""
        return self.person.status not in (PersonStatus.CLOSED, PersonStatus.MERGED)

    def written(self, kind: ContactKind) -> list[ContactPoint]:
        """Return her ways of one kind, the preferred first."""
        own = [point for point in self.person.contacts if point.kind == kind]
        return sorted(own, key=lambda point: (not point.is_preferred, point.id))


def known(person_id: int) -> Known:
    """Return one person for the office. Refuses: nobody."""
    person = db.session.scalar(
        select(Person)
        .where(Person.id == person_id)
        .options(selectinload(Person.contacts), selectinload(Person.roles))
    )
    if person is None:
        raise NotFound
    return Known(
        person=person,
        roles=frozenset(held.role for held in person.roles),
        bookings=tuple(_bookings(person_id)),
        emergency=db.session.scalar(select(EmergencyContact).where(EmergencyContact.person_id == person_id)),
        agreements=tuple(_agreements(person_id)),
        kept_id=kept_instead_of(person_id) if person.status is PersonStatus.MERGED else None,
        status_since=_since(person),
        app_set_up_at=second_factor.set_up_at(person_id),
    )


def history(person_id: int) -> list[Deed]:
    """Return what was done to her record, the latest first: ids and field names are all that is known."""
    actor = aliased(Person)
    rows = db.session.execute(
        select(AuditEntry.at, AuditEntry.actor_id, actor.known_as, AuditEntry.action, AuditEntry.fields)
        .outerjoin(actor, actor.id == AuditEntry.actor_id)
        .where(AuditEntry.subject == f"person:{person_id}")
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
        .limit(MOST_HISTORY)
    )
    return [
        Deed(at, name or "", actor_id == person_id, action, fields)
        for at, actor_id, name, action, fields in rows
    ]


def standing(person_id: int) -> dict[ConsentPurpose, str]:
    """Return what she agrees to at present: by purpose, the version she said yes to last."""
    rows = db.session.execute(
        select(Consent.purpose, Consent.wording_version)
        .where(Consent.person_id == person_id, Consent.withdrawn_at.is_(None))
        .order_by(Consent.given_at, Consent.id)
    )
    return dict(rows.all())


def _since(person: Person) -> datetime | None:
    """Return when a record came into its state; one that was active all along is as old as itself."""
    if person.status not in _BEGAN:
        return None
    return db.session.scalar(
        select(func.max(AuditEntry.at)).where(
            AuditEntry.subject == f"person:{person.id}", AuditEntry.action.in_(_BEGAN[person.status])
        )
    )


def _bookings(person_id: int) -> Sequence[Booking]:
    return db.session.scalars(
        select(Booking)
        .join(Booking.session)
        .where(Booking.person_id == person_id)
        .options(joinedload(Booking.session).joinedload(ScheduledSession.series))
        .order_by(ScheduledSession.starts_at.desc(), Booking.id.desc())
        .limit(MOST_BOOKINGS)
    ).all()


def _agreements(person_id: int) -> list[Agreement]:
    heard_by = aliased(Person)
    rows = db.session.execute(
        select(
            Consent.purpose,
            Consent.wording_version,
            Consent.given_at,
            Consent.how,
            heard_by.known_as,
            Consent.withdrawn_at,
        )
        .outerjoin(heard_by, heard_by.id == Consent.recorded_by)
        .where(Consent.person_id == person_id)
        .order_by(Consent.given_at, Consent.id)
    )
    return [
        Agreement(purpose, version, at, how, by or "", ended) for purpose, version, at, how, by, ended in rows
    ]
