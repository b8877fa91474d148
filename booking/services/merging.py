"""Putting two records of one human being together, and taking that back for 30 days."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select

from booking import policy
from booking.db import db, transaction
from booking.models import Booking, Person, ReversibleDeed
from booking.models.kinds import DeedKind, PersonStatus
from booking.queries.waiting import lists_of
from booking.refusals import (
    LaterDeedFirst,
    NotAboutYourself,
    NotFound,
    RecordIsShut,
    SameRecord,
    TooLateToTakeBack,
)
from booking.services.steps import emptying, moving, reversing, sign_ins, unmoving, waiting
from booking.services.steps.audit import note
from booking.services.steps.locks import lock_people, lock_sessions

EMPTIED_AT_A_TIME = 50


def merge(keep_id: int, other_id: int, actor_id: int, now: datetime) -> int:
    """Put another record into the one that stays, and return the deed; twice is once.

    Where both have a place at one session the better one stays and the other is ended silently. Names,
    password and second factor of the record that stays are kept; the other opens nothing any more.
    Refuses: a record and itself, one's own record, and one that is closed, merged, or of somebody who died.
    """
    if keep_id == other_id:
        raise SameRecord
    if actor_id in (keep_id, other_id):
        raise NotAboutYourself
    with transaction():
        lock_people([keep_id, other_id])
        done = _standing(keep_id, other_id)
        if done is not None:
            return done.id
        people = db.session.get_one(Person, keep_id), db.session.get_one(Person, other_id)
        if not all(policy.may_sign_in(person.status) for person in people):
            raise RecordIsShut
        lock_sessions(_sessions_of(keep_id, other_id))
        deed = reversing.begin(DeedKind.MERGED, keep_id, actor_id, now, other_id)
        moving.move_everything(deed, now)
        # How long before the start she needs to know may be less on the record that stays.
        waiting.offer_at(lists_of(keep_id), now)
        sign_ins.end_all(other_id, now)
        note(now, actor_id, "records merged", f"person:{keep_id}")
        note(now, actor_id, "merged into another record", f"person:{other_id}", "status")
        return deed.id


def undo_merge(deed_id: int, actor_id: int, now: datetime) -> list[int]:
    """Put two records apart again, and return the bookings whose place has been taken meanwhile.

    Each row goes back that is still as the merge left it. Undoing twice is undoing once.
    Refuses: no such merge, one older than 30 days, and one whose record was changed by a later deed.
    """
    with transaction():
        keep_id, other_id = _pair(deed_id)
        lock_people([keep_id, other_id])
        deed = db.session.get_one(ReversibleDeed, deed_id)
        if deed.undone_at is not None:
            return []
        if not policy.may_be_taken_back(deed, now):
            raise TooLateToTakeBack
        _refuse_unless_last(deed)
        lock_sessions(_sessions_of(keep_id, other_id))
        lost = unmoving.put_everything_back(deed, now)
        sign_ins.end_all(keep_id, now)
        deed.undone_at, deed.undone_by = now, actor_id
        note(now, actor_id, "merge taken back", f"person:{keep_id}")
        note(now, actor_id, "merge taken back", f"person:{other_id}", "status")
        return lost


def empty_merged(now: datetime) -> int:
    """Empty the records whose merge can't be taken back any more, and return how many."""
    with transaction():
        found = _to_empty(now)
        lock_people(found)
        emptying.empty(found, None, now)
        for person_id in found:
            note(now, None, "record emptied", f"person:{person_id}")
        return len(found)


def _to_empty(now: datetime) -> Sequence[int]:
    return db.session.scalars(
        select(Person.id)
        .join(ReversibleDeed, ReversibleDeed.other_person_id == Person.id)
        .where(
            ReversibleDeed.kind == DeedKind.MERGED,
            ReversibleDeed.undone_at.is_(None),
            ReversibleDeed.done_at <= now - policy.TAKEN_BACK_WITHIN,
            Person.status == PersonStatus.MERGED,
            Person.full_name != "",
        )
        .order_by(Person.id)
        .limit(EMPTIED_AT_A_TIME)
    ).all()


def _standing(keep_id: int, other_id: int) -> ReversibleDeed | None:
    return db.session.scalar(
        select(ReversibleDeed).where(
            ReversibleDeed.kind == DeedKind.MERGED,
            ReversibleDeed.person_id == keep_id,
            ReversibleDeed.other_person_id == other_id,
            ReversibleDeed.undone_at.is_(None),
        )
    )


def _pair(deed_id: int) -> tuple[int, int]:
    deed = db.session.get(ReversibleDeed, deed_id)
    if deed is None or deed.kind is not DeedKind.MERGED or deed.other_person_id is None:
        raise NotFound
    return deed.person_id, deed.other_person_id


def _refuse_unless_last(deed: ReversibleDeed) -> None:
    """Refuse while a later deed about either record stands: rows would go back to the wrong place."""
    later = select(ReversibleDeed.id).where(
        ReversibleDeed.id > deed.id,
        ReversibleDeed.undone_at.is_(None),
        ReversibleDeed.person_id.in_((deed.person_id, deed.other_person_id))
        | ReversibleDeed.other_person_id.in_((deed.person_id, deed.other_person_id)),
    )
    if db.session.scalar(later.limit(1)) is not None:
        raise LaterDeedFirst
    keep, other = (db.session.get_one(Person, one) for one in (deed.person_id, deed.other_person_id))
    if other.status is not PersonStatus.MERGED or not policy.may_sign_in(keep.status):
        raise RecordIsShut


def _sessions_of(*person_ids: int) -> Iterable[int]:
    hers = select(Booking.session_id).where(Booking.person_id.in_(person_ids))
    return db.session.scalars(hers.distinct()).all()
