"""Calls to make: a human tells those who read no email, and notes how it went."""

import pytest

from booking import clock
from booking.db import db
from booking.models import AuditEntry, Booking, ScheduledSession
from booking.models.kinds import CallOutcome, MessageKind, MessageState
from booking.queries import tasks as asked
from booking.refusals import CallAlreadyNoted, NotFound
from booking.services import tasks
from tests.letters.desk import Desk


@pytest.fixture
def call(desk: Desk) -> int:
    """Ben has a place and no email; the office is to tell him."""
    desk.place()
    ben = desk.make.person("Ben", email=None, phone="07700 900123", may_leave_word=True)
    desk.booking_id = desk.make.booking(desk.session_id, ben)
    return desk.post(MessageKind.BOOKED)


def noted(desk: Desk, message_id: int, outcome: CallOutcome) -> None:
    with desk.app.app_context():
        tasks.note_call(message_id, outcome, desk.person_id, clock.now())


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (CallOutcome.REACHED, MessageState.SENT),
        (CallOutcome.LEFT_WORD, MessageState.SENT),
        (CallOutcome.NO_ANSWER, MessageState.WAITING),
        (CallOutcome.NOT_NEEDED, MessageState.WITHDRAWN),
    ],
)
def test_the_outcome_decides_whether_a_call_stays_on_the_list(
    desk: Desk, call: int, outcome: CallOutcome, state: MessageState
) -> None:
    noted(desk, call, outcome)
    assert desk.state_of(call) == state
    with desk.app.app_context():
        assert [one.tried for one in asked.calls_to_make(clock.now())] == ([1] if state == "waiting" else [])
        assert db.session.scalars(db.select(AuditEntry.subject)).all() == [f"message:{call}"]


def test_the_second_who_notes_the_same_call_is_told(desk: Desk, call: int) -> None:
    noted(desk, call, CallOutcome.REACHED)
    with pytest.raises(CallAlreadyNoted):
        noted(desk, call, CallOutcome.REACHED)


def test_a_letter_is_no_call(desk: Desk) -> None:
    desk.place()
    with pytest.raises(NotFound):
        noted(desk, desk.post(MessageKind.BOOKED), CallOutcome.REACHED)


def test_whoever_was_reached_has_been_told_this_version(desk: Desk, call: int) -> None:
    desk.change(ScheduledSession, desk.session_id, schedule_version=3)
    noted(desk, desk.post(MessageKind.SESSION_CHANGED), CallOutcome.REACHED)
    with desk.app.app_context():
        assert db.session.get_one(Booking, desk.booking_id).told_version == 3
