"""The waiting list of a session: joined, changed, left, moved up, and swept so that no place is stranded."""

from datetime import datetime

from sqlalchemy import select

from booking import policy
from booking.db import db, transaction
from booking.messages import outbox
from booking.models import Booking, Person, QueueMove, ScheduledSession
from booking.models.kinds import (
    BookingState,
    ConsentPurpose,
    MessageKind,
    Pool,
    SessionState,
)
from booking.queries import waiting as asked
from booking.refusals import NoSuchPool, NotFound, NoWaitingList, ReasonNeeded, StillFree
from booking.rules.addresses import clean_line
from booking.services.steps import consent, taking, waiting
from booking.services.steps.audit import note
from booking.services.steps.freeing import free_place
from booking.services.steps.locks import lock_people, lock_sessions
from booking.services.steps.places import free_places_for

# How long a reason may be.
_REASON = 300
MOST_HOURS = 14 * 24
AT_A_TIME = 20


def join_waiting_list(
    session_id: int,
    person_id: int,
    pool: Pool,
    actor_id: int,
    now: datetime,
    *,
    party_size: int = 1,
    companion_name: str = "",
    tells_late: bool = False,
    notice_hours: int | None = None,
    swap_for_id: int | None = None,
    agrees_to_rules: bool = False,
) -> int:
    """Put somebody on the waiting list of a pool and return the booking; a live one of hers stays as it is.

    Units: `notice_hours` is how long before the start she needs to know, kept for every list of hers.
    Refuses: what could not be booked either, a pool that it does not have, a series without a waiting list,
    and a pool in which a place is free for her: she takes it instead.
    """
    with transaction():
        lock_people([person_id])
        lock_sessions([session_id])
        latest = taking.latest_booking(session_id, person_id)
        if latest is not None and latest.is_live:
            return latest.id
        person, scheduled = db.session.get_one(Person, person_id), taking.session_today(session_id)
        taking.refuse_unless_open(person, scheduled, now)
        _refuse_unless_waited_for(scheduled, pool)
        free = free_places_for(person_id, scheduled, pool, now)
        if free is None or free >= party_size:
            raise StillFree
        booking = taking.take(
            person_id, scheduled, pool, actor_id, now, state=BookingState.WAITING, party_size=party_size
        )
        booking.waits_since = booking.queue_at = now
        booking.companion_name, booking.tells_late, booking.swap_for_id = (
            companion_name,
            tells_late,
            swap_for_id,
        )
        if notice_hours is not None:
            person.notice_hours = min(max(0, notice_hours), MOST_HOURS)
        if agrees_to_rules:
            consent.agree(person_id, ConsentPurpose.GROUND_RULES, now)
        note(now, actor_id, "waiting list joined", f"booking:{booking.id}")
        _say_waiting(person, booking, scheduled, now)
        # A place may be free that was too small for whoever came before her.
        waiting.offer_free_places(session_id, now)
        return booking.id


def change_wait(
    booking_id: int, person_id: int, now: datetime, *, tells_late: bool, notice_hours: int
) -> None:
    """Change how somebody on a waiting list is told. Refuses: what is not hers."""
    with transaction():
        booking = _hers(booking_id, person_id)
        person = db.session.get_one(Person, person_id)
        person.notice_hours = min(max(0, notice_hours), MOST_HOURS)
        booking.tells_late = tells_late
        note(now, person_id, "waiting changed", f"booking:{booking.id}", "tells_late", "notice_hours")
        waiting.offer_free_places(booking.session_id, now)


def leave_waiting_list(booking_id: int, person_id: int, now: datetime, actor_id: int | None = None) -> None:
    """Leave a waiting list, or an offer and the list with it; no letter follows, and twice is once.

    Refuses: what is not hers. A place that she has by now stays hers.
    """
    with transaction():
        booking = _hers(booking_id, person_id)
        if booking.state not in (BookingState.WAITING, BookingState.OFFERED):
            return
        free_place(booking, BookingState.GIVEN_UP, "left the waiting list", now)
        note(now, actor_id or person_id, "waiting list left", f"booking:{booking.id}")


def move_up(booking_id: int, reason: str, actor_id: int, now: datetime) -> None:
    """Let the office put somebody first on a waiting list, with a reason that stands beside it for good.

    Refuses: what does not wait any more, and a move without a reason.
    """
    words = clean_line(reason, _REASON)
    if not words:
        raise ReasonNeeded
    with transaction():
        session_id = db.session.scalar(select(Booking.session_id).where(Booking.id == booking_id))
        if session_id is None:
            raise NotFound
        lock_sessions([session_id])
        booking = db.session.get_one(Booking, booking_id, populate_existing=True)
        first = asked.first_in_turn(session_id, booking.pool)
        if booking.state is not BookingState.WAITING or first is None:
            raise NotFound
        if first.id == booking.id:
            return
        was = booking.queue_at or booking.created_at
        booking.queue_at = asked.before(first)
        db.session.add(
            QueueMove(booking_id=booking.id, moved_by=actor_id, moved_at=now, was_at=was, reason=words)
        )
        note(now, actor_id, "moved up the waiting list", f"booking:{booking.id}")
        waiting.offer_free_places(session_id, now)


def offer_what_is_free(now: datetime) -> int:
    """Offer what nobody was offered yet: the net below every path that frees a place.

    Looking costs no writing transaction. Some sessions at a time, so that nobody who books waits long.
    """
    session_ids = asked.sessions_to_look_at(now)[:AT_A_TIME]
    if not session_ids:
        return 0
    with transaction():
        lock_sessions(session_ids)
        ended = sum(_end_what_started(session_id, now) for session_id in session_ids)
        return ended + sum(waiting.offer_free_places(session_id, now) for session_id in session_ids)


def _end_what_started(session_id: int, now: datetime) -> int:
    """End what still waits, or is still offered, at a date that has begun; nobody is told."""
    scheduled = taking.session_today(session_id)
    if scheduled.state is SessionState.PUBLISHED and now < scheduled.starts_at:
        return 0
    left = select(Booking).where(
        Booking.session_id == session_id,
        Booking.state.in_((BookingState.WAITING, BookingState.OFFERED)),
        Booking.waits_since.is_not(None),
    )
    rows = db.session.scalars(left.order_by(Booking.id).execution_options(populate_existing=True)).all()
    for booking in rows:
        free_place(booking, BookingState.EXPIRED, "has started", now)
        note(now, None, "waiting ended", f"booking:{booking.id}")
    return len(rows)


def _hers(booking_id: int, person_id: int) -> Booking:
    """Hold a booking of hers with its date, and read it afterwards."""
    session_id = db.session.scalar(
        select(Booking.session_id).where(Booking.id == booking_id, policy.is_hers(person_id))
    )
    if session_id is None:
        raise NotFound
    lock_people([person_id])
    lock_sessions([session_id])
    booking = db.session.get_one(Booking, booking_id, populate_existing=True)
    if booking.person_id != person_id:
        # A merge made it another record's in this moment.
        raise NotFound
    return booking


def _refuse_unless_waited_for(scheduled: ScheduledSession, pool: Pool) -> None:
    if pool not in scheduled.pools:
        raise NoSuchPool
    if not scheduled.series.waiting_list:
        raise NoWaitingList


def _say_waiting(person: Person, booking: Booking, scheduled: ScheduledSession, now: datetime) -> None:
    outbox.post(
        MessageKind.WAITING,
        person=person,
        booking=booking,
        now=now,
        key=f"booking:{booking.id}:waiting",
        schedule_version=scheduled.schedule_version,
        useless_at=scheduled.starts_at,
    )
