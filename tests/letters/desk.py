"""A session that is about to be written about, and a way to read its letters."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from flask import Flask

from booking import clock
from booking.db import db, transaction
from booking.messages import outbox
from booking.messages.letters import Composed, Letter, compose_now
from booking.models import Booking, Enrolment, Message, Person, ScheduledSession
from booking.models.kinds import BookingState, EnrolmentState, MessageKind, Mode
from tests.support.builders import Builders


@dataclass
class Desk:
    """Ann's place at a session by default, and what the service would write to her now."""

    app: Flask
    make: Builders
    booking_id: int = 0
    session_id: int = 0
    person_id: int = 0

    def place(
        self, *, title: str = "Tea & A Chat Manchester", mode: Mode = Mode.IN_PERSON, **facts: Any
    ) -> int:
        """Give Ann a place at a session on 26 August 2026, led by Fay, and return the booking."""
        series = self.make.series(title, mode=mode, **facts)
        self.session_id = self.make.session(series, on=date(2026, 8, 26), led_by=(self.make.facilitator(),))
        # The links in her letters stand in golden files.
        self.person_id = self.make.person(mail_nonce="a fixed nonce")
        self.booking_id = self.make.booking(self.session_id, self.person_id)
        return self.booking_id

    def enrol(self, *later: date) -> int:
        """Make Ann's place the first week of a course with these later ones; return the enrolment."""
        with self.app.app_context():
            series = db.session.get_one(ScheduledSession, self.session_id).series_id
        sessions = [self.make.session(series, on=on) for on in later]
        enrolment_id = self.make.enrolment(series, self.person_id)
        for session_id in sessions:
            self.make.booking(session_id, self.person_id, enrolment_id=enrolment_id)
        self.change(Booking, self.booking_id, enrolment_id=enrolment_id)
        return enrolment_id

    def leave(self, enrolment_id: int) -> None:
        """End the enrolment with all its weeks."""
        now = clock.now()
        self.change(Enrolment, enrolment_id, state=EnrolmentState.LEFT, state_at=now)
        with self.app.app_context():
            hers = db.select(Booking.id).where(Booking.enrolment_id == enrolment_id)
            weeks = list(db.session.scalars(hers))
        for week in weeks:
            self.change(Booking, week, state=BookingState.GIVEN_UP, state_at=now)

    def post(self, kind: MessageKind, key: str = "", **facts: Any) -> int:
        """Lay a message about the booking into the tray and return its id."""
        with self.app.app_context(), transaction():
            booking = db.session.get_one(Booking, self.booking_id)
            scheduled = db.session.get_one(ScheduledSession, booking.session_id)
            message = outbox.post(
                kind,
                person=db.session.get_one(Person, booking.person_id),
                booking=booking,
                now=clock.now(),
                key=key or f"booking:{booking.id}:{kind}:v{scheduled.schedule_version}",
                **({"schedule_version": scheduled.schedule_version} | facts),
            )
            assert message is not None
            return message.id

    def compose(self, message_id: int) -> Composed:
        with self.app.app_context():
            return compose_now(message_id, clock.now())

    def letter(self, kind: MessageKind, **facts: Any) -> Letter:
        """Post a message and read its letter."""
        composed = self.compose(self.post(kind, **facts))
        assert isinstance(composed, Letter), composed
        return composed

    def send_through(self, mail_url: str) -> None:
        """Let letters leave by another way than the mailbox."""
        self.app.extensions["booking.settings"] = replace(
            self.app.extensions["booking.settings"], mail_url=mail_url
        )

    def change(self, row: type[Any], row_id: int, **facts: Any) -> None:
        """Change a row behind everybody's back."""
        with self.app.app_context():
            found = db.session.get_one(row, row_id)
            for name, value in facts.items():
                setattr(found, name, value)
            db.session.commit()

    def state_of(self, message_id: int) -> str:
        with self.app.app_context():
            return db.session.get_one(Message, message_id).state
