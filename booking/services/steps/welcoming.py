"""Places that wait for the office's welcome call: who needs one, and asking for it."""

from datetime import datetime, timedelta

from sqlalchemy import select, update

from booking.db import db
from booking.models import Booking, ScheduledSession, Task
from booking.models.kinds import BookingState, TaskKind
from booking.queries.welcoming import needs_call, open_call
from booking.rules.wall_time import to_local
from booking.services.steps import tasks

# So long the office has to call, less when the date is near.
_CALL_WITHIN = timedelta(days=2)


def first_state(person_id: int, scheduled: ScheduledSession) -> BookingState:
    """Return what a place is when somebody takes it: hers, or hers once the office has called."""
    waits = needs_call(person_id, scheduled.series)
    return BookingState.PROVISIONAL if waits else BookingState.BOOKED


def ask_for_call(booking: Booking, scheduled: ScheduledSession, now: datetime) -> None:
    """Ask the office to call her; one call is enough for every date of a series."""
    if booking.person_id is None or open_call(booking.person_id, scheduled.series_id) is not None:
        return
    today = to_local(now).date()
    before = to_local(scheduled.starts_at).date() - timedelta(days=1)
    tasks.ask(
        TaskKind.WELCOME_CALL,
        now,
        person_id=booking.person_id,
        booking_id=booking.id,
        series_id=scheduled.series_id,
        due_on=max(today, min(before, today + _CALL_WITHIN)),
    )


def end_call_unless_needed(person_id: int, series_id: int, now: datetime) -> None:
    """Take a call off the list when no place of hers waits for it any more: she gave them up herself."""
    db.session.flush()
    waits = (
        select(Booking.id)
        .join(Booking.session)
        .where(Booking.person_id == person_id, ScheduledSession.series_id == series_id)
        .where(Booking.state == BookingState.PROVISIONAL)
    )
    if db.session.scalar(waits.limit(1)) is None:
        settle(person_id, series_id, None, now)


def settle(person_id: int, series_id: int, by: int | None, now: datetime) -> None:
    """Take the call off the list; `by` is who made it, and None says that nobody welcomed her."""
    db.session.execute(
        update(Task)
        .where(
            Task.kind == TaskKind.WELCOME_CALL,
            Task.person_id == person_id,
            Task.series_id == series_id,
            Task.settled_at.is_(None),
        )
        .values(settled_at=now, settled_by=by),
        execution_options={"synchronize_session": False},
    )
