"""Offering a course as a whole, in the transaction that holds its weeks: every week to come at once."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select

from booking.db import db
from booking.messages import outbox
from booking.models import Booking, ScheduledSession, Series
from booking.models.kinds import BookingState, Channel, Enrol, MessageKind
from booking.queries.course_turns import Turn, next_turn
from booking.queries.waiting import whom_to_ask
from booking.services.steps import taking
from booking.services.steps.audit import note

_BY_A_HUMAN = (Channel.CALL, Channel.POST)


def offer_course(series_id: int, now: datetime, *, in_turn: bool = False) -> int:
    """Offer a whole course to everybody in turn for whom there is room; return how many were asked.

    The caller holds the lock of a week, and with it those of all the others. `in_turn` stops at whoever has
    waited less long than somebody who would be asked about one of its weeks alone.
    """
    db.session.flush()
    asked = 0
    while (turn := next_turn(series_id, now)) is not None:
        if in_turn and not _is_before_all(turn, now):
            break
        _offer(turn, now)
        db.session.flush()
        asked += 1
    return asked


def offer_courses_at(session_ids: Collection[int], now: datetime, *, in_turn: bool = False) -> int:
    """Offer the courses of which these dates are weeks; the caller holds their locks."""
    courses = (
        select(ScheduledSession.series_id)
        .join(ScheduledSession.series)
        .where(ScheduledSession.id.in_(session_ids), Series.enrol == Enrol.COURSE)
        .distinct()
        .order_by(ScheduledSession.series_id)
    )
    found = db.session.scalars(courses).all() if session_ids else ()
    return sum(offer_course(series_id, now, in_turn=in_turn) for series_id in found)


def _is_before_all(turn: Turn, now: datetime) -> bool:
    """Say whether nobody who would be asked about one of her weeks alone has waited longer."""
    first = turn.waits[0]
    weeks = (*(booking.session_id for booking in turn.waits), *(week.id for week in turn.lacks))
    asks = (ask.booking for week in weeks for ask in whom_to_ask(taking.session_today(week), first.pool, now))
    return all(_rank(first) <= _rank(booking) for booking in asks)


def _rank(booking: Booking) -> tuple[datetime, int]:
    return booking.queue_at or booking.created_at, booking.id


def _offer(turn: Turn, now: datetime) -> None:
    first = turn.waits[0]
    weeks = [*turn.waits, *_added(turn, first, now)]
    for booking in weeks:
        # A week that she joined by itself before is part of the one turn from now on.
        booking.waits_since, booking.queue_at, booking.pool = first.waits_since, first.queue_at, first.pool
        booking.state, booking.state_at, booking.held_until = BookingState.OFFERED, now, turn.until
        booking.times_offered += 1
        note(now, None, "place offered", f"booking:{booking.id}")
    scheduled = db.session.get_one(ScheduledSession, first.session_id)
    message = outbox.post(
        MessageKind.OFFERED,
        person=turn.person,
        booking=first,
        now=now,
        key=f"booking:{first.id}:offered:{first.times_offered}",
        due_at=turn.read_at,
        useless_at=turn.until,
        schedule_version=scheduled.schedule_version,
    )
    if message is not None and message.channel in _BY_A_HUMAN:
        message.useless_at = scheduled.starts_at
        for booking in weeks:
            booking.held_until = None


def _added(turn: Turn, first: Booking, now: datetime) -> list[Booking]:
    """Let her wait for the weeks that were added since she joined, with the same turn."""
    return [
        taking.take(
            turn.person.id,
            week,
            first.pool,
            turn.person.id,
            now,
            state=BookingState.WAITING,
            party_size=first.party_size,
            companion_name=first.companion_name,
        )
        for week in turn.lacks
    ]
