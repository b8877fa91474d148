"""Impatient fingers at the real web server: the same form, many times, in the same moment."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from booking.models import Booking, EmailLink, Message, Person
from booking.rules.tokens import make_token
from tests.accounts.test_register import ANN
from tests.support.builders import Builders
from tests.support.crowd import Browser, at_once, browser_of
from tests.support.databases import SECRET_KEY
from tests.support.pages import rows
from tests.support.processes import service

pytestmark = pytest.mark.race
TWENTY = 20


def test_twenty_equal_posts_book_one_place(
    app: Flask, make: Builders, database_url: str, tmp_path: Path
) -> None:
    ann, chat = make.person("Ann"), make.session()
    with service(database_url, tmp_path) as running:
        running.start_web(workers=2)
        phone = browser_of(app, make, ann, running.port)
        phone.get(f"/sessions/{chat}/book")
        press = lambda: phone.post(f"/sessions/{chat}/book", pool="room", seen="0")  # noqa: E731
        answers, _ = at_once([press] * TWENTY)
    assert {(answer.status, answer.location) for answer in answers} == {(303, "/my-sessions")}
    assert rows(app, select(func.count()).select_from(Booking)) == [1]
    assert rows(app, select(func.count()).select_from(Message)) == [1]


def test_twenty_equal_posts_register_one_person(app: Flask, database_url: str, tmp_path: Path) -> None:
    with service(database_url, tmp_path) as running:
        running.start_web(workers=2)
        phone = Browser(running.port, "")
        phone.get("/register")
        answers, _ = at_once([lambda: phone.post("/register", **ANN)] * TWENTY)
    assert {answer.status for answer in answers} == {303}
    assert rows(app, select(Person.known_as)) == ["Ann"]
    assert len(rows(app, select(Message.id))) == 1


def test_twenty_presses_on_one_link_sign_in_once(app: Flask, database_url: str, tmp_path: Path) -> None:
    with service(database_url, tmp_path) as running:
        running.start_web(workers=2)
        phone = Browser(running.port, "")
        phone.get("/register")
        phone.post("/register", **ANN)
        path = confirm_path(app)
        phone.get(path)
        answers, _ = at_once([lambda: phone.post(path)] * TWENTY)
    statuses = sorted(answer.status for answer in answers)
    assert statuses == [303] + [410] * (TWENTY - 1)


def confirm_path(app: Flask) -> str:
    link_id, nonce = rows(app, select(EmailLink.id, EmailLink.nonce))[0]
    return f"/confirm/{make_token(SECRET_KEY, 'confirm_email', link_id, nonce)}"
