"""Who is called by the office before a place of a series is hers."""

from sqlalchemy import exists, select

from booking.db import db
from booking.models import Booking, ScheduledSession, Series, Task
from booking.models.kinds import ATTENDED, BookingState, TaskKind


def needs_call(person_id: int | None, series: Series) -> bool:
    """Say whether the series wants a call first, and nobody has welcomed her to it yet."""
    return series.welcome_call and (person_id is None or not _is_known(person_id, series.id))


def open_call(person_id: int, series_id: int) -> int | None:
    """Return the call that the office still has to make before places of a series are somebody's."""
    asked = select(Task.id).where(
        Task.kind == TaskKind.WELCOME_CALL,
        Task.person_id == person_id,
        Task.series_id == series_id,
        Task.settled_at.is_(None),
    )
    return db.session.scalar(asked.order_by(Task.id).limit(1))


def _is_known(person_id: int, series_id: int) -> bool:
    """Say whether she was called, has a place of this series already, or came to it before."""
    was_called = exists().where(
        Task.kind == TaskKind.WELCOME_CALL,
        Task.person_id == person_id,
        Task.series_id == series_id,
        Task.settled_by.is_not(None),
    )
    has_place = exists().where(
        Booking.person_id == person_id,
        Booking.session_id == ScheduledSession.id,
        ScheduledSession.series_id == series_id,
        (Booking.state == BookingState.BOOKED) | Booking.attendance.in_(ATTENDED),
    )
    return bool(db.session.scalar(select(was_called | has_place)))
