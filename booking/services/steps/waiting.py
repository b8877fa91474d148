"""The waiting list of a pool, in the transaction that holds the session's lock: who is next, asked how.

Nobody's person row is locked for being asked: whatever ends or pauses somebody's waiting takes this lock.
"""

from datetime import datetime

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import joinedload

from booking import policy
from booking.db import db
from booking.messages import outbox
from booking.models import Booking, Person, ScheduledSession
from booking.models.kinds import BookingState, Channel, MessageKind, Pool, SessionState
from booking.rules import waiting as rules
from booking.services.steps import taking, welcoming
from booking.services.steps.audit import note
from booking.services.steps.letters import withdraw_for_booking
from booking.services.steps.places import places_left, places_left_for

# Somebody else will do what a letter would: no clock runs while the office has not reached her.
_BY_A_HUMAN = (Channel.CALL, Channel.POST)


def offer_free_places(session_id: int, now: datetime) -> int:
    """Offer every free place of a session to whoever waits for it, and return how many were asked or booked.

    The caller holds the session's lock. Doing it twice is doing it once.
    """
    db.session.flush()
    scheduled = taking.session_today(session_id)
    if scheduled.state is not SessionState.PUBLISHED or now >= scheduled.starts_at:
        return 0
    return sum(_offer_pool(scheduled, pool, now) for pool in scheduled.pools)


def a_place_came_free(session_id: int, pool: Pool, now: datetime) -> None:
    """Let everybody who rested be asked again: this place is another one than the one she let go."""
    db.session.execute(
        update(Booking)
        .where(
            Booking.session_id == session_id,
            Booking.pool == pool,
            Booking.state == BookingState.WAITING,
            Booking.rests,
        )
        .values(rests=False),
        execution_options={"synchronize_session": "fetch"},
    )


def back_in_the_queue(booking: Booking, why: str, now: datetime) -> None:
    """Let an offer go without losing her turn: she is asked again when another place comes free."""
    booking.state, booking.state_at, booking.held_until = BookingState.WAITING, now, None
    booking.rests = True
    withdraw_for_booking(booking.id, [MessageKind.OFFERED], why)


def end_late_chance(booking: Booking) -> None:
    """Let others have the place she was told of late; until somebody does, a yes of hers still counts."""
    booking.held_until, booking.rests = None, True


def in_turn(session_id: int, pool: Pool) -> Select[Booking]:
    """Return the bookings that wait for a pool, first come first, rested ones too."""
    return (
        select(Booking)
        .where(Booking.session_id == session_id, Booking.pool == pool, Booking.state == BookingState.WAITING)
        .options(joinedload(Booking.person))
        .order_by(func.coalesce(Booking.queue_at, Booking.created_at), Booking.id)
        .execution_options(populate_existing=True)
    )


def may_be_asked(booking: Booking, now: datetime) -> bool:
    """Say whether somebody who waits could be asked at all just now: she is proven, and not left in peace."""
    person = booking.person
    return person is not None and policy.may_book(person) and not policy.is_paused(person, now)


def _offer_pool(scheduled: ScheduledSession, pool: Pool, now: datetime) -> int:
    if places_left(scheduled, pool) == 0:
        return 0
    read_at = rules.readable_at(now, scheduled.starts_at)
    late = rules.is_late(read_at, scheduled.starts_at)
    asked = 0
    for booking in db.session.scalars(in_turn(scheduled.id, pool)).all():
        if booking.rests or not may_be_asked(booking, now) or not _fits(booking, scheduled, now):
            continue
        person = db.session.get_one(Person, booking.person_id)
        asked += (_tell_late if late else _offer)(booking, person, scheduled, read_at, now)
        db.session.flush()
    return asked


def _fits(booking: Booking, scheduled: ScheduledSession, now: datetime) -> bool:
    """Say whether her whole party fits: a larger one is passed over and keeps its rank."""
    if booking.person_id is None:
        return False
    free = places_left_for(booking.person_id, scheduled, booking.pool, now)
    return free is None or free >= booking.party_size


def _offer(
    booking: Booking, person: Person, scheduled: ScheduledSession, read_at: datetime, now: datetime
) -> bool:
    until = rules.offered_until(read_at, scheduled.starts_at, person.notice_hours)
    if until is None:
        return False
    booking.state_at, booking.times_offered = now, booking.times_offered + 1
    if scheduled.series.waiting_books and booking.swap_for_id is None:
        booking.state = welcoming.first_state(person.id, scheduled)
        booking.told_version = scheduled.schedule_version
        db.session.flush()
        taking.confirm(booking, person, scheduled, person.id, now, f":{booking.times_offered}")
        return True
    booking.state, booking.held_until = BookingState.OFFERED, until
    _say(booking, person, scheduled, until, read_at, now)
    note(now, None, "place offered", f"booking:{booking.id}")
    return True


def _tell_late(
    booking: Booking, person: Person, scheduled: ScheduledSession, read_at: datetime, now: datetime
) -> bool:
    if not booking.tells_late or booking.held_until is not None:
        return False
    until = rules.late_until(read_at, scheduled.starts_at, person.notice_hours)
    if until is None:
        return False
    booking.held_until, booking.times_offered = until, booking.times_offered + 1
    _say(booking, person, scheduled, until, read_at, now)
    note(now, None, "place offered late", f"booking:{booking.id}")
    return True


def _say(
    booking: Booking,
    person: Person,
    scheduled: ScheduledSession,
    until: datetime,
    read_at: datetime,
    now: datetime,
) -> None:
    """Tell her; a place that the office has to call about waits until it has reached her."""
    is_offered = booking.state is BookingState.OFFERED
    message = outbox.post(
        MessageKind.OFFERED,
        person=person,
        booking=booking,
        now=now,
        key=f"booking:{booking.id}:offered:{booking.times_offered}",
        due_at=read_at,
        useless_at=until,
        schedule_version=scheduled.schedule_version,
    )
    if is_offered and message is not None and message.channel in _BY_A_HUMAN:
        booking.held_until, message.useless_at = None, scheduled.starts_at
