"""Conversations side by side: what stalls holds up itself alone, and nothing is said twice."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

import pytest
from sqlalchemy import select

from booking import clock, lanes, worker
from booking.models import Message
from booking.models.kinds import Channel, MessageKind, MessageState
from booking.services import delivery
from tests.letters.desk import Desk
from tests.support.pages import rows
from tests.support.smtp import MailServer, Stall, free_port, mail_server

ON_ONE_DATABASE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as running:
        yield running


@pytest.fixture
def desk(desk: Desk, server: MailServer) -> Desk:
    desk.send_through(server.url)
    desk.place()
    return desk


def letters_to(desk: Desk, *names: str) -> None:
    for name in names:
        desk.booking_id = desk.make.booking(desk.session_id, desk.make.person(name))
        desk.post(MessageKind.BOOKED)


@contextmanager
def at_work(desk: Desk) -> Iterator[None]:
    """Deliver in the background, without listening for signals, which only a main thread may."""

    def work() -> None:
        with desk.app.app_context():
            worker.deliver_waiting(worker.hire())

    thread = threading.Thread(target=work)
    thread.start()
    yield
    thread.join()


def wait_for(done: Callable[[], bool], seconds: float = 10) -> bool:
    until = time.monotonic() + seconds
    while not done() and time.monotonic() < until:
        time.sleep(0.02)
    return done()


@pytest.mark.parametrize(("at_most", "left"), [(8, 3), (1, 0)], ids=["with lanes", "with one lane"])
@ON_ONE_DATABASE
def test_one_letter_that_stalls_holds_up_no_other(
    desk: Desk, server: MailServer, monkeypatch: pytest.MonkeyPatch, at_most: int, left: int
) -> None:
    monkeypatch.setattr(lanes, "LANES", at_most)
    monkeypatch.setattr(lanes, "_WAITS_BEHIND_OTHERS_SECONDS", 0.2)
    server.answers.append(Stall(2.0))
    letters_to(desk, "Ann", "Ben", "Cara", "Dot")
    with at_work(desk):
        wait_for(lambda: server.attempts > 0)
        wait_for(lambda: len(server.delivered) == 3, 1.5)
        assert len(server.delivered) == left
    assert len(server.delivered) == 4


def test_a_lease_that_runs_out_in_the_middle_of_its_conversation_doubles_no_letter(
    desk: Desk, server: MailServer, clock_at: Callable[[datetime], datetime], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes, "_WAITS_BEHIND_OTHERS_SECONDS", 0.2)
    server.answers.append(Stall(1.0))
    letters_to(desk, "Ann")
    with at_work(desk):
        wait_for(lambda: server.attempts == 1)
        # As when the machine slept, or somebody set its clock.
        clock_at(clock.now() + 2 * delivery.LEASE)
    assert (server.attempts, len(server.delivered)) == (1, 1)
    assert rows(desk.app, select(Message.state)) == [MessageState.SENT]


@ON_ONE_DATABASE
def test_whoever_is_away_is_asked_again_before_anything_is_claimed(desk: Desk) -> None:
    desk.send_through(f"smtp://127.0.0.1:{free_port()}")
    letters_to(desk, "Ann", "Ben")
    with desk.app.app_context():
        hired = worker.hire()
        for _round in range(3):
            worker.deliver_waiting(hired)
        assert hired.faults() == {Channel.EMAIL: "ConnectionRefusedError", Channel.TEXT: ""}
    # Only the first was tried, and only once.
    assert sorted(rows(desk.app, select(Message.why))) == ["", "ConnectionRefusedError"]


def test_what_is_claimed_and_not_begun_is_given_back_by_whoever_stops(desk: Desk, server: MailServer) -> None:
    server.otherwise = Stall(0.5)
    letters_to(desk, "Ann", "Ben", "Cara")
    with desk.app.app_context():
        hired = worker.hire()
        threading.Timer(0.3, hired.stopping.set).start()
        worker.deliver_waiting(hired)
    assert len(server.delivered) == 1
    waiting = select(Message.attempts).where(Message.state == MessageState.WAITING)
    assert rows(desk.app, waiting) == [0, 0]


@ON_ONE_DATABASE
def test_one_conversation_serves_many_letters(
    desk: Desk, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    # On a machine as busy as this one may be, a second lane would open.
    monkeypatch.setattr(lanes, "_WAITS_BEHIND_OTHERS_SECONDS", 20)
    before = threading.active_count()
    letters_to(desk, "Ann", "Ben", "Cara", "Dot")
    with desk.app.app_context():
        hired = worker.hire()
        opened: list[object] = []
        opens = hired.carriers[Channel.EMAIL].open_way
        hired.carriers[Channel.EMAIL].open_way = lambda: opened.append(1) or opens()  # type: ignore[func-returns-value]
        worker.deliver_waiting(hired)
    assert (len(server.delivered), len(opened)) == (4, 1)
    assert threading.active_count() == before
