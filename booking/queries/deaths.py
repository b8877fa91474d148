"""What recording a death does, before it is done, and what was done, as long as it can be taken back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, union
from sqlalchemy.orm import joinedload

from booking import policy
from booking.db import db
from booking.models import (
    Booking,
    DeedStep,
    Message,
    Person,
    PersonRole,
    ReversibleDeed,
    ScheduledSession,
    Series,
    SeriesFacilitator,
    SessionFacilitator,
)
from booking.models.kinds import ATTENDED, LIVE, DeedKind, MessageKind, MessageState, Role
from booking.refusals import NotFound

# Whoever came this lately is missed at the next session.
_LATELY = timedelta(days=183)
LEAVING, NOT_PUT_BACK = "leaving", "not put back"


@dataclass(frozen=True)
class HostToTell:
    """Somebody who leads a series she came to, or was about to come to."""

    host_id: int
    known_as: str
    series_id: int
    title: str


@dataclass(frozen=True)
class DeathPreview:
    """What recording a death would do now."""

    person: Person
    places: Sequence[Booking]
    letters: int
    hosts: tuple[HostToTell, ...]
    roles: frozenset[Role]
    admins_left: int


@dataclass(frozen=True)
class LeavingLetter:
    """A letter whose sending had begun already, and what became of it."""

    kind: MessageKind
    began_at: datetime
    state: MessageState


@dataclass(frozen=True)
class RecordedDeath:
    """A death as it was recorded, or a record that was taken back."""

    deed: ReversibleDeed
    recorded_by: str
    leaving: tuple[LeavingLetter, ...]
    may_be_taken_back: bool
    not_put_back: Sequence[Booking]


def preview(person_id: int, now: datetime) -> DeathPreview:
    """Return what would happen. Refuses: nobody."""
    person = db.session.get(Person, person_id)
    if person is None:
        raise NotFound
    unsent = select(func.count()).where(
        Message.person_id == person_id, Message.state.in_((MessageState.WAITING, MessageState.SENDING))
    )
    roles = db.session.scalars(select(PersonRole.role).where(PersonRole.person_id == person_id))
    return DeathPreview(
        person=person,
        places=_bookings(places_to_end(person_id, now)),
        letters=db.session.scalar(unsent) or 0,
        hosts=tuple(hosts_to_tell(person_id, now)),
        roles=frozenset(roles),
        admins_left=db.session.scalar(_admins_but(person_id)) or 0,
    )


def recorded(person_id: int, now: datetime) -> RecordedDeath | None:
    """Return the latest record of her death, also one that was taken back; None when there is none."""
    row = db.session.execute(
        select(ReversibleDeed, Person.known_as)
        .join(Person, Person.id == ReversibleDeed.done_by)
        .where(ReversibleDeed.kind == DeedKind.DIED, ReversibleDeed.person_id == person_id)
        .order_by(ReversibleDeed.id.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    deed, recorded_by = row
    lost = select(DeedStep.row_id).where(DeedStep.deed_id == deed.id, DeedStep.field == NOT_PUT_BACK)
    return RecordedDeath(
        deed=deed,
        recorded_by=recorded_by,
        leaving=tuple(_leaving(deed.id)),
        may_be_taken_back=policy.may_be_taken_back(deed, now),
        not_put_back=_bookings(Booking.id.in_(lost)),
    )


def places_to_end(person_id: int, now: datetime) -> ColumnElement[bool]:
    """Return the condition on bookings and sessions: hers, live, not over, and she was not there."""
    return and_(
        policy.is_hers(person_id),
        Booking.state.in_(LIVE),
        Booking.attendance.not_in(ATTENDED),
        ScheduledSession.ends_at > now,
    )


def hosts_to_tell(person_id: int, now: datetime) -> list[HostToTell]:
    """Return who should speak with the office: the hosts of every series she was in lately, once each."""
    hers = _sessions_she_was_in(person_id, now).subquery()
    pairs = union(
        select(SeriesFacilitator.person_id, hers.c.series_id).join(
            hers, hers.c.series_id == SeriesFacilitator.series_id
        ),
        select(SessionFacilitator.person_id, hers.c.series_id).join(
            hers, hers.c.id == SessionFacilitator.session_id
        ),
    ).subquery()
    rows = db.session.execute(
        select(Person.id, Person.known_as, Series.id, Series.title)
        .select_from(pairs)
        .join(Person, Person.id == pairs.c.person_id)
        .join(Series, Series.id == pairs.c.series_id)
        .where(policy.still_leads(), Person.id != person_id)
        .order_by(Series.title, Series.id, Person.known_as, Person.id)
    )
    return [HostToTell(*row) for row in rows]


def _sessions_she_was_in(person_id: int, now: datetime) -> Select[int, int]:
    is_coming = and_(Booking.state.in_(LIVE), ScheduledSession.ends_at > now)
    was_there = and_(Booking.attendance.in_(ATTENDED), ScheduledSession.starts_at > now - _LATELY)
    return (
        select(ScheduledSession.id, ScheduledSession.series_id)
        .join(Booking, Booking.session_id == ScheduledSession.id)
        .where(policy.is_hers(person_id), or_(is_coming, was_there))
    )


def _bookings(which: ColumnElement[bool]) -> Sequence[Booking]:
    return db.session.scalars(
        select(Booking)
        .join(Booking.session)
        .where(which)
        .options(joinedload(Booking.session).joinedload(ScheduledSession.series))
        .order_by(ScheduledSession.starts_at, Booking.id)
    ).all()


def _leaving(deed_id: int) -> list[LeavingLetter]:
    rows = db.session.execute(
        select(Message.kind, DeedStep.was, Message.state)
        .join(DeedStep, DeedStep.row_id == Message.id)
        .where(DeedStep.deed_id == deed_id, DeedStep.row_kind == "message", DeedStep.field == LEAVING)
        .order_by(DeedStep.id)
    )
    return [LeavingLetter(kind, datetime.fromisoformat(was), state) for kind, was, state in rows]


def _admins_but(person_id: int) -> Select[int]:
    return (
        select(func.count())
        .select_from(PersonRole)
        .join(Person, Person.id == PersonRole.person_id)
        .where(PersonRole.role == Role.ADMIN, Person.id != person_id, Person.status.in_(policy.LIVING))
    )
