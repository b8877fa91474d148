"""What a letter tells somebody who leads: her dates, their numbers, and what is left to record."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, select
from sqlalchemy.orm import joinedload

from booking import policy
from booking.db import db
from booking.models import Booking, Person, ScheduledSession, Series, SessionFacilitator
from booking.models.kinds import Attendance, BookingState, SessionState
from booking.queries.rota import is_new

WHOLE = (
    joinedload(ScheduledSession.series).joinedload(Series.programme),
    joinedload(ScheduledSession.venue),
)


@dataclass(frozen=True)
class Numbers:
    """How many are expected at a date, companions counted, and how many people come for the first time."""

    people: int = 0
    new: int = 0


def dates_led(person_id: int, first: date, last: date, now: datetime) -> Sequence[ScheduledSession]:
    """Return the dates to come from one day to another that this person leads, in the order of time."""
    between = ScheduledSession.local_date.between(first, last)
    return _read(_led(person_id).where(between, ScheduledSession.starts_at > now))


def numbers(session_ids: Collection[int]) -> dict[int, Numbers]:
    """Count who is expected at each of these dates: numbers, and nobody's name."""
    new = func.sum(case((is_new(), 1), else_=0))
    rows = db.session.execute(
        select(Booking.session_id, func.sum(Booking.party_size), new)
        .join(ScheduledSession, ScheduledSession.id == Booking.session_id)
        .where(Booking.session_id.in_(session_ids), Booking.state.in_(policy.EXPECTED))
        .group_by(Booking.session_id)
        .order_by(Booking.session_id)
    )
    return {session_id: Numbers(int(people), int(first)) for session_id, people, first in rows}


def registers_left(person_id: int, on: date, now: datetime) -> Sequence[ScheduledSession]:
    """Return the dates of one day that this person led and whose register is not complete."""
    return _read(_led(person_id).where(ScheduledSession.local_date == on, lacks_register(now)))


def lacks_register(now: datetime) -> ColumnElement[bool]:
    """Return the condition that a date is over and its register says nothing of somebody."""
    unmarked = exists().where(
        Booking.session_id == ScheduledSession.id,
        Booking.state == BookingState.BOOKED,
        Booking.attendance == Attendance.NOT_RECORDED,
    )
    over = and_(ScheduledSession.state == SessionState.PUBLISHED, ScheduledSession.ends_at <= now)
    return and_(over, unmarked)


def led_dates() -> Select[Person, ScheduledSession]:
    """Return the question for everybody who leads, with each published date; nobody who hosts no more."""
    return (
        select(Person, ScheduledSession)
        .join(SessionFacilitator, SessionFacilitator.person_id == Person.id)
        .join(ScheduledSession, ScheduledSession.id == SessionFacilitator.session_id)
        .where(policy.still_leads(), ScheduledSession.state == SessionState.PUBLISHED)
        .order_by(Person.id, ScheduledSession.starts_at, ScheduledSession.id)
    )


def is_host(person_id: int) -> bool:
    """Say whether hers is still the role: who gave it back leads nothing, whatever rows there are."""
    asked = select(Person.id).where(Person.id == person_id, policy.still_leads())
    return db.session.scalar(asked) is not None


def _led(person_id: int) -> Select[ScheduledSession]:
    return select(ScheduledSession).where(
        policy.leads(person_id), ScheduledSession.state == SessionState.PUBLISHED
    )


def _read(asked: Select[ScheduledSession]) -> Sequence[ScheduledSession]:
    in_order = asked.options(*WHOLE).order_by(ScheduledSession.starts_at, ScheduledSession.id)
    return db.session.scalars(in_order.execution_options(populate_existing=True)).all()
