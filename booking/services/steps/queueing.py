"""Putting somebody on a waiting list, inside the transaction that holds her lock and the session's."""

from datetime import datetime

from booking.db import db
from booking.messages import outbox
from booking.models import Booking, Message, Person, ScheduledSession
from booking.models.kinds import BookingState, MessageKind, Pool
from booking.queries.my_waiting import left_lately
from booking.refusals import NoSuchPool, NoWaitingList, PartOfACourse, StillFree
from booking.rules.names import first_word
from booking.services.steps import taking
from booking.services.steps.audit import note
from booking.services.steps.places import free_places_for

LONGEST_NAME = 100
MOST_HOURS = 14 * 24


def join(
    person: Person,
    scheduled: ScheduledSession,
    pool: Pool,
    actor_id: int,
    now: datetime,
    *,
    tells_late: bool = False,
    companion_name: str = "",
    party_size: int = 1,
) -> Booking:
    """Add the booking of somebody who waits, alone or with a companion; that she may book was asked before.

    Whoever left this list a moment ago has her old turn again.
    Refuses: a pool the date does not have, a series without a waiting list, a week of a course that is
    booked as a whole, somebody brought to where nobody is, and a pool in which there is room for her.
    """
    if pool not in scheduled.pools:
        raise NoSuchPool
    if not scheduled.series.waiting_list:
        raise NoWaitingList
    if not scheduled.series.single_dates:
        raise PartOfACourse
    companion_name = first_word(companion_name, LONGEST_NAME)
    taking.refuse_unless_along(scheduled, person.id, companion_name)
    size = max(party_size, 2 if companion_name else 1)
    free = free_places_for(person.id, scheduled, pool, now)
    if free is None or free >= size:
        raise StillFree
    booking = taking.take(
        person.id, scheduled, pool, actor_id, now, state=BookingState.WAITING, party_size=size
    )
    left = left_lately(person.id, [scheduled.id], pool, now)
    booking.waits_since = booking.queue_at = now
    if left is not None:
        booking.queue_at = left.queue_at
        # Weeks of a course that have one time in common would be one wait.
        booking.waits_since = now if scheduled.series.is_course else left.waits_since
    booking.companion_name, booking.tells_late = companion_name, tells_late
    db.session.flush()
    note(now, actor_id, "waiting list joined", f"booking:{booking.id}")
    return booking


def say_waiting(
    booking: Booking, person: Person, scheduled: ScheduledSession, now: datetime
) -> Message | None:
    """Tell her that she is on the list, and what happens next."""
    return outbox.post(
        MessageKind.WAITING,
        person=person,
        booking=booking,
        now=now,
        key=f"booking:{booking.id}:waiting",
        schedule_version=scheduled.schedule_version,
        useless_at=scheduled.starts_at,
    )


def hours_within_reason(hours: int) -> int:
    """Return how long before the start somebody wants to know, never less than nothing or over two weeks."""
    return min(max(0, hours), MOST_HOURS)
