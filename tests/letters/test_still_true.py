"""Between laying a message out and sending it life goes on: what is no longer true is not sent."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta

import pytest

from booking.db import db
from booking.messages.letters import ForTheOffice, Letter, NoLongerTrue
from booking.models import Booking, ContactPoint, EmailLink, Message, Person, ScheduledSession, SessionVersion
from booking.models.kinds import BookingState, Channel, MessageKind, PersonStatus, SessionState
from tests.letters.desk import Desk

REMINDER = "booking:1:reminder:two_days:v1"
GONE = [
    (Booking, {"state": BookingState.GIVEN_UP}),
    (ScheduledSession, {"state": SessionState.CANCELLED}),
    (ScheduledSession, {"schedule_version": 2}),
    (Person, {"status": PersonStatus.DIED}),
    (Person, {"status": PersonStatus.CLOSED}),
    (Person, {"status": PersonStatus.PAUSED}),
    (Person, {"remind_two_days": False}),
]


@pytest.fixture
def reminded(desk: Desk, clock_at: Callable[[str], datetime]) -> Desk:
    """Ann has booked, and it is two days before at 10am."""
    desk.place()
    clock_at("2026-08-24T10:00+01:00")
    return desk


@pytest.mark.parametrize(("row", "facts"), GONE, ids=[f"{row.__name__}-{facts}" for row, facts in GONE])
def test_a_reminder_of_something_no_longer_true_is_not_sent(
    reminded: Desk, row: type, facts: dict[str, object]
) -> None:
    message = reminded.post(MessageKind.REMINDER, key=REMINDER)
    ids = {Booking: reminded.booking_id, ScheduledSession: reminded.session_id, Person: reminded.person_id}
    reminded.change(row, ids[row], **facts)
    assert isinstance(reminded.compose(message), NoLongerTrue)


def test_a_reminder_that_comes_after_the_start_is_not_sent(
    reminded: Desk, clock_at: Callable[[str], datetime]
) -> None:
    message = reminded.post(MessageKind.REMINDER, key=REMINDER)
    clock_at("2026-08-26T13:31+01:00")
    assert isinstance(reminded.compose(message), NoLongerTrue)


def test_a_letter_goes_to_the_address_of_today(reminded: Desk) -> None:
    message = reminded.post(MessageKind.REMINDER, key=REMINDER)
    with reminded.app.app_context():
        contact = db.session.scalars(
            db.select(ContactPoint).where(ContactPoint.person_id == reminded.person_id)
        ).one()
        contact.written = "ann.new@example.org"
        db.session.commit()
    letter = reminded.compose(message)
    assert isinstance(letter, Letter)
    assert letter.recipient == "ann.new@example.org"


def test_somebody_who_now_wishes_for_calls_is_called_and_nothing_is_lost(reminded: Desk) -> None:
    message = reminded.post(MessageKind.REMINDER, key=REMINDER)
    reminded.change(Person, reminded.person_id, channel=Channel.POST)
    assert isinstance(reminded.compose(message), ForTheOffice)


def test_a_session_changed_twice_is_told_once_against_what_she_knows(desk: Desk) -> None:
    desk.place()
    first = changed_to(desk, time(14), 2)
    second = changed_to(desk, time(15), 3)
    assert desk.compose(first) == NoLongerTrue("overtaken")
    letter = desk.compose(second)
    assert isinstance(letter, Letter)
    assert "When: Wednesday 26 August 2026, was 1:30pm to 5pm, now 3pm to 5pm." in letter.text
    assert letter.told_version == 3


def test_a_change_she_was_told_already_is_not_told_again(desk: Desk) -> None:
    desk.place()
    message = changed_to(desk, time(14), 2)
    desk.change(Booking, desk.booking_id, told_version=2)
    assert desk.compose(message) == NoLongerTrue("told already")


def test_a_used_or_old_link_is_not_sent(desk: Desk, clock_at: Callable[[str], datetime]) -> None:
    from tests.letters.test_letters import link_letter

    desk.person_id = desk.make.person()
    link_letter(desk, MessageKind.SIGN_IN)
    with desk.app.app_context():
        message, link = (
            db.session.scalars(db.select(Message)).one(),
            db.session.scalars(db.select(EmailLink)).one(),
        )
        message_id, expires_at = message.id, link.expires_at
    clock_at((expires_at + timedelta(seconds=1)).astimezone(UTC).isoformat())
    assert desk.compose(message_id) == NoLongerTrue("link too old")


def changed_to(desk: Desk, start: time, version: int) -> int:
    """Give the session a new time and lay out the letter about it."""
    desk.change(ScheduledSession, desk.session_id, start_time=start, schedule_version=version)
    with desk.app.app_context():
        scheduled = db.session.get_one(ScheduledSession, desk.session_id)
        facts = ("local_date", "start_time", "end_time", "mode", "venue_id", "schedule_version")
        same = {fact: getattr(scheduled, fact) for fact in facts}
        db.session.add(SessionVersion(session_id=scheduled.id, made_at=scheduled.changed_at, **same))
        db.session.commit()
    return desk.post(MessageKind.SESSION_CHANGED)
