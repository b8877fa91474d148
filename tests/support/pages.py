"""Pages as a person uses them: open one, fill in its form, press the button."""

import html
import re
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Executable
from werkzeug.test import TestResponse

from booking.db import db

_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
_TAGS = re.compile(r"<[^>]+>")
_MAIN = re.compile(r"<main.*?</main>", re.DOTALL)


def csrf_token(page: TestResponse) -> str:
    """Read the token that a page's forms carry; pages without a form have none."""
    found = _TOKEN.search(page.text)
    return html.unescape(found[1]) if found else ""


def without_token(page: TestResponse) -> str:
    """Return a page without what its forms carry: the token holds the second at which the page was made."""
    return _TOKEN.sub("", page.text)


def send(client: FlaskClient, path: str, *, page: str | None = None, **fields: Any) -> TestResponse:
    """Open the page with the form (`page`, else the path itself), then send the form to the path."""
    token = csrf_token(client.get(page or path))
    return client.post(path, data={"csrf_token": token, **fields})


def look_for(client: FlaskClient, who: str, path: str = "/office/people") -> TestResponse:
    """Look for somebody as the office does, and go where the answer leads."""
    answer = send(client, path, words=who)
    return client.get(answer.location) if answer.status_code == 303 else answer


def words(page: TestResponse) -> str:
    """Say what stands in the middle of a page, as one line without its tags."""
    middle = _MAIN.search(page.text)
    return " ".join(html.unescape(_TAGS.sub(" ", middle[0] if middle else page.text)).split())


def after(client: FlaskClient, answer: TestResponse) -> str:
    """Follow the answer to a button to its page, and say what stands there."""
    assert answer.status_code == 303, answer.status
    return words(client.get(answer.location))


def rows(app: Flask, statement: Executable) -> list[Any]:
    """Ask the database: single columns come as values, several as rows."""
    with app.app_context():
        found = db.session.execute(statement).all()
        return [row[0] if len(row) == 1 else row for row in found]


def write(app: Flask, statement: Executable) -> None:
    """Change rows past every rule of the service."""
    with app.app_context():
        db.session.execute(statement)
        db.session.commit()
