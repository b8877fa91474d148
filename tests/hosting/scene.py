"""Who is there and what the register says, for the stories about hosts."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from booking import clock
from booking.db import db
from booking.models import AttendanceMark, AuditEntry, Booking, SessionFacilitator
from booking.models.kinds import Mode
from tests.support.builders import Builders


@dataclass
class Scene:
    """The cast and the place, as ids."""

    app: Flask
    make: Builders
    series: int
    session: int
    fay: int
    ann: int
    ben: int
    anns: int
    bens: int

    @property
    def now(self) -> datetime:
        return clock.now()

    def do(self, deed: Callable[..., Any], *args: Any, **facts: Any) -> Any:
        """Do something as a request would: with a context of its own."""
        with self.app.app_context():
            return deed(*args, **facts)

    def says(self, booking_id: int) -> str:
        """Return what the register says."""
        with self.app.app_context():
            return db.session.get_one(Booking, booking_id).attendance.value

    def state(self, booking_id: int) -> str:
        with self.app.app_context():
            return db.session.get_one(Booking, booking_id).state.value

    def history(self, booking_id: int) -> list[tuple[str, str]]:
        """Return every mark, from what to what."""
        asked = select(AttendanceMark).where(AttendanceMark.booking_id == booking_id)
        with self.app.app_context():
            marks = db.session.scalars(asked.order_by(AttendanceMark.id)).all()
            return [(mark.was.value, mark.attendance.value) for mark in marks]

    def audited(self) -> list[tuple[str, str, int | None]]:
        with self.app.app_context():
            entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
            return [(entry.action, entry.subject, entry.actor_id) for entry in entries]

    def as_host(self, person_id: int | None = None) -> FlaskClient:
        """Return a browser in which Fay, or somebody else, is signed in."""
        return self.make.sign_in(self.app.test_client(), person_id or self.fay)

    def today(self, title: str = "Yoga", **facts: Any) -> int:
        """Add a date of another series that starts now, led by Fay."""
        mode = facts.pop("mode", Mode.IN_PERSON)
        series = self.make.series(title, mode=mode)
        return self.make.session(series, starts_in=timedelta(), led_by=(self.fay,), **facts)

    def joins(self, known_as: str) -> int:
        """Let a second host lead the same date."""
        person_id = self.make.facilitator(known_as)
        with self.app.app_context():
            db.session.add(
                SessionFacilitator(session_id=self.session, person_id=person_id, added_at=clock.now())
            )
            db.session.commit()
        return person_id
