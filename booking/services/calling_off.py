"""Cancelling or moving one date or several as one deed, taking it back, and calling instead of writing."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import select, update

from booking.db import db, transaction
from booking.models import Booking, Message, SeasonDeed, SeasonStep
from booking.models.kinds import Channel, MessageState
from booking.queries import told
from booking.refusals import NotFound, NothingChosen, NothingDiffers, TooManyDates
from booking.rules.addresses import clean_line
from booking.services.steps import calling_off, taking_back
from booking.services.steps.audit import note
from booking.services.steps.changing import KEEP, SessionChange
from booking.services.steps.locks import lock_people, lock_sessions

MOST_DATES = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """How several dates move together; what is not named stays. Units: `days` may be negative."""

    days: int = 0
    start_time: time | None = None
    end_time: time | None = None
    venue_id: int | None = None


def cancel_sessions(
    session_ids: Collection[int],
    reason: str,
    actor_id: int | None,
    now: datetime,
    *,
    offer_held: bool = True,
) -> int:
    """Cancel dates, tell everybody, and keep the nearest other place for each; return the deed's id.

    Doing it twice is doing it once.
    Refuses: no date, too many, and one that is over.
    """
    _refuse_unless_few(session_ids)
    words = clean_line(reason, 300)
    with transaction():
        return calling_off.cancel_dates(session_ids, words, actor_id, now, offer_held=offer_held)


def move_session(
    session_id: int, change: SessionChange, actor_id: int | None, now: datetime, seen_version: int
) -> int:
    """Move one date and tell everybody "was …, now …"; return the deed's id.

    Refuses: a stale form, what can't be changed any more, and values that do not fit.
    """
    with transaction():
        return _moved(calling_off.move_dates({session_id: change}, actor_id, now, {session_id: seen_version}))


def move_sessions(
    seen: Mapping[int, int], shift: Shift, reason: str, actor_id: int | None, now: datetime
) -> int:
    """Move several dates alike, as one deed; `seen` is each date's version as the page showed it.

    Refuses: as `move_session`, and nothing of it is done then.
    """
    _refuse_unless_few(seen)
    words = clean_line(reason, 300)
    with transaction():
        changes = {one.id: _shifted(one.local_date, shift, words) for one in calling_off.read(seen)}
        return _moved(calling_off.move_dates(changes, actor_id, now, seen))


def undo(deed_id: int, actor_id: int, now: datetime) -> None:
    """Take a deed back while nobody has heard of it; twice is once.

    Refuses: a deed that does not exist, and one of which somebody knows or that was overtaken.
    """
    with transaction():
        offers = taking_back.offers_of(deed_id)
        lock_people(_people_of(deed_id) | {one.person_id for one in offers if one.person_id is not None})
        lock_sessions({*_sessions_of(deed_id), *(one.session_id for one in offers)})
        deed = db.session.get(SeasonDeed, deed_id, populate_existing=True)
        if deed is None:
            raise NotFound
        if deed.undone_at is not None:
            return
        taking_back.withdraw(deed_id)
        # Asked after the withdrawal: a letter that began while that waited for its row counts as begun.
        why = told.why_it_stands(deed, now)
        if why is not None:
            raise why
        taking_back.put_everything_back(deed, now)
        deed.undone_at, deed.undone_by = now, actor_id
        note(now, actor_id, "dates put back", f"season_deed:{deed_id}")


def call_instead(message_id: int, actor_id: int, now: datetime) -> None:
    """Make a letter about a deed that failed for good a call to make.

    Refuses: a message that is none of a deed, or did not fail.
    """
    with transaction():
        taken = db.session.scalar(
            update(Message)
            .where(
                Message.id == message_id,
                Message.season_deed_id.is_not(None),
                Message.state == MessageState.FAILED,
            )
            .values(state=MessageState.WAITING, channel=Channel.CALL, leased_until=None, leased_by=None)
            .returning(Message.id),
            execution_options={"synchronize_session": False},
        )
        if taken is None:
            raise NotFound
        note(now, actor_id, "letter made a call", f"message:{message_id}")


def _refuse_unless_few(session_ids: Collection[int]) -> None:
    if not session_ids:
        raise NothingChosen
    if len(session_ids) > MOST_DATES:
        raise TooManyDates


def _moved(deed_id: int | None) -> int:
    if deed_id is None:
        raise NothingDiffers
    return deed_id


def _shifted(local_date: date, shift: Shift, reason: str) -> SessionChange:
    return SessionChange(
        local_date=local_date + timedelta(days=shift.days),
        start_time=shift.start_time or KEEP,
        end_time=shift.end_time or KEEP,
        venue_id=shift.venue_id or KEEP,
        public_reason=reason,
    )


def _sessions_of(deed_id: int) -> set[int]:
    return _rows_of(deed_id, "session")


def _people_of(deed_id: int) -> set[int]:
    bookings = _rows_of(deed_id, "booking")
    people = select(Booking.person_id).where(Booking.id.in_(bookings), Booking.person_id.is_not(None))
    return {one for one in db.session.scalars(people) if one is not None}


def _rows_of(deed_id: int, kind: str) -> set[int]:
    steps = select(SeasonStep.row_id).where(SeasonStep.deed_id == deed_id, SeasonStep.row_kind == kind)
    return set(db.session.scalars(steps))
