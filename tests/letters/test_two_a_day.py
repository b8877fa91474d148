"""At most two reminders and the like a day for one person; further ones go together, and none is dropped."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from booking import clock, worker
from booking.models import Message
from booking.models.kinds import Channel, MessageKind
from booking.services import delivery
from tests.letters import tray
from tests.letters.desk import Desk
from tests.letters.tray import REMINDER, claimed, lay, message, riders, sent, states
from tests.support.smtp import mail_server


@pytest.fixture
def desk(desk: Desk) -> Desk:
    desk.place()
    return desk


def due(desk: Desk, count: int, hours: float = 72) -> list[int]:
    """Lay so many reminders of sessions that begin in so many hours."""
    until = clock.now() + timedelta(hours=hours)
    return [lay(desk, REMINDER, booking, useless_at=until) for booking in tray.places(desk, count)]


def test_of_three_the_first_goes_alone_and_the_others_as_one_letter(desk: Desk) -> None:
    first, second, third = due(desk, 3)
    assert claimed(desk) == [first]
    sent(desk, first)
    assert claimed(desk) == [second]
    assert riders(desk, second) == [third]
    sent(desk, second)
    assert states(desk, first, second, third) == ["sent", "sent", "sent"]
    assert claimed(desk) == []


def test_when_two_have_gone_what_still_helps_waits_for_the_next_morning(
    desk: Desk, clock_at: Callable[[str], datetime]
) -> None:
    first, second, third = due(desk, 3)
    sent(desk, *claimed(desk))
    desk.change(Message, third, due_at=clock.now() + timedelta(hours=1))
    sent(desk, *claimed(desk))
    clock_at("2026-08-20T15:00+01:00")
    assert claimed(desk) == []
    assert message(desk, third).due_at == datetime.fromisoformat("2026-08-21T08:00+01:00")
    clock_at("2026-08-21T08:00+01:00")
    assert claimed(desk) == [third]


def test_what_would_be_too_late_in_the_morning_goes_now_as_one_letter(desk: Desk) -> None:
    for reminder in due(desk, 2):
        desk.change(Message, reminder, state="sent", sent_at=clock.now())
    tonight, tomorrow, too = [
        lay(desk, REMINDER, booking, useless_at=clock.now() + timedelta(hours=hours))
        for booking, hours in zip(tray.places(desk, 3), (8, 48, 9), strict=True)
    ]
    assert claimed(desk) == [tonight]
    assert riders(desk, tonight) == [too]
    assert states(desk, tomorrow) == ["waiting"]


def test_a_put_off_reminder_makes_room_for_somebody_else_in_the_same_claim(desk: Desk) -> None:
    for reminder in due(desk, 2):
        desk.change(Message, reminder, state="sent", sent_at=clock.now())
    third = lay(desk, REMINDER, desk.booking_id)
    bens = desk.make.booking(desk.session_id, desk.make.person("Ben"))
    hers = lay(desk, REMINDER, bens)
    assert claimed(desk, limit=1) == [hers]
    assert states(desk, third) == ["waiting"]


def test_a_text_counts_as_much_as_a_letter_and_a_part_of_a_letter_not_again(desk: Desk) -> None:
    first, second, third = due(desk, 3)
    gone = {"state": "sent", "sent_at": clock.now()}
    desk.change(Message, first, channel=Channel.TEXT, **gone)
    desk.change(Message, second, joined_to_id=first, **gone)
    assert claimed(desk) == [third]


@pytest.mark.parametrize(("hours", "both"), [(72, False), (8, True)])
def test_of_a_text_and_a_letter_taken_at_one_moment_only_one_is_her_second(
    desk: Desk, hours: float, both: bool
) -> None:
    first, letter, text = due(desk, 3, hours)
    desk.change(Message, first, state="sent", sent_at=clock.now())
    # Neither carrier saw what the other one took.
    taken = {"state": "sending", "leased_until": clock.now() + delivery.LEASE, "attempts": 1}
    desk.change(Message, letter, leased_by="worker", **taken)
    desk.change(Message, text, leased_by="other", channel=Channel.TEXT, **taken)
    with desk.app.app_context():
        assert delivery.begins(letter, "worker", clock.now())
        assert delivery.begins(text, "other", clock.now()) is both
    assert states(desk, text) == ["sending" if both else "waiting"]
    assert claimed(desk, channel=Channel.TEXT) == []
    if not both:
        assert message(desk, text).due_at == datetime.fromisoformat("2026-08-21T08:00+01:00")


@pytest.mark.parametrize("kind", [MessageKind.BOOKED, MessageKind.SESSION_CANCELLED])
def test_answers_and_cancellations_are_not_counted(desk: Desk, kind: MessageKind) -> None:
    for reminder in due(desk, 3):
        desk.change(Message, reminder, state="sent", sent_at=clock.now())
    uncounted = lay(desk, kind, desk.booking_id)
    assert claimed(desk) == [uncounted]


def test_yesterday_does_not_count(desk: Desk, clock_at: Callable[[str], datetime]) -> None:
    clock_at("2026-08-20T23:30+01:00")
    for reminder in due(desk, 2):
        desk.change(Message, reminder, state="sent", sent_at=clock.now())
    clock_at("2026-08-21T10:00+01:00")
    third = lay(desk, REMINDER, desk.booking_id)
    assert claimed(desk) == [third]


def test_a_mail_server_that_comes_back_at_night_wakes_nobody_for_a_reminder(
    desk: Desk, clock_at: Callable[[str], datetime]
) -> None:
    reminder = lay(desk, REMINDER, desk.booking_id)
    clock_at("2026-08-20T23:00+01:00")
    assert claimed(desk) == []
    clock_at("2026-08-21T08:00+01:00")
    assert claimed(desk) == [reminder]


@pytest.mark.parametrize(
    "kind", [MessageKind.ANNOUNCEMENT, MessageKind.ROTA_CHANGED, MessageKind.COVER_WANTED]
)
def test_after_a_stop_nobody_is_woken_but_by_what_concerns_the_next_day(
    desk: Desk, clock_at: Callable[[str], datetime], kind: MessageKind
) -> None:
    far, soon = [lay(desk, kind, place, useless_at=None) for place in tray.places(desk, 2)]
    desk.change(Message, far, session_id=desk.session_id)
    desk.change(Message, soon, useless_at=clock.now() + timedelta(hours=30))
    clock_at("2026-08-20T23:30+01:00")
    assert claimed(desk) == [soon]
    sent(desk, soon)
    clock_at("2026-08-21T08:00+01:00")
    assert claimed(desk) == [far]


@pytest.mark.parametrize("kind", [MessageKind.BOOKED, MessageKind.OFFERED])
def test_an_answer_and_an_offer_mind_no_hour(
    desk: Desk, clock_at: Callable[[str], datetime], kind: MessageKind
) -> None:
    posted = lay(desk, kind, desk.booking_id)
    clock_at("2026-08-20T23:30+01:00")
    assert claimed(desk) == [posted]


def test_five_reminders_reach_her_as_two_letters(desk: Desk, clock_at: Callable[[str], datetime]) -> None:
    bookings = [desk.booking_id, *tray.places(desk, 4)]
    clock_at("2026-08-24T10:00+01:00")
    reminders = [lay(desk, REMINDER, booking) for booking in bookings]
    with mail_server() as server, desk.app.app_context():
        desk.send_through(server.url)
        worker.run_once()
        hers = [one.message for one in server.delivered if one.recipients == ("ann@example.org",)]
    assert [one["Subject"] for one in hers] == [
        "Reminder: Tea & A Chat Manchester, Wednesday 26 August 2026",
        "Reminder: 4 sessions",
    ]
    assert set(states(desk, *reminders)) == {"sent"}
    assert all(one["List-Unsubscribe"] for one in hers)
