"""A worker in a process of its own, with its dangerous moments widened, one of which may be its last."""

import os
import secrets
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, select

from booking import create_app, worker
from booking.db import db
from booking.messages import letters
from booking.messages.channels.smtp import SmtpChannel
from booking.models import Message
from booking.models.kinds import MessageState
from booking.services import delivery
from tests.support.databases import settings_for_tests

CLAIMED, COMPOSED, BEGUN, HANDING_OVER, HANDED_OVER, NOTED = POINTS = (
    "claimed",
    "composed",
    "begun",
    "handing over",
    "handed over",
    "noted",
)
NOT_TAKEN_BACK, NOT_EXCLUSIVE, NOTED_FIRST = "not taken back", "not exclusive", "noted first"
NO_LAST_LOOK = "no last look"
NOTED_LATE, NEW_IDENTITY = "noted late", "a new Message-ID each time"


@dataclass(frozen=True)
class Orders:
    """What one worker is told: where its letters go, and when it dies, if it does."""

    database_url: str
    mail_url: str
    lease_seconds: float
    dies_at: str = ""
    dies_on_passing: int = 1
    cut: str = ""
    widened_seconds: float = 0.02


def work(orders: Orders) -> None:
    """Work until asked to stop, or until the point at which this worker dies."""
    app = create_app(settings_for_tests(orders.database_url, mail_url=orders.mail_url))
    worker.IDLE_SECONDS = worker.BUSY_SECONDS = 0.1
    cut(orders.cut)
    widen(orders.widened_seconds, orders.dies_at, orders.dies_on_passing)
    worker.run(app, lease=timedelta(seconds=orders.lease_seconds))


def cut(net: str) -> None:
    """Take one of the nets away, in this process; no name takes none."""
    _CUTS[net]()


def widen(seconds: float, dies_at: str = "", dies_on_passing: int = 1) -> None:
    """Stay in every dangerous moment for a while, and die in one of them."""
    passed = dict.fromkeys(POINTS, 0)

    def pass_by(point: str) -> None:
        passed[point] += 1
        if point == dies_at and passed[point] == dies_on_passing:
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(seconds)

    _wrap(delivery, "claim", after=lambda ids: pass_by(CLAIMED) if ids else None)
    _wrap(letters, "compose_now", after=lambda _: pass_by(COMPOSED))
    _wrap(delivery, "begins", after=lambda _: pass_by(BEGUN))
    _wrap(SmtpChannel, "deliver", lambda: pass_by(HANDING_OVER), lambda _: pass_by(HANDED_OVER))
    _wrap(delivery, "sent", after=lambda _: pass_by(NOTED))


def _wrap(
    where: Any,
    name: str,
    before: Callable[[], object] = lambda: None,
    after: Callable[[Any], object] = lambda _: None,
) -> None:
    real = getattr(where, name)

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        before()
        result = real(*args, **kwargs)
        after(result)
        return result

    setattr(where, name, wrapped)


def _take_nothing_back() -> None:
    def free_to_take(now: datetime) -> ColumnElement[bool]:
        return and_(Message.state == MessageState.WAITING, Message.due_at <= now)

    delivery.free_to_take = free_to_take


def _claim_without_a_mark() -> None:
    def claim(name: str, now: datetime, **_asked: Any) -> list[int]:
        due = select(Message.id).where(delivery.free_to_take(now)).order_by(Message.id).limit(20)
        ids = list(db.session.scalars(due))
        db.session.rollback()
        return ids

    delivery.claim = claim  # type: ignore[assignment]
    _begin_anything()


def _note_first() -> None:
    real = letters.compose_now

    def compose_now(message_id: int, now: datetime) -> letters.Composed:
        composed = real(message_id, now)
        delivery.sent(message_id, now)
        return composed

    letters.compose_now = compose_now
    _begin_anything()


def _begin_anything() -> None:
    """Take away the last look before the conversation, which would hide that another net is cut."""
    delivery.begins = lambda *_asked, **_more: True


def _note_late() -> None:
    """Note what has left only when the next letters are asked for, as if to save some writing."""
    claim, sent, noted = delivery.claim, delivery.sent, list[tuple[Any, ...]]()

    def claim_and_note(*asked: Any, **more: Any) -> list[int]:
        while noted:
            sent(*noted.pop(0))
        return claim(*asked, **more)

    delivery.claim, delivery.sent = claim_and_note, lambda *what: noted.append(what)  # type: ignore[assignment]


def _identify_anew() -> None:
    real = letters.compose_now

    def compose_now(message_id: int, now: datetime) -> letters.Composed:
        composed = real(message_id, now)
        if isinstance(composed, letters.Letter):
            return replace(composed, message_id=f"<m.{secrets.token_hex(16)}@localhost>")
        return composed

    letters.compose_now = compose_now


_CUTS: dict[str, Callable[[], None]] = {
    "": lambda: None,
    NOT_TAKEN_BACK: _take_nothing_back,
    NOT_EXCLUSIVE: _claim_without_a_mark,
    NOTED_FIRST: _note_first,
    NO_LAST_LOOK: _begin_anything,
    NOTED_LATE: _note_late,
    NEW_IDENTITY: _identify_anew,
}
