"""A mail scanner opens every link of every letter ten times: nothing changes, and every link still works."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import partial
from html import unescape
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import select

from booking import clock
from booking.db import Base, db
from booking.messages.letters import Letter
from booking.models import Booking
from booking.models.kinds import MessageKind, Mode
from tests.letters import tray
from tests.letters.desk import Desk
from tests.letters.in_tray import FOR_HOSTS, KINDS, NOTICES, NOW, PROOFS, Tray
from tests.letters.test_together import two
from tests.support.pages import without_token

OURS = "http://localhost"
_ADDRESS = re.compile(r"https?://[^\s\"'<>]+")
OF_AN_ACCOUNT = (*PROOFS, *NOTICES)
TO_MANY = (*FOR_HOSTS, MessageKind.DIGEST, MessageKind.ANNOUNCEMENT, MessageKind.NEWS)
OF_A_PLACE = tuple(kind for kind in KINDS if kind not in (*OF_AN_ACCOUNT, *TO_MANY))
HALF = len(OF_A_PLACE) // 2
# Each scene is laid and looked through once; online, every letter that has a way in has a link to it.
SCENES = {
    "account": OF_AN_ACCOUNT,
    "place": OF_A_PLACE[:HALF],
    "place, too": OF_A_PLACE[HALF:],
    "many": TO_MANY,
    "combined": (),
}
Clock = Callable[[str], datetime]
Rows = dict[str, list[tuple[object, ...]]]


def links_in(letter: Letter) -> list[str]:
    """Return every address of ours in a letter: in its words, its header, its text message and calendars."""
    files = [file for file in (letter.calendar, *letter.more_calendars) if file is not None]
    calendars = [file.content.decode().replace("\r\n ", "").replace("\\n", " ") for file in files]
    told = " ".join((letter.text, unescape(letter.html), letter.short, letter.unsubscribe_url, *calendars))
    found = {address.rstrip(".,)") for address in _ADDRESS.findall(told) if address.startswith(OURS)}
    return sorted(found)


def everything(app: Flask) -> Rows:
    with app.app_context():
        return {
            table.name: [tuple(row) for row in db.session.execute(select(table).order_by(*table.primary_key))]
            for table in Base.metadata.sorted_tables
        }


def path_of(link: str) -> str:
    parts = urlsplit(link)
    return f"{parts.path}?{parts.query}"


def opened(app: Flask, link: str) -> tuple[int, str]:
    """Open a link as somebody would who has never been here."""
    answer = app.test_client().get(path_of(link))
    return answer.status_code, without_token(answer)


def read(desk: Desk, message_id: int) -> Letter:
    composed = desk.compose(message_id)
    assert isinstance(composed, Letter), composed
    return composed


def scene(desk: Desk, kinds: tuple[MessageKind, ...], clock_at: Clock) -> dict[str, Letter]:
    """Bring about what these letters tell, and read them; without a kind, combined."""
    if not kinds:
        return dict(combined(desk, clock_at))
    clock_at(NOW)
    laying = Tray(desk.app, desk.make)
    desk.make.series = partial(desk.make.series, mode=Mode.ONLINE)  # type: ignore[method-assign]
    for number, kind in enumerate(kinds):
        laying.lay(kind, f"P{number}")
    return {one.kind.value: read(desk, one.message_id) for one in laying.laid}


def combined(desk: Desk, clock_at: Clock) -> Iterator[tuple[str, Letter]]:
    """Lay two changes and, after one reminder, two more, so that each pair is one letter."""
    desk.place(mode=Mode.ONLINE)
    bookings = tray.places(desk, 3)
    clock_at(NOW)
    two(desk)
    (changes,) = tray.claimed(desk)
    yield "changes", read(desk, changes)
    tray.sent(desk, changes)
    for booking in bookings:
        tray.lay(desk, tray.REMINDER, booking)
    tray.sent(desk, *tray.claimed(desk))
    (reminders,) = tray.claimed(desk)
    yield "reminders", read(desk, reminders)
    assert tray.riders(desk, changes)
    assert tray.riders(desk, reminders)


@pytest.mark.parametrize("name", SCENES)
def test_opening_every_link_ten_times_changes_nothing(
    app: Flask, desk: Desk, name: str, clock_at: Clock
) -> None:
    letters = scene(desk, SCENES[name], clock_at)
    links = sorted({link for letter in letters.values() for link in links_in(letter)})
    first, before = {link: opened(app, link) for link in links}, everything(app)
    scanner = app.test_client()
    # Five times with its page and five times without make ten.
    for link in links * 5:
        assert scanner.get(path_of(link)).status_code == scanner.head(path_of(link)).status_code
    assert everything(app) == before, links
    assert {link: opened(app, link) for link in links} == first
    assert {status for status, _page in first.values()} <= {200, 303}, links
    # At an old address there is nothing to press.
    assert all(links_in(letter) for told, letter in letters.items() if told != MessageKind.EMAIL_CHANGED)


def test_every_kind_of_letter_is_opened() -> None:
    assert {kind for kinds in SCENES.values() for kind in kinds} == set(MessageKind)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_address_in_the_header_is_one_of_the_links(desk: Desk, clock_at: Clock) -> None:
    for letter in scene(desk, (MessageKind.REMINDER, MessageKind.NEWS), clock_at).values():
        header = replace(letter, text="", html="", short="", calendar=None)
        assert links_in(header) == [letter.unsubscribe_url]


def test_a_page_that_wrote_when_it_is_opened_would_be_seen(app: Flask, desk: Desk) -> None:
    desk.place()
    before = everything(app)
    desk.change(Booking, desk.booking_id, joined_at=clock.now())
    assert everything(app) != before
