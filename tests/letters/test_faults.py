"""Everything a mail server does wrong: each letter ends as designed, and nothing else waits for it."""

import ssl
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from booking import clock
from booking.db import db
from booking.models import Message
from booking.models.kinds import MessageKind, MessageState
from tests.letters.desk import Desk
from tests.letters.in_tray import Laid, Tray
from tests.support import bad_smtp
from tests.support.bad_smtp import (
    BANNER,
    DATA,
    EHLO,
    LETTER,
    MAIL,
    RCPT,
    BadServer,
    Drops,
    Fault,
    HalfCloses,
    Says,
    Stalls,
    bad_server,
)
from tests.support.smtp import MailServer, free_port, mail_server

CERTIFICATE = Path(bad_smtp.__file__).with_name("somebody_elses_certificate.pem")
GARBAGE = "\x00\xff\xfe*** 250?"
SOON_SECONDS = 5.0
WAITS, FAILS = MessageState.WAITING, MessageState.FAILED
# Of a call: whoever's letter comes first meets it.
OF_A_CALL: list[Fault] = [
    Says(BANNER, "421 4.3.2 Busy"),
    Says(BANNER, "554 5.7.1 Go away"),
    Says(BANNER, GARBAGE),
    Drops(BANNER),
    HalfCloses(BANNER),
    Says(EHLO, GARBAGE),
    Drops(EHLO),
    *(Says(MAIL, f"{code} No") for code in ("421", "450", "451", "550", "554")),
]
OF_A_LETTER: list[tuple[Fault, MessageState]] = [
    *((Says(step, f"{code} No"), WAITS) for step in (RCPT, DATA, LETTER) for code in ("421", "450", "451")),
    *((Says(step, f"{code} No"), FAILS) for step in (RCPT, DATA, LETTER) for code in ("550", "554")),
    *((fault, WAITS) for fault in (Says(RCPT, GARBAGE), Says(LETTER, GARBAGE), Drops(RCPT), Drops(DATA))),
    *((fault, WAITS) for fault in (Drops(LETTER), Drops(LETTER, keeps_it=True), HalfCloses(LETTER))),
]
ON_ONE_DATABASE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def server(desk: Desk) -> Iterator[BadServer]:
    with bad_server() as running:
        desk.send_through(running.url)
        yield running


@pytest.fixture
def tray(desk: Desk, server: BadServer) -> Tray:
    """Ann's letter is first in the tray, and four others wait behind it."""
    filled = Tray(desk.app, desk.make)
    chat = filled.session()
    for known_as in ("Ann", "Ben", "Cat", "Dot", "Eve"):
        filled.lay(MessageKind.BOOKED, known_as, chat)
    return filled


def fate(tray: Tray, laid: Laid) -> tuple[MessageState, str]:
    with tray.app.app_context():
        message = db.session.get_one(Message, laid.message_id)
        return message.state, message.why


def others_arrive(tray: Tray, server: BadServer) -> float:
    """Deliver until everybody but Ann has a letter, and say how long that took. Units: seconds."""
    began = time.monotonic()
    others = {"ben@example.org", "cat@example.org", "dot@example.org", "eve@example.org"}
    while not others <= {one.recipient for one in server.taken} and time.monotonic() - began < SOON_SECONDS:
        tray.deliver()
    assert sorted(one.recipient for one in server.taken if one.recipient in others) == sorted(others)
    return time.monotonic() - began


def copies(server: BadServer) -> set[str]:
    return {str(one.message["Message-ID"]) for one in server.taken if one.recipient == "ann@example.org"}


@pytest.mark.parametrize("fault", OF_A_CALL, ids=str)
@ON_ONE_DATABASE
def test_a_call_that_goes_wrong_costs_nobody_her_letter(
    tray: Tray, server: BadServer, fault: Fault, clock_at: Callable[[datetime], datetime]
) -> None:
    server.calls.append(fault)
    assert others_arrive(tray, server) < SOON_SECONDS
    assert fate(tray, tray.laid[0])[0] in (WAITS, MessageState.SENT)
    clock_at(clock.now() + timedelta(minutes=2))
    tray.deliver()
    assert len(server.taken) == 5


@pytest.mark.parametrize(("fault", "state"), OF_A_LETTER, ids=str)
@ON_ONE_DATABASE
def test_a_letter_that_goes_wrong_ends_as_designed(
    tray: Tray, server: BadServer, fault: Fault, state: MessageState, clock_at: Callable[[datetime], datetime]
) -> None:
    server.letters["ann@example.org"] = fault
    assert others_arrive(tray, server) < SOON_SECONDS
    found, why = fate(tray, tray.laid[0])
    assert (found, why) == (
        state,
        fault.words[:3] if isinstance(fault, Says) and fault.words[0] in "45" else why,
    )
    clock_at(clock.now() + timedelta(minutes=2))
    tray.deliver()
    assert fate(tray, tray.laid[0])[0] == (MessageState.SENT if state is WAITS else FAILS)
    assert len(copies(server)) == (state is WAITS)


@pytest.mark.parametrize("fault", [Stalls(BANNER), Stalls(MAIL), Stalls(LETTER)], ids=str)
def test_a_server_that_falls_silent_delays_nobody_else_for_long(
    tray: Tray, server: BadServer, fault: Fault
) -> None:
    server.calls.append(fault)
    began = time.monotonic()
    delivering = threading.Thread(target=tray.deliver, daemon=True)
    delivering.start()
    while len(server.taken) < 4 and time.monotonic() - began < SOON_SECONDS:
        time.sleep(0.05)
    took = time.monotonic() - began
    server.ended.set()
    delivering.join(15)
    assert (len(server.taken), fate(tray, tray.laid[0])[0]) == (4, WAITS)
    assert took < SOON_SECONDS


@pytest.mark.parametrize("how", ["somebody else's certificate", "no TLS at all", "smtps to a plain server"])
@ON_ONE_DATABASE
def test_nothing_is_said_on_a_line_that_is_not_protected(
    desk: Desk, tray: Tray, server: BadServer, how: str
) -> None:
    scheme = "smtps" if "smtps" in how else "smtp+starttls"
    if "certificate" in how:
        server.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.tls.load_cert_chain(CERTIFICATE)
    server.garbles_tls = how == "no TLS at all"
    desk.send_through(server.url.replace("smtp://", f"{scheme}://"))
    tray.deliver()
    assert server.taken == []
    assert [fate(tray, laid)[0] for laid in tray.laid] == [WAITS] * 5


def away_for_eight_hours(
    desk: Desk, people: int, clock_at: Callable[[datetime], datetime]
) -> tuple[list[list[str]], MailServer]:
    """Let everybody be told twice while nobody listens for eight hours, and then let the letters go."""
    tray = Tray(desk.app, desk.make)
    chat, port = tray.session(), free_port()
    desk.send_through(f"smtp://127.0.0.1:{port}")
    for number in range(people):
        tray.lay(MessageKind.BOOKED, f"P{number}", chat)
    for kind in ("first", "second"):
        for _hour in range(4):
            clock_at(clock.now() + timedelta(hours=1))
            tray.deliver()
        if kind == "first":
            tray.also(MessageKind.ANNOUNCEMENT)
    with mail_server(port) as server:
        clock_at(clock.now() + timedelta(seconds=10))
        tray.deliver()
    order = [[str(one.message["Message-ID"]) for one in server.delivered if one.recipients == (to,)]
             for to in (f"p{number}@example.org" for number in range(people))]  # fmt: skip
    return order, server


def laid_for_each(desk: Desk, people: int) -> list[list[str]]:
    """Return the Message-IDs of each person's letters, in the order in which they were laid."""
    with desk.app.app_context():
        rows = db.session.execute(db.select(Message.recipient, Message.message_id).order_by(Message.id)).all()
    return [[one for to, one in rows if to == f"p{number}@example.org"] for number in range(people)]


def test_letters_of_eight_hours_drain_in_order_and_none_is_lost(
    desk: Desk, clock_at: Callable[[datetime | str], datetime]
) -> None:
    clock_at("2026-08-20T08:30+01:00")
    order, server = away_for_eight_hours(desk, 10, clock_at)
    assert order == laid_for_each(desk, 10)
    assert len(server.delivered) == 20


@pytest.mark.soak
def test_five_thousand_letters_of_eight_hours_drain_in_order_and_none_is_lost(
    desk: Desk, clock_at: Callable[[datetime | str], datetime]
) -> None:
    clock_at("2026-08-20T08:30+01:00")
    order, server = away_for_eight_hours(desk, 2_500, clock_at)
    assert order == laid_for_each(desk, 2_500)
    assert len(server.delivered) == 5_000
