"""Reminders are derived from the truth of the moment: who has a place, wants one, and has none yet."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from booking import clock
from booking.db import db
from booking.models import Booking, ContactPoint, Message, Person, ScheduledSession
from booking.models.kinds import Channel, ContactKind, MessageKind, MessageState, PersonStatus, Pool, Who
from booking.queries import tasks
from booking.services import delivery, messages
from tests.letters.desk import Desk


def laid_out(desk: Desk) -> int:
    with desk.app.app_context():
        return messages.lay_out_reminders(clock.now())


def keys(desk: Desk) -> list[str]:
    with desk.app.app_context():
        return list(db.session.scalars(db.select(Message.dedupe_key).order_by(Message.id)))


@pytest.fixture
def at(clock_at: Callable[[datetime | str], datetime]) -> Callable[[datetime | str], datetime]:
    return clock_at


def test_a_reminder_is_laid_out_two_days_before_at_ten_and_once(desk: Desk, at: Callable[[str], Any]) -> None:
    desk.place()
    at("2026-08-24T09:59:59+01:00")
    assert laid_out(desk) == 0
    at("2026-08-24T10:00+01:00")
    assert (laid_out(desk), laid_out(desk)) == (1, 0)
    assert keys(desk) == [f"booking:{desk.booking_id}:reminder:two_days:v1"]


def test_the_morning_reminder_comes_at_eight_to_those_who_chose_it(
    desk: Desk, at: Callable[[str], Any]
) -> None:
    desk.place()
    desk.change(Person, desk.person_id, remind_that_morning=True, remind_two_days=False)
    at("2026-08-24T10:00+01:00")
    assert laid_out(desk) == 0
    at("2026-08-26T08:00+01:00")
    assert laid_out(desk) == 1
    assert keys(desk) == [f"booking:{desk.booking_id}:reminder:that_morning:v1"]


@pytest.mark.parametrize(
    ("on", "due"),
    [("2026-10-26", "2026-10-24T09:00+00:00"), ("2027-03-29", "2027-03-27T10:00+00:00")],
    ids=["clocks go back", "clocks go forward"],
)
def test_ten_in_the_morning_is_wall_time_across_a_change_of_the_clocks(
    desk: Desk, on: str, due: str, at: Callable[[datetime], Any]
) -> None:
    instant = datetime.fromisoformat(due)
    session = desk.make.session(desk.make.series(), on=date.fromisoformat(on))
    desk.make.booking(session, desk.make.person())
    at(instant - timedelta(seconds=1))
    assert laid_out(desk) == 0
    at(instant)
    assert laid_out(desk) == 1


def test_whoever_books_after_ten_needs_no_reminder(desk: Desk, at: Callable[[str], Any]) -> None:
    at("2026-08-24T11:00+01:00")
    desk.place()
    assert laid_out(desk) == 0


def test_a_worker_that_was_down_still_reminds_until_the_start(desk: Desk, at: Callable[[str], Any]) -> None:
    desk.place()
    at("2026-08-26T13:30+01:00")
    assert laid_out(desk) == 0
    at("2026-08-26T13:29+01:00")
    assert laid_out(desk) == 1


@pytest.mark.parametrize("status", [status for status in PersonStatus if status != PersonStatus.ACTIVE])
def test_only_whoever_is_active_is_reminded(
    desk: Desk, status: PersonStatus, at: Callable[[str], Any]
) -> None:
    desk.place()
    desk.change(Person, desk.person_id, status=status)
    at("2026-08-24T10:00+01:00")
    assert laid_out(desk) == 0


def test_a_moved_session_has_reminders_of_its_own(desk: Desk, at: Callable[[str], Any]) -> None:
    desk.place()
    at("2026-08-24T10:00+01:00")
    assert laid_out(desk) == 1
    moved = datetime(2026, 8, 30, 13, 30, tzinfo=UTC)
    times = {"starts_at": moved, "ends_at": moved + timedelta(hours=2), "start_time": time(14, 30)}
    desk.change(ScheduledSession, desk.session_id, local_date=moved.date(), schedule_version=2, **times)
    assert laid_out(desk) == 0
    at("2026-08-28T10:00+01:00")
    assert laid_out(desk) == 1
    assert keys(desk)[1] == f"booking:{desk.booking_id}:reminder:two_days:v2"


def test_whoever_has_no_email_is_reminded_by_the_office(desk: Desk, at: Callable[[str], Any]) -> None:
    desk.place()
    ben = desk.make.person("Ben", email=None, phone="07700 900123")
    desk.make.booking(desk.session_id, ben)
    at("2026-08-24T10:00+01:00")
    assert laid_out(desk) == 2
    with desk.app.app_context():
        (call,) = tasks.calls_to_make(clock.now())
    assert (call.known_as, call.phone) == ("Ben", "07700 900123")
    assert call.say[0].startswith(
        "A reminder: Tea & A Chat Manchester is on Wednesday 26 August 2026, 1:30pm"
    )


def test_thousands_of_reminders_are_laid_out_once(desk: Desk, at: Callable[[str], Any]) -> None:
    sessions = [desk.make.session(desk.make.series(f"Group {n}"), on=date(2026, 8, 26)) for n in range(4)]
    fill(desk, sessions, each=500)
    at("2026-08-24T10:00+01:00")
    assert laid_out(desk) == 2_000
    assert laid_out(desk) == 0
    with desk.app.app_context():
        assert len(delivery.claim("worker", clock.now())) == delivery.BATCH


def fill(desk: Desk, sessions: list[int], each: int) -> None:
    """Give every session so many bookings of so many people, in bulk."""
    now, count = clock.now(), len(sessions) * each
    people = [
        {"id": n, "full_name": f"P{n}", "known_as": f"P{n}", "status": PersonStatus.ACTIVE,
         "who": Who.PATIENT, "channel": Channel.EMAIL, "created_at": now}
        for n in range(1000, 1000 + count)
    ]  # fmt: skip
    contacts = [
        {"person_id": one["id"], "kind": ContactKind.EMAIL, "written": f"p{one['id']}@example.org",
         "key": f"p{one['id']}@example.org", "proven_at": now, "created_at": now}
        for one in people
    ]  # fmt: skip
    bookings = [
        {"session_id": sessions[n % len(sessions)], "person_id": one["id"], "pool": Pool.ROOM,
         "created_at": now, "state_at": now, "nonce": "n"}
        for n, one in enumerate(people)
    ]  # fmt: skip
    with desk.app.app_context():
        for model, rows in ((Person, people), (ContactPoint, contacts), (Booking, bookings)):
            db.session.execute(insert(model), rows)
        db.session.commit()


def test_calls_that_are_no_longer_true_are_taken_off_the_list(desk: Desk, at: Callable[[str], Any]) -> None:
    desk.place()
    desk.change(Person, desk.person_id, channel=Channel.POST)
    message = desk.post(MessageKind.BOOKED)
    at("2026-08-26T17:00+01:00")
    with desk.app.app_context():
        assert tasks.calls_to_make(clock.now()) == []
        assert messages.withdraw_overtaken(clock.now()) == 1
    assert desk.state_of(message) == MessageState.WITHDRAWN
