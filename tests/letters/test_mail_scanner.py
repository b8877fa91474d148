"""A mail scanner opens every link of every letter ten times: nothing changes, and every link still works."""

import re
from collections.abc import Callable
from datetime import datetime
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
from tests.letters.desk import Desk
from tests.letters.test_letters import letter_of
from tests.support.pages import without_token

OURS = "http://localhost"
_ADDRESS = re.compile(r"https?://[^\s\"'<>]+")
Rows = dict[str, list[tuple[object, ...]]]


def links_in(letter: Letter) -> list[str]:
    """Return every address of ours that stands in a letter: in its text, its HTML and its calendar file."""
    calendar = letter.calendar.content.decode().replace("\r\n ", "") if letter.calendar else ""
    told = " ".join((letter.text, unescape(letter.html), calendar.replace("\\n", " ")))
    found = {address.rstrip(".,)") for address in _ADDRESS.findall(told) if address.startswith(OURS)}
    return sorted(found)


def everything(app: Flask) -> Rows:
    with app.app_context():
        return {
            table.name: [tuple(row) for row in db.session.execute(select(table).order_by(*table.primary_key))]
            for table in Base.metadata.sorted_tables
        }


def opened(app: Flask, link: str) -> tuple[int, str]:
    """Open a link as somebody would who has never been here."""
    answer = app.test_client().get(urlsplit(link).path)
    return answer.status_code, without_token(answer)


@pytest.mark.parametrize("mode", [Mode.IN_PERSON, Mode.ONLINE])
@pytest.mark.parametrize("kind", list(MessageKind))
def test_opening_every_link_ten_times_changes_nothing(
    app: Flask, desk: Desk, kind: MessageKind, mode: Mode, clock_at: Callable[[str], datetime]
) -> None:
    desk.place(mode=mode)
    links = links_in(letter_of(desk, kind, clock_at))
    first, before = [opened(app, link) for link in links], everything(app)
    scanner = app.test_client()
    for link in links * 10:
        assert scanner.get(urlsplit(link).path).status_code == scanner.head(urlsplit(link).path).status_code
    assert everything(app) == before
    assert [opened(app, link) for link in links] == first
    assert all(status in (200, 303) for status, _page in first), links
    assert links or kind is MessageKind.EMAIL_CHANGED


def test_a_page_that_wrote_when_it_is_opened_would_be_seen(app: Flask, desk: Desk) -> None:
    desk.place()
    before = everything(app)
    desk.change(Booking, desk.booking_id, joined_at=clock.now())
    assert everything(app) != before
