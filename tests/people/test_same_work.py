"""What is not hers and what does not exist answer alike, after the same questions to the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from booking import clock
from booking.db import db
from booking.models import Task
from booking.models.kinds import TaskKind
from tests.support.builders import Builders
from tests.support.pages import csrf_token, without_token

NOBODYS = 987_654
GILS = ["/host/sessions/{session}", "/host/sessions/{session}/print", "/host/sessions/{session}/walk-in"]
GILS_DEEDS = [
    "/host/sessions/{session}/walk-in",
    "/host/sessions/{session}/rest-came",
    "/host/sessions/{session}/bookings/{booking}",
    "/host/sessions/{session}/people/{booking}/contact",
    "/host/tasks/{task}",
]
BENS = ["/my-sessions/{booking}/give-up"]


@contextmanager
def questions(app: Flask) -> Iterator[list[str]]:
    """Collect what is asked of the database meanwhile."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(engine, "before_cursor_execute", note)


@pytest.fixture
def theirs(app: Flask, make: Builders) -> dict[str, int]:
    """Gil's session in ten minutes, Ben's place in it, and a talk Gil is asked for."""
    gil, ben = make.facilitator("Gil"), make.person("Ben")
    session = make.session(starts_in=timedelta(minutes=10), led_by=(gil,))
    booking = make.booking(session, ben)
    with app.app_context():
        task = Task(kind=TaskKind.SPEAK_WITH_OFFICE, for_person_id=gil, created_at=clock.now())
        db.session.add(task)
        db.session.commit()
        return {"session": session, "booking": booking, "task": task.id}


@pytest.fixture
def fay(make: Builders, client: FlaskClient) -> FlaskClient:
    """Fay hosts too, and comes to sessions, but not to these."""
    return make.sign_in(client, make.facilitator("Fay"))


@pytest.mark.parametrize(
    ("method", "pattern"),
    [("GET", path) for path in (*GILS, *BENS)] + [("POST", path) for path in (*GILS_DEEDS, *BENS)],
)
def test_it_is_the_same_work(
    app: Flask, fay: FlaskClient, theirs: dict[str, int], method: str, pattern: str
) -> None:
    sent = {"csrf_token": csrf_token(fay.get("/my-sessions")), "mark": "came", "way": "unnamed"}
    work = []
    for ids in (theirs, dict.fromkeys(theirs, NOBODYS)):
        with questions(app) as asked:
            answer = fay.open(pattern.format(**ids), method=method, data=sent if method == "POST" else None)
        work.append((answer.status_code, without_token(answer), asked))
    assert work[0][0] == 404
    assert work[0] == work[1]


def test_more_work_for_one_of_them_is_noticed(app: Flask, fay: FlaskClient) -> None:
    with questions(app) as there:
        fay.get("/my-sessions")
    with questions(app) as absent:
        fay.get("/no-such-page")
    assert len(there) > len(absent) > 0
