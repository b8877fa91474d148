"""Telling somebody that the office gave her dates to lead, or gave hers to somebody else."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select

from booking.db import db
from booking.models import ScheduledSession
from booking.services.steps import host_letters
from booking.services.steps.tell import readable_at


def tell_given(person_id: int, session_ids: Collection[int], now: datetime) -> None:
    """Tell somebody that the office gave her these dates."""
    dates = _read(session_ids)
    if dates:
        host_letters.tell_given(person_id, dates, now, readable_at(dates[0].starts_at, now))


def tell_taken(person_id: int, session_ids: Collection[int], now: datetime) -> None:
    """Tell somebody that she no longer leads these dates."""
    dates = _read(session_ids)
    if dates:
        host_letters.tell_taken(person_id, dates, now, readable_at(dates[0].starts_at, now))


def _read(session_ids: Collection[int]) -> Sequence[ScheduledSession]:
    asked = select(ScheduledSession).where(ScheduledSession.id.in_(session_ids))
    return db.session.scalars(asked.order_by(ScheduledSession.starts_at, ScheduledSession.id)).all()
