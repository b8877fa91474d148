"""Leaving somebody in peace for a while: nothing goes to her by itself until the pause is over."""

from datetime import date, datetime

from sqlalchemy import select

from booking import policy
from booking.db import db, transaction
from booking.models import Booking
from booking.models.kinds import PersonStatus
from booking.queries.waiting import lists_of, waits
from booking.refusals import InThePast
from booking.rules.wall_time import to_local
from booking.services.steps import waiting
from booking.services.steps.audit import note
from booking.services.steps.letters import withdraw_reminders
from booking.services.steps.locks import lock_sessions
from booking.services.steps.people import hold_proven


def pause(person_id: int, until: date | None, actor_id: int, now: datetime) -> None:
    """Stop what goes to her by itself, for good or until a day; pausing again changes that day.

    Reminders that wait are withdrawn. A change of a session of hers is told by a human, and answers to
    what she does herself still come. A place that is kept for her from a waiting list goes to the next; her
    turn stays.
    Units: `until` is the first day on which we write again, in London.
    Refuses: a day that is not to come, and a record that is not proven or does not open any more.
    """
    if until is not None and until <= to_local(now).date():
        raise InThePast(field="until")
    with transaction():
        person = hold_proven(person_id)
        person.status, person.paused_until = PersonStatus.PAUSED, until
        withdraw_reminders(person_id, "paused")
        _leave_her_in_peace(person_id, now)
        note(now, actor_id, "paused", f"person:{person_id}", "status", "paused until")


def unpause(person_id: int, actor_id: int, now: datetime) -> None:
    """Write to her again; doing so twice is doing it once. What was withdrawn does not come afterwards.

    Refuses: a record that is not proven or does not open any more.
    """
    with transaction():
        person = hold_proven(person_id)
        if person.status is not PersonStatus.PAUSED:
            return
        person.status, person.paused_until = PersonStatus.ACTIVE, None
        dates = lists_of(person_id)
        lock_sessions(dates)
        waiting.offer_at(dates, now)
        note(now, actor_id, "no longer paused", f"person:{person_id}", "status", "paused until")


def _leave_her_in_peace(person_id: int, now: datetime) -> None:
    """Let what she was asked pass on, under the locks of the dates she waits for."""
    dates = lists_of(person_id)
    lock_sessions(dates)
    hers = select(Booking).where(policy.is_hers(person_id), waits()).order_by(Booking.id)
    for booking in db.session.scalars(hers.execution_options(populate_existing=True)).all():
        waiting.let_rest(booking, "paused", now)
    waiting.offer_at(dates, now)
