"""Telling everybody who is booked, or leads, that a date has changed or will not take place."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from booking.db import db
from booking.messages import outbox
from booking.models import Booking, ScheduledSession
from booking.models.kinds import LIVE, BookingState, MessageKind, SeasonDeedKind
from booking.rules.quiet_hours import next_allowed
from booking.services.steps import host_letters
from booking.services.steps.letters import withdraw_for_bookings

MOVED, OFF = MessageKind.SESSION_CHANGED, MessageKind.SESSION_CANCELLED
_AT_ONCE_WITHIN = timedelta(hours=24)
_OVERTAKEN = (MessageKind.SESSION_CHANGED, MessageKind.REMINDER, MessageKind.COURSE_STARTS)
_HAS_A_CLOCK = (BookingState.OFFERED, BookingState.WAITING)
# Behind a held place stands an address that nobody has proven; an offer shows the date as it is now.
_HEARS_NOTHING = (BookingState.HELD, BookingState.OFFERED)


@dataclass(frozen=True, slots=True)
class Moved:
    """A date that has its new values: when it was to start, and the deed that moved it."""

    scheduled: ScheduledSession
    was_starting_at: datetime
    deed_id: int | None = None


def tell_of_change(
    scheduled: ScheduledSession, was_starting_at: datetime, now: datetime, deed_id: int | None = None
) -> None:
    """Lay one message for each person booked."""
    there = {scheduled.id: live_bookings(scheduled.id)}
    tell_of_changes([Moved(scheduled, was_starting_at, deed_id)], there, now)


def tell_of_changes(moved: Sequence[Moved], there: Mapping[int, list[Booking]], now: datetime) -> None:
    """Lay one message for each booking of these dates; `there` holds the bookings that stand, by date."""
    letters = []
    leaders: dict[int | None, list[tuple[ScheduledSession, datetime]]] = {}
    for each in moved:
        scheduled, bookings = each.scheduled, there.get(each.scheduled.id, [])
        _keep_offers_before_the_start(bookings, scheduled)
        told = [booking for booking in bookings if booking.state not in _HEARS_NOTHING]
        due_at = readable_at(min(scheduled.starts_at, each.was_starting_at), now)
        letters += [_about(MOVED, booking, scheduled, due_at, each.deed_id) for booking in told]
        leaders.setdefault(each.deed_id, []).append((scheduled, due_at))
    _post(MOVED, letters, now)
    for deed_id, dates in leaders.items():
        host_letters.tell_leaders(dates, now, deed_id)


def tell_of_cancelling(
    scheduled: ScheduledSession, bookings: list[Booking], now: datetime, deed_id: int | None = None
) -> None:
    """Lay one message for each of these bookings, and one for each person who leads."""
    due_at = readable_at(scheduled.starts_at, now)
    host_letters.tell_leaders([(scheduled, due_at)], now, deed_id)
    _post(OFF, [_about(OFF, booking, scheduled, due_at, deed_id) for booking in bookings], now)


def anybody_hears(kind: SeasonDeedKind, bookings: Iterable[Booking]) -> bool:
    """Say whether one of the bookings of a date is told when it moves or is cancelled."""
    deaf = (BookingState.HELD,) if kind is SeasonDeedKind.CANCELLED else _HEARS_NOTHING
    return any(booking.state not in deaf for booking in bookings)


def live_bookings(session_id: int) -> list[Booking]:
    """Return the bookings of a date that still stand, with their people."""
    return live_bookings_of([session_id]).get(session_id, [])


def live_bookings_of(session_ids: Collection[int]) -> dict[int, list[Booking]]:
    """Return the bookings of these dates that still stand, with their people, in one question."""
    asked = (
        select(Booking)
        .where(Booking.session_id.in_(session_ids), Booking.state.in_(LIVE))
        .options(joinedload(Booking.person))
        .order_by(Booking.id)
    )
    found: dict[int, list[Booking]] = {}
    for booking in db.session.scalars(asked):
        found.setdefault(booking.session_id, []).append(booking)
    return found


def readable_at(starts_at: datetime, now: datetime) -> datetime:
    """Let it wait for 8am unless the session is near: then a lit phone is the smaller evil."""
    return now if starts_at - now < _AT_ONCE_WITHIN else next_allowed(now)


def _about(
    kind: MessageKind, booking: Booking, scheduled: ScheduledSession, due_at: datetime, deed_id: int | None
) -> outbox.About:
    return outbox.About(
        booking,
        key=f"booking:{booking.id}:{kind.value}:v{scheduled.schedule_version}",
        due_at=due_at,
        # She has stood before the shut door by then; what is still unsaid shows in the office.
        useless_at=scheduled.ends_at,
        schedule_version=scheduled.schedule_version,
        season_deed_id=deed_id,
    )


def _post(kind: MessageKind, letters: Sequence[outbox.About], now: datetime) -> None:
    if not letters:
        return
    withdraw_for_bookings([each.booking.id for each in letters], _OVERTAKEN, "overtaken by a change")
    outbox.post_all(kind, letters, now)


def _keep_offers_before_the_start(bookings: list[Booking], scheduled: ScheduledSession) -> None:
    """Let no place that is offered wait beyond the new start of its date."""
    for booking in bookings:
        if booking.state in _HAS_A_CLOCK and booking.held_until is not None:
            booking.held_until = min(booking.held_until, scheduled.starts_at)
