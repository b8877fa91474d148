"""Thirty people in one session: nothing that is handed over for one holds anything of another."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from booking import clock
from booking.db import db, transaction
from booking.models import Booking, Message, Person
from booking.models.kinds import MessageKind, Pool
from tests.letters.desk import Desk
from tests.letters.in_tray import FOR_HOSTS, KINDS, NOW, Tray
from tests.support.smtp import Delivered, MailServer, mail_server

FIRST, LAST = ("Qu", "Xa", "Zo", "Vy", "Jo"), ("mnib", "ldur", "frik", "gwen", "tsch", "bexo")
NAMES = [f"{first}{last}" for first in FIRST for last in LAST]
FROM_OUR_HOUSE = (*FOR_HOSTS, MessageKind.DIGEST)


@pytest.fixture
def server(desk: Desk) -> Iterator[MailServer]:
    with mail_server() as running:
        desk.send_through(running.url)
        yield running


def canaries(name: str) -> list[str]:
    """Return every mark of somebody: name, surname, number, and who comes along."""
    number, known_as = f"{NAMES.index(name):02}", name.lower()
    return [known_as, f"surname{known_as}", f"9009{number}", f"9009 {number}", f"with{known_as}"]


def everybody(tray: Tray) -> list[int]:
    """Add thirty people who differ in everything."""
    return [
        tray.make.person(name, full_name=f"{name} Surname{name}", phone=f"07700 9009{number:02}")
        for number, name in enumerate(NAMES)
    ]


def all_come(tray: Tray, people: list[int], session_id: int, since: timedelta = timedelta(0)) -> None:
    """Give all these people a place at this session, each with somebody who comes along."""
    at = clock.now() - since
    same = {"session_id": session_id, "pool": Pool.ROOM, "party_size": 2, "nonce": "n"}
    same |= {"created_at": at, "state_at": at}
    with tray.app.app_context(), transaction():
        known = dict(db.session.execute(select(Person.id, Person.known_as)).all())
        rows = [{"person_id": one, "companion_name": f"With{known[one]}", **same} for one in people]
        db.session.execute(insert(Booking), rows)


def said(letter: Delivered) -> str:
    """Return everything that was handed over with a letter: envelope, headers, and every part in clear."""
    said = [letter.sender, *letter.recipients]
    for part in letter.message.walk():
        said += [f"{name}: {value}" for name, value in part.items()]
        if not part.is_multipart():
            said.append((part.get_payload(decode=True) or b"").decode())
    # A calendar folds its lines wherever they are long.
    return "\n".join(said).replace("\r\n ", "").lower()


def of_others(letter: Delivered) -> list[str]:
    """Name every mark of somebody else in what was handed over for one."""
    hers = letter.recipients[0].partition("@")[0]
    words = said(letter)
    return [mark for name in NAMES if name.lower() != hers for mark in canaries(name) if mark in words]


def test_no_letter_holds_anything_of_anybody_else(
    desk: Desk, server: MailServer, clock_at: Callable[[str], object]
) -> None:
    clock_at(NOW)
    tray = Tray(desk.app, desk.make)
    people = everybody(tray)
    for number, (kind, person_id) in enumerate(zip(KINDS, people, strict=False)):
        session_id = tray.session(kind)
        others = [one for one in people if one != person_id or kind in FROM_OUR_HOUSE]
        all_come(tray, others, session_id)
        # Whoever hosts is named to those who come.
        reader = tray.make.person(f"Gil{number}") if kind in FROM_OUR_HOUSE else person_id
        tray.lay_for(kind, reader, session_id)
    tray.deliver()
    with desk.app.app_context():
        kinds = dict(db.session.execute(select(Message.message_id, Message.kind)).all())
    assert {kinds[str(one.message["Message-ID"])] for one in server.delivered} >= set(KINDS)
    assert [found for one in server.delivered if (found := of_others(one))] == []


def test_no_message_ever_has_more_than_one_recipient(
    desk: Desk, server: MailServer, clock_at: Callable[[str], object]
) -> None:
    clock_at(NOW)
    tray = Tray(desk.app, desk.make)
    people = everybody(tray)
    all_come(tray, people, tray.session(), since=timedelta(days=7))
    tray.deliver()
    hers = [one for one in server.delivered if not one.recipients[0].startswith("fay")]
    assert {one.recipients for one in hers} == {(f"{name.lower()}@example.org",) for name in NAMES}
    for one in server.delivered:
        (to,) = one.recipients
        assert [one.message.get_all(name) for name in ("To", "Cc", "Bcc")] == [[to], None, None]
        assert of_others(one) == []


def test_a_letter_that_holds_another_name_is_found(
    desk: Desk, server: MailServer, clock_at: Callable[[str], object]
) -> None:
    clock_at(NOW)
    tray = Tray(desk.app, desk.make)
    laid = tray.lay(MessageKind.BOOKED, NAMES[0])
    desk.change(Person, laid.person_id, known_as=f"{NAMES[0]} and {NAMES[1]}")
    tray.deliver()
    hers = [one for one in server.delivered if not one.recipients[0].startswith("fay")]
    assert [NAMES[1].lower() in of_others(one) for one in hers] == [True, True]
