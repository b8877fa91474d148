"""Who leads which date, as the office decides it."""

from datetime import datetime

from sqlalchemy import delete, select

from booking import policy
from booking.db import db, transaction
from booking.models import Person, ScheduledSession, SeriesFacilitator, SessionFacilitator
from booking.refusals import NotAHost
from booking.services.steps import leading, rota_letters
from booking.services.steps.audit import note
from booking.services.steps.generate import take_the_season
from booking.services.steps.locks import lock_people, lock_sessions


def add_facilitator(
    session_id: int, person_id: int, actor_id: int, now: datetime, *, later_too: bool = False
) -> None:
    """Let a host lead a date, or this and all later dates of its series; twice is once.

    Refuses: somebody who is not a host, or whose record does not open any more.
    """
    with transaction():
        scheduled = _held(session_id, person_id)
        if db.session.scalar(select(Person.id).where(Person.id == person_id, policy.may_lead())) is None:
            raise NotAHost
        led = _led_by(person_id)
        added = [each for each in _dates(scheduled, later_too) if each not in led]
        db.session.add_all(
            SessionFacilitator(session_id=each, person_id=person_id, added_at=now) for each in added
        )
        if later_too and person_id not in _leaders_of_series(scheduled.series_id):
            db.session.add(SeriesFacilitator(series_id=scheduled.series_id, person_id=person_id))
        if added:
            leading.mark_as_own(scheduled, later_too=later_too)
            leading.cover(added, person_id, actor_id, now)
            rota_letters.tell_given(person_id, added, now)
            note(now, actor_id, "host added", f"session:{session_id}", *_scope(person_id, later_too))


def remove_facilitator(
    session_id: int, person_id: int, actor_id: int, now: datetime, *, later_too: bool = False
) -> None:
    """Let somebody no longer lead a date, or this and all later dates of its series; twice is once."""
    with transaction():
        scheduled = _held(session_id, person_id)
        led = _led_by(person_id)
        ended = [each for each in _dates(scheduled, later_too) if each in led]
        db.session.execute(
            delete(SessionFacilitator).where(
                SessionFacilitator.person_id == person_id, SessionFacilitator.session_id.in_(ended)
            )
        )
        if later_too:
            db.session.execute(
                delete(SeriesFacilitator).where(
                    SeriesFacilitator.series_id == scheduled.series_id,
                    SeriesFacilitator.person_id == person_id,
                )
            )
        if ended:
            leading.mark_as_own(scheduled, later_too=later_too)
            rota_letters.tell_taken(person_id, ended, now)
            note(now, actor_id, "host removed", f"session:{session_id}", *_scope(person_id, later_too))


def _held(session_id: int, person_id: int) -> ScheduledSession:
    """Hold what this decides on: nobody may add a date to the series, or take the role, meanwhile."""
    take_the_season()
    lock_people([person_id])
    lock_sessions([session_id])
    return db.session.get_one(ScheduledSession, session_id)


def _dates(scheduled: ScheduledSession, later_too: bool) -> list[int]:
    if not later_too:
        return [scheduled.id]
    later = select(ScheduledSession.id).where(
        ScheduledSession.series_id == scheduled.series_id, ScheduledSession.starts_at >= scheduled.starts_at
    )
    return list(db.session.scalars(later.order_by(ScheduledSession.id)))


def _led_by(person_id: int) -> set[int]:
    led = select(SessionFacilitator.session_id).where(SessionFacilitator.person_id == person_id)
    return set(db.session.scalars(led))


def _leaders_of_series(series_id: int) -> set[int]:
    leaders = select(SeriesFacilitator.person_id).where(SeriesFacilitator.series_id == series_id)
    return set(db.session.scalars(leaders))


def _scope(person_id: int, later_too: bool) -> tuple[str, ...]:
    return (f"person {person_id}", "all later dates") if later_too else (f"person {person_id}",)
