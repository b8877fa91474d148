"""Leaving somebody in peace for a while: nothing goes to her by itself until the pause is over."""

from datetime import date, datetime

from booking.db import transaction
from booking.models.kinds import PersonStatus
from booking.refusals import InThePast
from booking.rules.wall_time import to_local
from booking.services.steps.audit import note
from booking.services.steps.letters import withdraw_reminders
from booking.services.steps.people import hold_proven


def pause(person_id: int, until: date | None, actor_id: int, now: datetime) -> None:
    """Stop what goes to her by itself, for good or until a day; pausing again changes that day.

    Reminders that wait are withdrawn. A change of a session of hers is told by a human, and answers to
    what she does herself still come.
    Units: `until` is the first day on which we write again, in London.
    Refuses: a day that is not to come, and a record that is not proven or does not open any more.
    """
    if until is not None and until <= to_local(now).date():
        raise InThePast(field="until")
    with transaction():
        person = hold_proven(person_id)
        person.status, person.paused_until = PersonStatus.PAUSED, until
        withdraw_reminders(person_id, "paused")
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
        note(now, actor_id, "no longer paused", f"person:{person_id}", "status", "paused until")
