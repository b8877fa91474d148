"""Offering a course as a whole, in the transaction that holds its weeks: every week to come at once."""

from datetime import datetime

from booking.db import db
from booking.messages import outbox
from booking.models import Booking, ScheduledSession
from booking.models.kinds import BookingState, Channel, MessageKind
from booking.queries.course_turns import Turn
from booking.services.steps import taking
from booking.services.steps.audit import note

_BY_A_HUMAN = (Channel.CALL, Channel.POST)


def offer(turn: Turn, now: datetime) -> None:
    """Keep every week to come for her, and tell her once; the caller holds the locks of them all."""
    first = turn.waits[0]
    weeks = [*turn.waits, *_added(turn, turn.first, now)]
    for booking in weeks:
        # A week that she joined by itself before is part of the one turn from now on.
        booking.waits_since, booking.queue_at = turn.first.waits_since, turn.first.queue_at
        booking.pool = turn.first.pool
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
