"""The waiting list of a pool, in the transaction that holds the session's lock: who is next, asked how.

Nobody's person row is locked for being asked: whatever ends or pauses somebody's waiting takes this lock.
"""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import select

from booking.db import db
from booking.messages import outbox
from booking.models import Booking, ScheduledSession
from booking.models.kinds import BookingState, Channel, MessageKind, Pool, SessionState
from booking.queries.course_turns import next_turn
from booking.queries.waiting import (
    Ask,
    Rank,
    rank_of,
    somebody_waits,
    together,
    weeks_by_course,
    whom_to_ask,
)
from booking.services.steps import course_offers, taking, welcoming
from booking.services.steps.audit import note
from booking.services.steps.letters import withdraw_for_booking
from booking.services.steps.places import places_left

Places = dict[Pool, int | None]
# Somebody else will do what a letter would: no clock runs while the office has not reached her.
_BY_A_HUMAN = (Channel.CALL, Channel.POST)


def offer_free_places(session_id: int, now: datetime) -> int:
    """Offer every free place of a session to whoever waits for it, and return how many were asked or booked.

    The caller holds the session's lock. Doing it twice is doing it once.
    """
    return offer_at([session_id], now)


def offer_at(session_ids: Collection[int], now: datetime) -> int:
    """Offer every free place of these dates; the caller holds their locks.

    Whoever waits for a course as a whole and whoever waits for one of its weeks stand in one queue.
    """
    if not session_ids:
        return 0
    db.session.flush()
    courses = weeks_by_course(session_ids)
    in_courses = {week for weeks in courses.values() for week in weeks}
    dates = somebody_waits([one for one in session_ids if one not in in_courses])
    asked = sum(_offer_at_one(session_id, now) for session_id in dates)
    return asked + sum(_offer_course(series_id, weeks, now) for series_id, weeks in courses.items())


def a_place_came_free(session_id: int, pool: Pool, now: datetime) -> None:
    """Let everybody who rested be asked again: this place is another one than the one she let go.

    Whoever waits for a course as a whole rests, and is asked again, with all its weeks.
    """
    resting = select(Booking).where(
        Booking.session_id == session_id,
        Booking.pool == pool,
        Booking.state == BookingState.WAITING,
        Booking.rests,
    )
    for booking in db.session.scalars(resting.order_by(Booking.id)).all():
        for one in db.session.scalars(together(booking)).all():
            one.rests = False
        booking.rests = False


def after_changes(changed: Iterable[tuple[ScheduledSession, Places]], now: datetime) -> None:
    """Offer what changes of dates made free, their locks held; with each its places before, from `places_of`.

    Another day or hour counts, too: somebody may have time enough to answer now.
    """
    were = {scheduled.id: (scheduled, places) for scheduled, places in changed}
    db.session.flush()
    for session_id in somebody_waits(were) if were else ():
        scheduled, places = were[session_id]
        for pool, many in places.items():
            now_there = scheduled.places(pool)
            if many is not None and (now_there is None or now_there > many):
                a_place_came_free(session_id, pool, now)
    offer_at(were, now)


def places_of(scheduled: ScheduledSession) -> Places:
    """Return how many places each pool of a date has, before a change. Units: None = no limit."""
    return {pool: scheduled.places(pool) for pool in Pool}


def back_in_the_queue(booking: Booking, why: str, now: datetime, *, rests: bool = True) -> None:
    """Let an offer go without losing her turn: she is asked again when another place comes free.

    `rests` False is for whom it was not silence: she may be asked about this very place again.
    """
    booking.state, booking.state_at, booking.held_until = BookingState.WAITING, now, None
    booking.rests = rests
    withdraw_for_booking(booking.id, [MessageKind.OFFERED], why)


def end_late_chance(booking: Booking, why: str, now: datetime, *, rests: bool = True) -> None:
    """Let others have the place she was told of late; until somebody does, a yes of hers still counts."""
    booking.state_at, booking.held_until, booking.rests = now, None, rests
    withdraw_for_booking(booking.id, [MessageKind.OFFERED], why)


def let_rest(booking: Booking, why: str, now: datetime) -> None:
    """Take back what somebody on a waiting list was asked, whichever way she was; her turn stays."""
    if booking.state is BookingState.OFFERED and booking.is_from_queue:
        back_in_the_queue(booking, why, now, rests=False)
    elif booking.state is BookingState.WAITING and booking.held_until is not None:
        end_late_chance(booking, why, now, rests=False)


def _offer_course(series_id: int, weeks: Collection[int], now: datetime) -> int:
    """Offer a course as a whole, and its weeks one by one, always to whoever has waited longest next."""
    waited_for, asked = somebody_waits(weeks), 0
    while waited_for:
        turn = next_turn(series_id, now)
        before = rank_of(turn.first) if turn is not None else None
        alone = sum(_offer_at_one(week, now, before) for week in waited_for)
        if turn is None and not alone:
            break
        if turn is not None and not alone:
            course_offers.offer(turn, now)
            db.session.flush()
        asked += alone or 1
    return asked


def _offer_at_one(session_id: int, now: datetime, before: Rank | None = None) -> int:
    """Ask those who wait for one date, or only those who stand before somebody who waits for the course."""
    scheduled = taking.session_today(session_id)
    if scheduled.state is not SessionState.PUBLISHED or now >= scheduled.starts_at:
        return 0
    asked = 0
    for pool in scheduled.pools:
        left = places_left(scheduled, pool)
        if left is not None:
            _end_late_chances(session_id, pool, left, now)
        if left == 0:
            continue
        for ask in whom_to_ask(scheduled, pool, now):
            if before is not None and rank_of(ask.booking) > before:
                break
            (_tell_late if ask.is_late else _offer)(ask, scheduled, now)
            asked += 1
    db.session.flush()
    return asked


def _end_late_chances(session_id: int, pool: Pool, left: int, now: datetime) -> None:
    """Let those told of places of which too few are left for them hear of the next one as of the first.

    Units: `left` counts places.
    """
    told = select(Booking).where(
        Booking.session_id == session_id,
        Booking.pool == pool,
        Booking.state == BookingState.WAITING,
        Booking.held_until.is_not(None),
        Booking.party_size > left,
    )
    for booking in db.session.scalars(told.order_by(Booking.id)).all():
        end_late_chance(booking, "taken", now, rests=False)


def _offer(ask: Ask, scheduled: ScheduledSession, now: datetime) -> None:
    booking, person = ask.booking, ask.person
    booking.state_at, booking.times_offered = now, booking.times_offered + 1
    if scheduled.series.waiting_books and booking.swap_for_id is None:
        booking.state = welcoming.first_state(person.id, scheduled)
        booking.told_version = scheduled.schedule_version
        db.session.flush()
        taking.confirm(booking, person, scheduled, person.id, now, f":{booking.times_offered}")
        return
    booking.state, booking.held_until = BookingState.OFFERED, ask.until
    _say(ask, scheduled, now)
    note(now, None, "place offered", f"booking:{booking.id}")


def _tell_late(ask: Ask, scheduled: ScheduledSession, now: datetime) -> None:
    booking = ask.booking
    booking.held_until, booking.times_offered = ask.until, booking.times_offered + 1
    _say(ask, scheduled, now)
    note(now, None, "place offered late", f"booking:{booking.id}")


def _say(ask: Ask, scheduled: ScheduledSession, now: datetime) -> None:
    """Tell her; a place that the office has to call about waits until it has reached her."""
    booking, person = ask.booking, ask.person
    message = outbox.post(
        MessageKind.OFFERED,
        person=person,
        booking=booking,
        now=now,
        key=f"booking:{booking.id}:offered:{booking.times_offered}",
        due_at=ask.read_at,
        useless_at=ask.until,
        schedule_version=scheduled.schedule_version,
    )
    if message is not None and not ask.is_late and message.channel in _BY_A_HUMAN:
        booking.held_until, message.useless_at = None, scheduled.starts_at
