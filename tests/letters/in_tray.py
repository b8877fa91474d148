"""A letter of any kind in the tray, each about somebody's own place at a session of her own."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select, update

from booking import clock, worker
from booking.db import db, transaction
from booking.messages import letters, outbox
from booking.models import (
    Announcement,
    Booking,
    Consent,
    CoverRequest,
    Enrolment,
    Message,
    Person,
    PersonRole,
    ScheduledSession,
    SessionFacilitator,
    SessionVersion,
)
from booking.models.kinds import (
    BookingState,
    Channel,
    ConsentHow,
    ConsentPurpose,
    EnrolmentState,
    LinkPurpose,
    MessageKind,
    Role,
    SessionState,
)
from booking.services import host_letters, messages
from booking.services.steps import links
from tests.support.builders import Builders

PROOFS = (MessageKind.CONFIRM_EMAIL, MessageKind.SIGN_IN, MessageKind.CHANGE_EMAIL)
NOTICES = (MessageKind.EMAIL_CHANGED, MessageKind.PASSWORD_CHANGED, MessageKind.FACTOR_CHANGED)
OF_A_COURSE = (MessageKind.COURSE_BOOKED, MessageKind.COURSE_STARTS, MessageKind.COURSE_LEFT)
FOR_HOSTS = (
    MessageKind.ROTA,
    MessageKind.ROTA_CHANGED,
    MessageKind.TOMORROW,
    MessageKind.REGISTER_REMINDER,
    MessageKind.COVER_WANTED,
)
# Two days before the sessions, at the moment at which their reminders are due.
NOW = "2026-08-24T10:00+01:00"
ON = date(2026, 8, 26)
KINDS = tuple(kind for kind in MessageKind if kind in letters._WRITERS)
_STATES = {
    MessageKind.GIVEN_UP: BookingState.GIVEN_UP,
    MessageKind.SESSION_CANCELLED: BookingState.CANCELLED,
    MessageKind.WAITING: BookingState.WAITING,
    MessageKind.OFFERED: BookingState.OFFERED,
    MessageKind.PROVISIONAL: BookingState.PROVISIONAL,
}


@dataclass(frozen=True)
class Laid:
    """One letter in the tray, and everything that it is about."""

    kind: MessageKind
    message_id: int
    person_id: int
    session_id: int
    booking_id: int
    enrolment_id: int | None = None


@dataclass
class Tray:
    """Lays letters of every kind into the tray, each true at this moment."""

    app: Flask
    make: Builders
    laid: list[Laid] = field(default_factory=list)

    def lay(self, kind: MessageKind, known_as: str, session_id: int = 0, **facts: Any) -> Laid:
        """Give somebody new a place, bring about what a letter of this kind tells, and lay it."""
        return self.lay_for(kind, self.make.person(known_as, **facts), session_id)

    def lay_for(self, kind: MessageKind, person_id: int, session_id: int = 0) -> Laid:
        """Give somebody a place, bring about what a letter of this kind tells, and lay it."""
        session_id = session_id or self.session(kind)
        booking_id = self._booking(kind, session_id, person_id)
        enrolment_id = self._enrol(kind, session_id, person_id, booking_id) if kind in OF_A_COURSE else None
        with self.app.app_context(), transaction():
            _bring_about(kind, person_id, session_id)
            message_id = _post(kind, person_id, booking_id, session_id)
        self.laid.append(Laid(kind, message_id, person_id, session_id, booking_id, enrolment_id))
        return self.laid[-1]

    def lay_all(self, **facts: Any) -> list[Laid]:
        """Lay one letter of every kind, each to somebody else."""
        return [self.lay(kind, f"P{number}", **facts) for number, kind in enumerate(KINDS)]

    def also(self, kind: MessageKind) -> None:
        """Lay another letter for everybody who was laid one already, about the same places."""
        with self.app.app_context(), transaction():
            for one in list(self.laid):
                message_id = _post(kind, one.person_id, one.booking_id, one.session_id)
                self.laid.append(replace(one, kind=kind, message_id=message_id))

    def session(self, kind: MessageKind = MessageKind.BOOKED) -> int:
        """Add a date of its own; that of a course has a series of its own."""
        series = self.make.series(f"Painting {len(self.laid)}")
        # The register of a session is missed after its end.
        on = ON - timedelta(days=3) if kind is MessageKind.REGISTER_REMINDER else ON
        on = ON - timedelta(days=1) if kind is MessageKind.TOMORROW else on
        fay = self.make.facilitator(f"Fay{len(self.laid)}")
        full = {"places_room": 1} if kind is MessageKind.WAITING else {}
        session_id = self.make.session(series, on=on, led_by=(fay,), **full)
        if kind is MessageKind.WAITING:
            self.make.booking(session_id, fay)
        return session_id

    def send_by(self, laid: Laid, channel: Channel) -> None:
        """Let her wish for another channel, and the letter already be on it."""
        with self.app.app_context(), transaction():
            wish = update(Person).where(Person.id == laid.person_id).values(channel=channel)
            row = update(Message).where(Message.id == laid.message_id).values(channel=channel)
            for change in (wish, row):
                db.session.execute(change)

    def deliver(self) -> None:
        """Lay out the letters that are due and deliver all that waits, without the other deeds of a round."""
        with self.app.app_context():
            messages.lay_out_reminders(clock.now())
            host_letters.lay_out(clock.now())
            worker.deliver_waiting(worker.hire())

    def _booking(self, kind: MessageKind, session_id: int, person_id: int) -> int:
        facts: dict[str, Any] = {"state": _STATES.get(kind, BookingState.BOOKED)}
        facts["created_at"] = facts["state_at"] = clock.now() - timedelta(days=7)
        if facts["state"] in (BookingState.WAITING, BookingState.OFFERED):
            facts |= {"waits_since": clock.now(), "queue_at": clock.now()}
        if kind is MessageKind.OFFERED:
            facts |= {"held_until": clock.now() + timedelta(hours=20), "times_offered": 1}
        return self.make.booking(session_id, person_id, **facts)

    def _enrol(self, kind: MessageKind, session_id: int, person_id: int, booking_id: int) -> int:
        series = self.make.series_of(session_id)
        enrolment_id = self.make.enrolment(series, person_id)
        week = self.make.session(series, on=ON + timedelta(days=7))
        self.make.booking(week, person_id, enrolment_id=enrolment_id)
        with self.app.app_context(), transaction():
            first = db.session.get_one(Booking, booking_id)
            first.enrolment_id = enrolment_id
            if kind is MessageKind.COURSE_LEFT:
                left = db.session.get_one(Enrolment, enrolment_id)
                left.state, left.state_at = EnrolmentState.LEFT, clock.now()
                ended = {"state": BookingState.GIVEN_UP, "state_at": left.state_at}
                hers = update(Booking).where(Booking.enrolment_id == enrolment_id)
                db.session.flush()
                db.session.execute(hers.values(**ended))
        return enrolment_id


def _bring_about(kind: MessageKind, person_id: int, session_id: int) -> None:
    scheduled = db.session.get_one(ScheduledSession, session_id)
    if kind is MessageKind.SESSION_CHANGED and scheduled.schedule_version == 1:
        scheduled.start_time, scheduled.schedule_version = time(13), 2
        same = {name: getattr(scheduled, name) for name in ("local_date", "start_time", "end_time", "mode")}
        db.session.add(SessionVersion(session_id=session_id, schedule_version=2, made_at=clock.now(), **same))
    if kind is MessageKind.SESSION_CANCELLED:
        scheduled.state, scheduled.cancelled_at = SessionState.CANCELLED, clock.now()
    if kind in (*FOR_HOSTS, MessageKind.DIGEST):
        role = Role.ADMIN if kind is MessageKind.DIGEST else Role.FACILITATOR
        db.session.add(PersonRole(person_id=person_id, role=role, given_at=clock.now()))
    if kind in FOR_HOSTS:
        db.session.add(SessionFacilitator(session_id=session_id, person_id=person_id, added_at=clock.now()))
    if kind is MessageKind.COVER_WANTED:
        db.session.add(
            CoverRequest(session_id=session_id, person_id=_leader(session_id), asked_at=clock.now())
        )
    if kind is MessageKind.NEWS:
        db.session.get_one(Person, person_id).wants_news = True
        db.session.add(_news_consent(person_id))
    db.session.flush()


def _leader(session_id: int) -> int:
    """Return who led this date before anybody was added."""
    leads = select(SessionFacilitator.person_id).where(SessionFacilitator.session_id == session_id)
    return db.session.scalars(leads.order_by(SessionFacilitator.id)).first() or 0


def _news_consent(person_id: int) -> Consent:
    return Consent(
        person_id=person_id,
        purpose=ConsentPurpose.NEWS,
        wording_version="1",
        given_at=clock.now(),
        how=ConsentHow.WEB,
    )


def _post(kind: MessageKind, person_id: int, booking_id: int, session_id: int) -> int:
    person, now = db.session.get_one(Person, person_id), clock.now()
    # Of the changes to who leads what, she was given a date.
    key = f"booking:{booking_id}:{kind}:given:1"
    more: dict[str, Any] = {}
    if kind in PROOFS:
        more["link"] = links.make(LinkPurpose(kind.value), _address(person), "", now, person_id)
    elif kind in NOTICES:
        more["recipient"] = _address(person)
    elif kind is not MessageKind.NEWS and kind not in (*FOR_HOSTS, MessageKind.DIGEST):
        more["booking"] = db.session.get_one(Booking, booking_id)
    scheduled = db.session.get_one(ScheduledSession, session_id)
    version = scheduled.schedule_version
    message = outbox.post(kind, person=person, now=now, key=key, schedule_version=version, **more)
    assert message is not None, kind
    return _with_more(message, scheduled, now)


def _with_more(message: Message, scheduled: ScheduledSession, now: datetime) -> int:
    if message.kind in (*FOR_HOSTS, MessageKind.ANNOUNCEMENT):
        message.session_id = scheduled.id
    if message.kind in (*FOR_HOSTS, MessageKind.DIGEST):
        message.about_on = scheduled.local_date - timedelta(days=scheduled.local_date.weekday())
    if message.kind in (MessageKind.TOMORROW, MessageKind.REGISTER_REMINDER):
        message.about_on = scheduled.local_date
    if message.kind in (MessageKind.ANNOUNCEMENT, MessageKind.NEWS):
        about = scheduled.id if message.kind is MessageKind.ANNOUNCEMENT else None
        written = Announcement(
            session_id=about, author_id=_leader(scheduled.id), words="Bring a cup.", created_at=now
        )
        db.session.add(written)
        db.session.flush()
        message.announcement_id = written.id
    db.session.flush()
    return message.id


def _address(person: Person) -> str:
    return f"{person.known_as.lower()}@example.org"
