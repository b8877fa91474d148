"""The waiting list of a session: joined, changed, left, moved up, and swept so that no place is stranded."""

from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from booking import policy
from booking.db import db, transaction
from booking.models import Booking, Person, QueueMove
from booking.models.kinds import (
    BookingState,
    ConsentPurpose,
    Pool,
    SessionState,
)
from booking.queries import waiting as asked
from booking.refusals import NotFound, ReasonNeeded, StaleForm
from booking.rules.addresses import clean_line
from booking.services.steps import consent, course_turns, queueing, taking, waiting
from booking.services.steps.audit import note
from booking.services.steps.freeing import free_all, free_place
from booking.services.steps.locks import lock_people, lock_sessions

_SINCE_LEFT = _l(
    "You left this waiting list, or gave your place up, in the meantime. "
    "If you would like to wait, join it once more."
)
# How long a reason may be.
_REASON = 300
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
    agrees_to_rules: bool = False,
    seen_booking_id: int | None = None,
) -> int:
    """Put somebody on the waiting list of a pool and return the booking; a live one of hers stays as it is.

    `seen_booking_id` is the latest booking the form knew of (0 for none), as in `book_place`.
    Units: `notice_hours` is how long before the start she needs to know, kept for every list of hers.
    Refuses: what could not be booked either, a pool that it does not have, a series without a waiting list,
    a pool in which a place is free for her: she takes it instead, and a stale form.
    """
    with transaction():
        lock_people([person_id])
        lock_sessions({session_id, *asked.lists_of(person_id)})
        latest = taking.latest_booking(session_id, person_id)
        if latest is not None and latest.is_live:
            return latest.id
        _refuse_if_stale(seen_booking_id, latest)
        person, scheduled = db.session.get_one(Person, person_id), taking.session_today(session_id)
        taking.refuse_unless_open(person, scheduled, now)
        # A place that has come free by itself is somebody's who was here before her.
        waiting.offer_free_places(session_id, now)
        booking = queueing.join(
            person,
            scheduled,
            pool,
            actor_id,
            now,
            tells_late=tells_late,
            companion_name=companion_name,
            party_size=party_size,
        )
        if notice_hours is not None:
            person.notice_hours = queueing.hours_within_reason(notice_hours)
        if agrees_to_rules:
            consent.agree(person_id, ConsentPurpose.GROUND_RULES, now)
        queueing.say_waiting(booking, person, scheduled, now)
        # Places left to those told late are for her, too; and what she needs to know counts for every list.
        waiting.offer_at(asked.lists_of(person_id), now)
        return booking.id


def _refuse_if_stale(seen_booking_id: int | None, latest: Booking | None) -> None:
    """A form from before she left the list must not put her on it again behind her back."""
    if seen_booking_id is not None and seen_booking_id != (latest.id if latest else 0):
        raise StaleForm(_SINCE_LEFT)


def change_wait(
    booking_id: int, person_id: int, now: datetime, *, tells_late: bool, notice_hours: int
) -> None:
    """Change how somebody on a waiting list is told; how long she needs is kept for every list of hers.

    Refuses: what is not hers.
    """
    with transaction():
        booking = _hers(booking_id, person_id)
        person = db.session.get_one(Person, person_id)
        person.notice_hours = queueing.hours_within_reason(notice_hours)
        booking.tells_late = tells_late
        note(now, person_id, "waiting changed", f"booking:{booking.id}", "tells_late", "notice_hours")
        waiting.offer_at(asked.lists_of(person_id), now)


def leave_waiting_list(booking_id: int, person_id: int, now: datetime, actor_id: int | None = None) -> None:
    """Leave a waiting list, or an offer and the list with it; no letter follows, and twice is once.

    Refuses: what is not hers. A place that she has by now stays hers.
    """
    with transaction():
        booking = _hers(booking_id, person_id)
        if booking.state not in (BookingState.WAITING, BookingState.OFFERED):
            return
        turn = course_turns.asked_together(booking)
        free_all(turn, BookingState.GIVEN_UP, "left the waiting list", now)
        for one in turn:
            note(now, actor_id or person_id, "waiting list left", f"booking:{one.id}")


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
        if booking.state is not BookingState.WAITING:
            raise NotFound
        turn = [one for one in course_turns.asked_together(booking) if one.state is BookingState.WAITING]
        firsts = [asked.first_in_turn(one.session_id, one.pool) or one for one in turn]
        if {one.id for one in firsts} == {one.id for one in turn} and not any(one.rests for one in turn):
            return
        was = booking.queue_at or booking.created_at
        rank = min(asked.before(one) for one in firsts)
        for one in turn:
            # Whoever puts her first has spoken with her: she is asked also about what she let go before.
            one.queue_at, one.rests = rank, False
        db.session.add(
            QueueMove(booking_id=booking.id, moved_by=actor_id, moved_at=now, was_at=was, reason=words)
        )
        note(now, actor_id, "moved up the waiting list", f"booking:{booking.id}")
        waiting.offer_free_places(session_id, now)


def offer_what_is_free(now: datetime) -> int:
    """Offer what the passing of time made somebody's: the net below every path that frees a place.

    A pause that is over, places that were kept for newcomers. What has begun ends. Looking costs no writing
    transaction. Some sessions at a time, so that nobody who books waits long.
    """
    begun = asked.sessions_begun(now)[:AT_A_TIME]
    session_ids = begun + asked.sessions_to_offer(now)[:AT_A_TIME]
    if not session_ids:
        return 0
    with transaction():
        lock_sessions(session_ids)
        ended = sum(_end_what_started(session_id, now) for session_id in begun)
        return ended + waiting.offer_at(session_ids, now)


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
        if booking.state is BookingState.OFFERED:
            # Of a course that nobody reached her about, the later weeks are not lost with the first.
            for one in course_turns.asked_together(booking):
                if one.state is BookingState.OFFERED and one.id != booking.id:
                    waiting.back_in_the_queue(one, "has started", now, rests=False)
        free_place(booking, BookingState.EXPIRED, "has started", now)
        note(now, None, "waiting ended", f"booking:{booking.id}")
    return len(rows)


def _hers(booking_id: int, person_id: int) -> Booking:
    """Hold a booking of hers with its date and every date she waits for, and read it afterwards."""
    session_id = db.session.scalar(
        select(Booking.session_id).where(Booking.id == booking_id, policy.is_hers(person_id))
    )
    if session_id is None:
        raise NotFound
    lock_people([person_id])
    lock_sessions({session_id, *asked.lists_of(person_id)})
    booking = db.session.get_one(Booking, booking_id, populate_existing=True)
    if booking.person_id != person_id:
        # A merge made it another record's in this moment.
        raise NotFound
    return booking
