"""A letter of several parts comes back: she heard none of them, and each is put right as the first one is."""

from collections.abc import Iterator

import pytest

from booking import clock, worker
from booking.db import db, transaction
from booking.models import Booking, Bounce, Message
from booking.models.kinds import Channel, MessageKind, MessageState
from booking.rules.bounces import Report
from booking.services import bounces
from tests.letters.desk import Desk
from tests.letters.tray import CHANGED, called_off, lay, message, places, riders, states
from tests.support.smtp import REFUSED, MailServer, mail_server


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as running:
        yield running


@pytest.fixture
def home(desk: Desk, server: MailServer) -> Desk:
    desk.send_through(server.url)
    desk.place()
    return desk


def work(desk: Desk) -> None:
    with desk.app.app_context():
        worker.run_once()


def comes_back(desk: Desk, message_id: int) -> bool | None:
    report = Report((), (message(desk, message_id).message_id,), "ann@example.org", "5.1.1", True)
    with desk.app.app_context():
        return bounces.note_report(report, "", clock.now())


def two_came_back(desk: Desk) -> None:
    """Let two letters to Ann have come back before."""
    for kind in (MessageKind.BOOKED, MessageKind.WAITING):
        letter = desk.post(kind)
        desk.change(Message, letter, state=MessageState.SENT, sent_at=clock.now())
        facts = {"person_id": desk.person_id, "address_key": "ann@example.org", "code": "5.1.1"}
        with desk.app.app_context(), transaction():
            db.session.add(Bounce(message_id=letter, noted_at=clock.now(), **facts))


def two_cancellations(desk: Desk) -> tuple[int, int]:
    first, second = (called_off(desk, one) for one in places(desk, 2))
    return first, second


def test_every_part_of_it_failed_and_it_is_one_bounce(home: Desk) -> None:
    first, second = two_cancellations(home)
    work(home)
    assert (states(home, first, second), riders(home, first)) == (["sent", "sent"], [second])
    assert [comes_back(home, first), comes_back(home, first)] == [True, False]
    assert states(home, first, second) == ["failed", "failed"]
    assert message(home, second).why == "came back 5.1.1"
    with home.app.app_context():
        assert list(db.session.scalars(db.select(Bounce.message_id))) == [first]


def test_of_a_change_in_it_she_was_not_told(home: Desk) -> None:
    first, change = called_off(home, places(home, 1)[0]), lay(home, CHANGED, home.booking_id)
    home.change(Booking, home.booking_id, told_version=3)
    left = {"state": MessageState.SENT, "sent_at": clock.now(), "joined_to_id": first}
    earlier = home.post(CHANGED, "earlier", schedule_version=2)
    home.change(Message, change, schedule_version=3, **left)
    home.change(Message, earlier, **left)
    home.change(Message, first, **(left | {"joined_to_id": None}))
    comes_back(home, first)
    with home.app.app_context():
        assert db.session.get_one(Booking, home.booking_id).told_version == 1


def test_with_the_third_one_each_of_its_parts_is_a_call(home: Desk) -> None:
    two_came_back(home)
    first, second = two_cancellations(home)
    work(home)
    comes_back(home, first)
    parts = [message(home, one) for one in (first, second)]
    assert [(part.state, part.channel) for part in parts] == [(MessageState.WAITING, Channel.CALL)] * 2


def test_so_it_is_where_her_mail_server_says_at_once_that_nobody_is_there(
    home: Desk, server: MailServer
) -> None:
    two_came_back(home)
    first, second = two_cancellations(home)
    server.recipients["ann@example.org"] = REFUSED
    work(home)
    parts = [message(home, one) for one in (first, second)]
    assert [(part.state, part.channel) for part in parts] == [(MessageState.WAITING, Channel.CALL)] * 2
