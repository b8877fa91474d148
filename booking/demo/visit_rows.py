"""The rows of who came: bookings, every mark on the register, the reminders that went, and the audit."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from urllib.parse import urlsplit

from sqlalchemy import select

from booking.db import db
from booking.demo.meetings import Meeting, Visit
from booking.demo.pen import Pen, Row
from booking.demo.people import Guest
from booking.models import AttendanceMark, AuditEntry, Booking, Enrolment, Message, Series, Task
from booking.models.kinds import (
    Attendance,
    BookingState,
    Channel,
    EnrolmentState,
    MessageKind,
    MessageState,
    Role,
    TaskKind,
)
from booking.rules.reminders import SAME_MORNING, TWO_DAYS_BEFORE, reminder_instants, reminder_is_due
from booking.rules.wall_time import to_local
from booking.settings import settings

# What the audit says that somebody did to have a booking in this state.
_TOOK = {
    BookingState.PROVISIONAL: "place kept until a call",
    BookingState.WAITING: "waiting list joined",
    BookingState.OFFERED: "waiting list joined",
}
_CALL_WITHIN = timedelta(days=2)
_IN_KEYS = {TWO_DAYS_BEFORE: "two_days", SAME_MORNING: "that_morning"}


class VisitRows:
    """Writes what people did, once everybody and every date has an id."""

    def __init__(self, pen: Pen, ids_of_people: Mapping[Guest, int], rng: Random) -> None:
        self.pen, self.people, self.rng = pen, ids_of_people, rng
        self.office = next(
            person_id for guest, person_id in ids_of_people.items() if Role.ADMIN in guest.roles
        )

    def write(self, meetings: Sequence[Meeting], session_ids: Sequence[int], now: datetime) -> int:
        """Write everything and return how many bookings there are."""
        visits = [
            (meeting, visit, session_id)
            for meeting, session_id in zip(meetings, session_ids, strict=True)
            for visit in meeting.visits
        ]
        visits.sort(key=lambda each: each[1].created_at)
        courses = self._enrolments(visits)
        rows = [self._booking(*each, courses) for each in visits]
        made = self.pen.write_with_ids(Booking, rows)
        told = [(meeting, visit, made) for (meeting, visit, _), made in zip(visits, made, strict=True)]
        marks = [row for each in told for row in self._marks(*each)]
        marks.sort(key=lambda row: row["marked_at"])
        self.pen.write(AttendanceMark, marks)
        self.pen.write(Task, self._calls(told, courses))
        self.pen.write(Message, [row for each in told for row in self._reminders(*each, now)])
        audit = [row for each in told for row in self._audit(*each)]
        audit += self._cancellings(meetings, session_ids)
        self.pen.write(AuditEntry, sorted(audit, key=lambda row: row["at"]))
        return len(made)

    def _enrolments(self, visits: Sequence[tuple[Meeting, Visit, int]]) -> dict[tuple[str, Guest], int]:
        """Put everybody who booked a course on it, and return the enrolments."""
        first: dict[tuple[str, Guest], tuple[Meeting, Visit]] = {}
        for meeting, visit, _session_id in visits:
            if meeting.occasion.plan.enrol == "course" and visit.guest:
                first.setdefault((meeting.occasion.plan.key, visit.guest), (meeting, visit))
        self.series = series = dict(db.session.execute(select(Series.key, Series.id)).all())
        rows = [
            {
                "series_id": series[key],
                "person_id": self.people[guest],
                "state": EnrolmentState.ENROLLED,
                "created_at": visit.created_at,
                "state_at": visit.created_at,
                "made_by": self._booked_by(meeting, visit),
                "nonce": f"{self.rng.getrandbits(128):032x}",
            }
            for (key, guest), (meeting, visit) in first.items()
        ]
        return dict(zip(first, self.pen.write_with_ids(Enrolment, rows), strict=True))

    def _booking(
        self, meeting: Meeting, visit: Visit, session_id: int, courses: Mapping[tuple[str, Guest], int]
    ) -> Row:
        key = meeting.occasion.plan.key
        return {
            "session_id": session_id,
            "person_id": self.people[visit.guest] if visit.guest else None,
            "walk_in_name": visit.walk_in_name,
            "companion_name": visit.companion_name,
            "party_size": visit.party_size,
            "waits_since": visit.waits_since,
            "queue_at": visit.waits_since,
            "times_offered": visit.times_offered,
            "held_until": visit.held_until,
            "tells_late": visit.tells_late,
            "pool": visit.pool,
            "state": visit.state,
            "attendance": visit.attendance,
            "created_at": visit.created_at,
            "state_at": visit.state_at,
            "booked_by": self._booked_by(meeting, visit),
            "nonce": f"{self.rng.getrandbits(128):032x}",
            "told_version": 1,
            "enrolment_id": courses.get((key, visit.guest)) if visit.guest else None,
        }

    def _calls(
        self, told: Sequence[tuple[Meeting, Visit, int]], courses: Mapping[tuple[str, Guest], int]
    ) -> list[Row]:
        """Ask the office for the welcome call that a place waits for: one for all weeks of a course."""
        calls: dict[tuple[str, Guest], Row] = {}
        for meeting, visit, booking_id in told:
            if visit.state is BookingState.PROVISIONAL and visit.guest:
                key = meeting.occasion.plan.key, visit.guest
                series_id = self.series[meeting.occasion.plan.key]
                call = {"kind": TaskKind.WELCOME_CALL, "person_id": self.people[visit.guest]}
                call |= {"booking_id": booking_id, "series_id": series_id, "created_at": visit.created_at}
                calls.setdefault(key, call | {"due_on": to_local(visit.created_at).date() + _CALL_WITHIN})
        return list(calls.values())

    def _booked_by(self, meeting: Meeting, visit: Visit) -> int:
        plan = meeting.occasion.plan
        if visit.attendance is Attendance.WALKED_IN:
            return self.people[meeting.leaders[0]]
        by_phone = visit.guest is None or visit.guest.email is None
        if visit.guest is None or by_phone or (plan.welcome_call and visit.state is BookingState.BOOKED):
            return self.office
        return self.people[visit.guest]

    def _marks(self, meeting: Meeting, visit: Visit, booking_id: int) -> Iterator[Row]:
        for mark in visit.marks:
            yield {
                "booking_id": booking_id,
                "was": mark.was,
                "attendance": mark.attendance,
                "marked_by": self.people[meeting.leaders[0]],
                "marked_at": mark.at,
            }

    def _reminders(self, meeting: Meeting, visit: Visit, booking_id: int, now: datetime) -> Iterator[Row]:
        """Note the reminders that are due as sent already: nobody shall be written to about a sample."""
        occasion, guest = meeting.occasion, visit.guest
        if guest is None or visit.state is not BookingState.BOOKED or occasion.starts_at <= now:
            return
        wanted = reminder_instants(
            occasion.local_date,
            occasion.plan.start_time,
            two_days_before=guest.remind_two_days,
            same_morning=guest.remind_that_morning,
        )
        for kind, due_at in wanted.items():
            if reminder_is_due(due_at, occasion.starts_at, visit.created_at, now):
                key = f"booking:{booking_id}:reminder:{_IN_KEYS[kind]}:v1"
                yield self._sent(guest, booking_id, key, due_at) | {"useless_at": occasion.starts_at}

    def _sent(self, guest: Guest, booking_id: int, key: str, due_at: datetime) -> Row:
        host = urlsplit(settings().base_url).hostname or "localhost"
        return {
            "kind": MessageKind.REMINDER,
            "person_id": self.people[guest],
            "recipient": guest.email,
            "channel": Channel.EMAIL,
            "state": MessageState.SENT,
            "dedupe_key": key,
            "booking_id": booking_id,
            "schedule_version": 1,
            "attempts": 1,
            "created_at": due_at,
            "due_at": due_at,
            "sent_at": due_at,
            "message_id": f"<m.{self.rng.getrandbits(128):032x}@{host}>",
        }

    def _audit(self, meeting: Meeting, visit: Visit, booking_id: int) -> Iterator[Row]:
        actor = self._booked_by(meeting, visit)
        if visit.attendance is Attendance.WALKED_IN:
            yield _entry(visit.created_at, actor, "walk-in added", f"booking:{booking_id}", "attendance")
            return
        took = _TOOK.get(visit.state, "place booked")
        yield _entry(visit.created_at, actor, took, f"booking:{booking_id}")
        if visit.state is BookingState.GIVEN_UP:
            yield _entry(visit.state_at, actor, "place given up", f"booking:{booking_id}")
        host = self.people[meeting.leaders[0]]
        for mark in visit.marks:
            yield _entry(mark.at, host, "attendance marked", f"booking:{booking_id}", "attendance")

    def _cancellings(self, meetings: Sequence[Meeting], session_ids: Sequence[int]) -> list[Row]:
        return [
            _entry(meeting.called_off_at, self.office, "session cancelled", f"session:{session_id}")
            for meeting, session_id in zip(meetings, session_ids, strict=True)
            if meeting.called_off_at is not None
        ]


def _entry(at: datetime, actor_id: int, action: str, subject: str, fields: str = "") -> Row:
    return {"at": at, "actor_id": actor_id, "action": action, "subject": subject, "fields": fields}
