"""What she was last told is what a change is measured against: nobody is written to for nothing."""

from datetime import date, time
from typing import Any

import pytest

from booking import clock
from booking.db import db
from booking.messages.letters import Letter, NoLongerTrue
from booking.models import Booking, Message, ScheduledSession, SessionVersion
from booking.models.kinds import (
    BookingState,
    CallOutcome,
    MessageKind,
    MessageState,
    Mode,
    Pool,
    SessionState,
)
from booking.queries import tasks as asked
from booking.services import delivery, messages, tasks
from booking.services.steps import versions
from tests.letters.desk import Desk

NOTHING_NEW = NoLongerTrue("nothing differs from what she was told")
CHANGED, BOOKED = MessageKind.SESSION_CHANGED, MessageKind.BOOKED
LINK = {"meeting_url": "https://meet.example.org/new"}


def put(desk: Desk, **facts: Any) -> None:
    """Let the office change the session, and with it its version."""
    with desk.app.app_context():
        scheduled = db.session.get_one(ScheduledSession, desk.session_id)
        versions.put(scheduled, facts, clock.now())
        db.session.commit()


def changed(desk: Desk, **facts: Any) -> int:
    """Let the office change the session, and lay out the letter about it."""
    put(desk, **facts)
    return desk.post(CHANGED)


def there_and_back(desk: Desk) -> int:
    """Move the session to 3pm and back to 1:30pm, and return the message about the last change."""
    desk.change(Message, changed(desk, start_time=time(15)), state=MessageState.WITHDRAWN)
    return changed(desk, start_time=time(13, 30))


def said(desk: Desk) -> list[tuple[str, ...]]:
    with desk.app.app_context():
        return [call.say for call in asked.calls_to_make(clock.now())]


def sweep(desk: Desk) -> int:
    with desk.app.app_context():
        return messages.withdraw_overtaken(clock.now())


def delivered(desk: Desk, message_id: int) -> None:
    """Let the letter leave as it is written now."""
    letter = desk.compose(message_id)
    assert not isinstance(letter, NoLongerTrue), letter
    with desk.app.app_context():
        delivery.sent(message_id, clock.now(), getattr(letter, "told_version", None))


def ben_is_called(desk: Desk) -> None:
    """Ben has a place too, and no email."""
    ben = desk.make.person("Ben", email=None, phone="07700 900123")
    desk.booking_id = desk.make.booking(desk.session_id, ben)


def test_a_change_that_is_taken_back_before_she_hears_of_it_is_not_told(desk: Desk) -> None:
    desk.place()
    message = there_and_back(desk)
    assert desk.compose(message) == NOTHING_NEW
    assert sweep(desk) == 1


def test_a_change_taken_back_after_she_heard_of_it_is_told(desk: Desk) -> None:
    desk.place()
    delivered(desk, changed(desk, start_time=time(15)))
    message = changed(desk, start_time=time(13, 30))
    assert sweep(desk) == 0
    assert isinstance(desk.compose(message), Letter)


def test_a_change_taken_back_is_told_while_nobody_knows_whether_she_heard_of_it(desk: Desk) -> None:
    desk.place()
    half_told = {"state": MessageState.SENDING, "attempts": 1}
    desk.change(Message, changed(desk, start_time=time(15)), **half_told)
    message = changed(desk, start_time=time(13, 30))
    assert sweep(desk) == 0
    assert not isinstance(desk.compose(message), NoLongerTrue)


@pytest.mark.parametrize(("pool", "hears"), [(Pool.ROOM, False), (Pool.ONLINE, True)])
def test_a_new_link_is_told_to_those_online_alone(desk: Desk, pool: Pool, hears: bool) -> None:
    desk.place(mode=Mode.HYBRID)
    desk.change(Booking, desk.booking_id, pool=pool)
    message = changed(desk, **LINK)
    assert (desk.compose(message) != NOTHING_NEW) is hears
    assert sweep(desk) == (0 if hears else 1)


@pytest.mark.parametrize(("pool", "hears"), [(Pool.ROOM, True), (Pool.ONLINE, False)])
def test_a_new_venue_is_told_to_those_in_the_room_alone(desk: Desk, pool: Pool, hears: bool) -> None:
    desk.place(mode=Mode.HYBRID)
    desk.change(Booking, desk.booking_id, pool=pool)
    message = changed(desk, venue_id=desk.make.venue("The Hut"))
    assert (desk.compose(message) != NOTHING_NEW) is hears


def test_who_booked_just_before_a_change_gets_one_confirmation_and_a_true_one(desk: Desk) -> None:
    desk.place()
    first = desk.post(BOOKED)
    second = changed(desk, start_time=time(15))
    assert sweep(desk) == 0
    assert "3pm to 5pm" in getattr(desk.compose(first), "text", "")
    delivered(desk, first)
    assert desk.compose(second) == NoLongerTrue("told already")
    assert sweep(desk) == 1


@pytest.mark.parametrize("facts", [{"state": SessionState.CANCELLED}, {"state": SessionState.DRAFT}])
def test_a_place_at_a_session_that_is_off_is_not_confirmed(desk: Desk, facts: dict[str, Any]) -> None:
    desk.place()
    message = desk.post(BOOKED)
    desk.change(ScheduledSession, desk.session_id, **facts)
    assert desk.compose(message) == NoLongerTrue("does not take place")
    assert sweep(desk) == 1


def test_a_place_given_up_is_not_confirmed(desk: Desk) -> None:
    desk.place()
    message = desk.post(BOOKED)
    desk.change(Booking, desk.booking_id, state=BookingState.GIVEN_UP)
    assert desk.compose(message) == NoLongerTrue("no place any more")


def test_a_caller_says_the_old_place_of_a_session_that_moved(desk: Desk) -> None:
    desk.place(venue_id=desk.make.venue("The Hut"))
    ben_is_called(desk)
    changed(desk, venue_id=desk.make.venue("The Barn"))
    (lines,) = said(desk)
    assert lines[0].endswith("The Barn.")
    assert lines[1:] == ("It was at The Hut.",)


def test_a_caller_says_the_old_day_alone_where_the_place_is_the_same(desk: Desk) -> None:
    desk.place()
    ben_is_called(desk)
    changed(desk, local_date=date(2026, 8, 27))
    ((_first, *others),) = said(desk)
    assert others == ["It was on Wednesday 26 August 2026, 1:30pm to 5pm."]


def test_nobody_is_called_about_a_change_that_was_taken_back(desk: Desk) -> None:
    desk.place()
    ben_is_called(desk)
    there_and_back(desk)
    assert said(desk) == []


def test_who_was_not_called_about_a_place_yet_is_called_once_after_a_change_and_back(desk: Desk) -> None:
    desk.place()
    ben_is_called(desk)
    desk.post(BOOKED)
    message = there_and_back(desk)
    assert len(said(desk)) == 1
    with desk.app.app_context():
        tasks.note_call(message, CallOutcome.REACHED, desk.person_id, clock.now())
        assert db.session.get_one(Booking, desk.booking_id).told_version == 3
    assert said(desk) == []


def test_each_version_keeps_the_link_it_had(desk: Desk) -> None:
    desk.place(mode=Mode.HYBRID)
    put(desk, **LINK)
    links = db.select(SessionVersion.meeting_url).order_by(SessionVersion.schedule_version)
    with desk.app.app_context():
        assert db.session.scalars(links).all()[-1] == LINK["meeting_url"]
