"""Why the office moved somebody up a waiting list: hers to read, moved along with her, gone with her."""

import json
from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from booking import clock
from booking.db import db
from booking.models import Booking, Person, QueueMove
from booking.models.kinds import Companions, Pool
from booking.services import closing, merging, waiting
from tests.support.builders import Builders
from tests.support.pages import rows, send, words

REASON = "It is her last week before the operation"


@pytest.fixture(autouse=True)
def now(clock_at: Callable[[str], datetime]) -> datetime:
    return clock_at("2026-08-06T12:00+01:00")


@pytest.fixture
def ann(app: Flask, make: Builders) -> int:
    """Ann waits with her friend Mo behind Ben, needs two days' notice, and was put first."""
    session, ann = make.session(make.series(places_room=1, companions=Companions.ALWAYS)), make.person("Ann")
    make.booking(session, make.person("Cat"))
    ada = make.admin()
    with app.app_context():
        for person, facts in ((make.person("Ben"), {}), (ann, {"companion_name": "Mo", "notice_hours": 48})):
            turn = waiting.join_waiting_list(session, person, Pool.ROOM, person, clock.now(), **facts)  # type: ignore[arg-type]
        waiting.move_up(turn, REASON, ada, clock.now())
    return ann


def downloaded(client: FlaskClient, make: Builders, person: int) -> dict[str, list[dict[str, object]]]:
    browser = make.sign_in(client, person)
    kept: dict[str, list[dict[str, object]]] = json.loads(send(browser, "/me/download").data)[
        "everything_about_you"
    ]
    return kept


def test_she_reads_the_reason_and_nobodys_name_in_the_office(
    client: FlaskClient, make: Builders, ann: int
) -> None:
    kept = downloaded(client, make, ann)
    assert [move["reason"] for move in kept["moved_up"]] == [REASON]
    assert kept["bookings"][0]["companion_name"] == "Mo"
    assert kept["you"][0]["notice_hours"] == 48
    assert "Ada" not in json.dumps(kept)
    page = words(client.get("/me/download"))
    assert "When we moved you up a waiting list" in page
    assert REASON in page


def test_who_waits_behind_her_does_not_read_it(
    app: Flask, client: FlaskClient, make: Builders, ann: int
) -> None:
    (ben,) = rows(app, select(Person.id).where(Person.known_as == "Ben"))
    assert REASON not in json.dumps(downloaded(client, make, ben))


def test_it_goes_along_when_two_records_become_one(
    app: Flask, client: FlaskClient, make: Builders, ann: int
) -> None:
    kept, ada = make.person("Annie"), make.admin("Adah")
    with app.app_context():
        deed = merging.merge(kept, ann, ada, clock.now())
    assert [move["reason"] for move in downloaded(client, make, kept)["moved_up"]] == [REASON]
    with app.app_context():
        merging.undo_merge(deed, ada, clock.now())
    assert rows(app, select(Booking.person_id).join(QueueMove, QueueMove.booking_id == Booking.id)) == [ann]


def test_it_goes_with_her_record_and_the_move_stays_counted(app: Flask, ann: int) -> None:
    with app.app_context():
        closing.close_account(ann, ann, clock.now())
    assert rows(app, select(QueueMove.reason)) == [""]
    left = select(Booking.companion_name, Person.notice_hours).join(Booking.person).where(Person.id == ann)
    assert rows(app, left) == [("", 0)]


def test_it_stays_when_only_the_one_who_wrote_it_goes(app: Flask, make: Builders, ann: int) -> None:
    make.admin("Bo")
    with app.app_context():
        (ada,) = db.session.scalars(select(QueueMove.moved_by)).all()
        closing.close_account(ada, ada, clock.now())
    assert rows(app, select(QueueMove.reason)) == [REASON]
