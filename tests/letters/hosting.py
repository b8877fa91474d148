"""Fay leads a date on Wednesday 26 August 2026: what the service would write to her and the office."""

from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

from flask import Flask
from sqlalchemy import select

from booking import clock
from booking.db import db
from booking.messages.letters import Composed, Letter, compose_now
from booking.models import Message, ScheduledSession, SessionFacilitator, Task
from booking.models.kinds import MessageKind, Mode, TaskKind
from booking.rules.edits import SessionChange
from booking.services import calling_off, cover, host_letters
from tests.support.builders import Builders

WEDNESDAY = date(2026, 8, 26)
SUNDAY_AT_5 = "2026-08-23T17:00+01:00"
DAY_BEFORE_AT_4 = "2026-08-25T16:00+01:00"
MORNING_AFTER = "2026-08-27T09:00+01:00"


class Hosting:
    """Fay and Gil lead a date on Wednesday 26 August 2026, at which Ann and Ben have places."""

    def __init__(self, app: Flask, make: Builders, clock_at: Callable[..., datetime], title: str) -> None:
        self.app, self.make, self.at = app, make, clock_at
        clock_at("2026-08-10T10:30+01:00")
        self.fay, self.gil = make.facilitator("Fay"), make.facilitator("Gil")
        self.ada = make.admin("Ada")
        self.series = make.series(title, mode=Mode.HYBRID)
        self.session = make.session(self.series, on=WEDNESDAY, led_by=(self.fay,))
        self.ann = make.person("Ann", access_needs="A chair near the door")
        self.bens = make.booking(self.session, make.person("Ben"))
        self.anns = make.booking(self.session, self.ann)

    def do(self, deed: Callable[..., Any], *args: Any, **facts: Any) -> Any:
        with self.app.app_context():
            return deed(*args, clock.now(), **facts)

    def round(self) -> int:
        return int(self.do(host_letters.lay_out))

    def rows(self, kind: MessageKind) -> list[Message]:
        with self.app.app_context():
            asked = select(Message).where(Message.kind == kind).order_by(Message.id)
            return list(db.session.scalars(asked))

    def composed(self, kind: MessageKind) -> Composed:
        with self.app.app_context():
            return compose_now(self.rows(kind)[-1].id, clock.now())

    def letter(self, kind: MessageKind) -> Letter:
        composed = self.composed(kind)
        assert isinstance(composed, Letter), composed
        return composed

    def change(self, table: type[Any], row_id: int, **facts: Any) -> None:
        with self.app.app_context():
            row = db.session.get_one(table, row_id)
            for name, value in facts.items():
                setattr(row, name, value)
            db.session.commit()

    def move(self, **facts: Any) -> None:
        with self.app.app_context():
            seen = db.session.get_one(ScheduledSession, self.session).schedule_version
            change = SessionChange(**facts)
            calling_off.move_session(self.session, change, self.ada, clock.now(), seen)

    def tasks(self, kind: TaskKind) -> list[bool]:
        """Say of each task of a kind whether it is settled."""
        with self.app.app_context():
            asked = select(Task).where(Task.kind == kind).order_by(Task.id)
            return [task.settled_at is not None for task in db.session.scalars(asked)]

    def make_lead(self, person_id: int) -> None:
        """Let somebody lead the date as if she always had."""
        with self.app.app_context():
            led = SessionFacilitator(session_id=self.session, person_id=person_id, added_at=clock.now())
            db.session.add(led)
            db.session.commit()

    def bring_about(self, kind: MessageKind) -> Letter:
        """Let happen what this letter tells, and read it."""
        if kind is MessageKind.ROTA:
            self.at(SUNDAY_AT_5)
        elif kind is MessageKind.TOMORROW:
            self.at(DAY_BEFORE_AT_4)
        elif kind is MessageKind.REGISTER_REMINDER:
            self.at(MORNING_AFTER)
        elif kind is MessageKind.ROTA_CHANGED:
            self.at("2026-08-20T10:30+01:00")
            self.move(start_time=time(14, 30), public_reason="The kettle is being mended.")
        elif kind is MessageKind.DIGEST:
            self.at("2026-08-31T08:00+01:00")
        else:
            self.make_lead(self.gil)
            self.at("2026-08-20T10:30+01:00")
            self.do(cover.cannot_host, self.session, self.gil)
        self.round()
        return self.letter(kind)
