"""What putting two records together would do, and which of a person's places overlap afterwards."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from booking import policy
from booking.db import db
from booking.models import (
    Booking,
    Consent,
    DeedStep,
    EmergencyContact,
    Message,
    MovementCheckIn,
    Person,
    ReversibleDeed,
    ScheduledSession,
    Task,
)
from booking.models.kinds import ATTENDED, LIVE, DeedKind, MessageState, SessionState
from booking.refusals import NotFound

NOT_PUT_BACK = "not put back"
# Of what a merge moved, what somebody is asked for again, or given again, if it is gone when that is undone.
MAY_BE_MISSED = ("contact", "emergency", "equality", "movement", "role", "series host", "session host")
_COUNTED: dict[str, type[Any]] = {
    "bookings": Booking,
    "consents": Consent,
    "check_ins": MovementCheckIn,
    "emergency": EmergencyContact,
    "tasks": Task,
}


@dataclass(frozen=True)
class Double:
    """One session at which both records have a place: which booking stays, and which one goes."""

    stays: Booking
    goes: Booking


@dataclass(frozen=True)
class Side:
    """One of the two records, with how much belongs to it."""

    person: Person
    counts: dict[str, int]
    waiting_letters: int


@dataclass(frozen=True)
class MergePreview:
    """Two records side by side, and the sessions at which both have a place."""

    keep: Side
    other: Side
    doubles: tuple[Double, ...]
    may_merge: bool


@dataclass(frozen=True)
class DoneMerge:
    """A merge that was done: with which record, by whom, if it can be undone, and what did not go back."""

    deed: ReversibleDeed
    other: Person
    done_by: str
    may_be_taken_back: bool
    not_put_back: Sequence[Booking]
    missing: Mapping[str, int]


def preview(keep_id: int, other_id: int) -> MergePreview:
    """Return what a merge would do now. Refuses: nobody."""
    keep, other = _side(keep_id), _side(other_id)
    both = keep.person.id != other.person.id and all(
        policy.may_sign_in(side.person.status) for side in (keep, other)
    )
    found = tuple(doubles(keep_id, other_id)) if both else ()
    return MergePreview(keep, other, found, both)


def doubles(keep_id: int, other_id: int) -> list[Double]:
    """Return the sessions at which both have a place or were there, with the better booking of the two."""
    rows = db.session.scalars(
        select(Booking)
        .where(
            Booking.person_id.in_((keep_id, other_id)),
            or_(Booking.state.in_(LIVE), Booking.attendance.in_(ATTENDED)),
        )
        .options(joinedload(Booking.session).joinedload(ScheduledSession.series))
        .order_by(Booking.session_id, Booking.id)
    ).all()
    by_session: dict[int, list[Booking]] = {}
    for booking in rows:
        by_session.setdefault(booking.session_id, []).append(booking)
    found = []
    for bookings in by_session.values():
        best = max(bookings, key=lambda one: (policy.standing(one), one.person_id == keep_id, -one.id))
        found += [Double(best, one) for one in bookings if one.person_id != best.person_id]
    return found


def overlapping(person_id: int, now: datetime) -> list[tuple[Booking, Booking]]:
    """Return the pairs of her places to come that are at the same hours."""
    coming = db.session.scalars(
        select(Booking)
        .join(Booking.session)
        .where(
            policy.is_hers(person_id),
            Booking.state.in_(LIVE),
            ScheduledSession.ends_at > now,
            ScheduledSession.state == SessionState.PUBLISHED,
        )
        .options(joinedload(Booking.session).joinedload(ScheduledSession.series))
        .order_by(ScheduledSession.starts_at, Booking.id)
    ).all()
    return [
        (first, second)
        for place, first in enumerate(coming)
        for second in coming[place + 1 :]
        if second.session.starts_at < first.session.ends_at
    ]


def merges_of(person_id: int, now: datetime) -> list[DoneMerge]:
    """Return what was merged into this record, the latest first."""
    rows = db.session.execute(
        select(ReversibleDeed, Person.known_as)
        .join(Person, Person.id == ReversibleDeed.done_by)
        .where(ReversibleDeed.kind == DeedKind.MERGED, ReversibleDeed.person_id == person_id)
        .order_by(ReversibleDeed.id.desc())
    ).all()
    return [_done(deed, by, now) for deed, by in rows]


def _done(deed: ReversibleDeed, by: str, now: datetime) -> DoneMerge:
    asked = select(DeedStep.row_kind, DeedStep.row_id).where(
        DeedStep.deed_id == deed.id, DeedStep.field == NOT_PUT_BACK
    )
    gone = db.session.execute(asked.order_by(DeedStep.id)).all()
    lost = [row_id for kind, row_id in gone if kind == "booking"]
    missing = Counter(kind for kind, _row_id in gone if kind in MAY_BE_MISSED)
    bookings = db.session.scalars(
        select(Booking)
        .where(Booking.id.in_(lost))
        .options(joinedload(Booking.session).joinedload(ScheduledSession.series))
        .order_by(Booking.id)
    ).all()
    other = db.session.get_one(Person, deed.other_person_id)
    return DoneMerge(deed, other, by, policy.may_be_taken_back(deed, now), bookings, missing)


def _side(person_id: int) -> Side:
    person = db.session.scalar(
        select(Person)
        .where(Person.id == person_id)
        .options(selectinload(Person.contacts), selectinload(Person.roles))
    )
    if person is None:
        raise NotFound
    counts = {word: _count(table, person_id) for word, table in _COUNTED.items()}
    waiting = select(func.count()).where(
        Message.person_id == person_id, Message.state == MessageState.WAITING
    )
    return Side(person, counts, db.session.scalar(waiting) or 0)


def _count(table: Any, person_id: int) -> int:
    return db.session.scalar(select(func.count()).where(table.person_id == person_id)) or 0


def kept_by(deed_id: int) -> int:
    """Return the record that a merge kept. Refuses: no such merge."""
    kept = db.session.scalar(
        select(ReversibleDeed.person_id).where(
            ReversibleDeed.id == deed_id, ReversibleDeed.kind == DeedKind.MERGED
        )
    )
    if kept is None:
        raise NotFound
    return kept
