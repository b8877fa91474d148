"""Messages laid for Ann and others as the deeds of the service would lay them, and what was taken of them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

from sqlalchemy import event

from booking import clock
from booking.db import db
from booking.models import Booking, Message, ScheduledSession
from booking.models.kinds import BookingState, MessageKind, SessionState
from booking.services import delivery
from tests.letters.desk import Desk

REMINDER, CHANGED, CANCELLED = (
    MessageKind.REMINDER,
    MessageKind.SESSION_CHANGED,
    MessageKind.SESSION_CANCELLED,
)


def places(desk: Desk, count: int, on: date = date(2026, 8, 26)) -> list[int]:
    """Give Ann so many more places on different days, and return the bookings."""
    found = []
    for number in range(count):
        series = desk.make.series(f"Group {'ABCDEFGH'[number]}")
        session_id = desk.make.session(series, on=on + timedelta(days=number))
        found.append(desk.make.booking(session_id, desk.person_id))
    return found


def lay(desk: Desk, kind: MessageKind, booking_id: int, **facts: Any) -> int:
    """Lay a message about one of the bookings; a reminder under the key of one."""
    kept, desk.booking_id = desk.booking_id, booking_id
    try:
        key = f"booking:{booking_id}:reminder:two_days:v1" if kind is REMINDER else ""
        return desk.post(kind, key=key, **({"useless_at": clock.now() + timedelta(days=9)} | facts))
    finally:
        desk.booking_id = kept


def called_off(desk: Desk, booking_id: int) -> int:
    """Cancel the date of a booking, and lay the news of it."""
    with desk.app.app_context():
        session_id = db.session.get_one(Booking, booking_id).session_id
    desk.change(ScheduledSession, session_id, state=SessionState.CANCELLED, cancelled_at=clock.now())
    desk.change(Booking, booking_id, state=BookingState.CANCELLED)
    return lay(desk, CANCELLED, booking_id)


def claimed(desk: Desk, worker: str = "worker", **facts: Any) -> list[int]:
    with desk.app.app_context():
        return delivery.claim(worker, clock.now(), **facts)


def sent(desk: Desk, *message_ids: int) -> None:
    with desk.app.app_context():
        for message_id in message_ids:
            assert delivery.begins(message_id, "worker", clock.now())
            delivery.sent(message_id, clock.now())


def message(desk: Desk, message_id: int) -> Message:
    with desk.app.app_context():
        found = db.session.get_one(Message, message_id)
        db.session.expunge(found)
        return found


def states(desk: Desk, *message_ids: int) -> list[str]:
    return [message(desk, message_id).state.value for message_id in message_ids]


def riders(desk: Desk, leader_id: int) -> list[int]:
    with desk.app.app_context():
        asked = db.select(Message.id).where(Message.joined_to_id == leader_id).order_by(Message.id)
        return list(db.session.scalars(asked))


@contextmanager
def counting(desk: Desk) -> Iterator[Callable[[], int]]:
    """Count what is asked of the database."""
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        asked.append(statement)

    with desk.app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield lambda: len([statement for statement in asked if not statement.startswith("BEGIN")])
    finally:
        event.remove(engine, "before_cursor_execute", note)
