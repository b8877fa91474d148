"""While the office lets nothing leave, no page promises a letter; every address gets the same answer."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from booking import clock
from booking.models import AuditEntry, OutgoingStop
from booking.models.kinds import Pool
from booking.services import outgoing
from tests.bookings.newcomers import RUTH
from tests.support.builders import Builders
from tests.support.pages import after, rows, send, words

ON_ONE_DATABASE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ASKED = {"notice": "24", "late": "y"}
CALL_US = "We can't send emails just now. Please call us on"
PROMISES = ("is on its way", "Check your email", "check your email", "we email you", "We have sent", "junk")


@pytest.fixture
def stopped(app: Flask, make: Builders) -> None:
    ada = make.admin()
    with app.app_context():
        outgoing.stop_outgoing(ada, clock.now())


def says_to_call(page: str) -> bool:
    return CALL_US in page and not [one for one in PROMISES if one in page]


@ON_ONE_DATABASE
@pytest.mark.usefixtures("stopped")
def test_nobody_is_told_to_look_for_a_link_to_sign_in(client: FlaskClient, make: Builders) -> None:
    make.person("Ann")
    assert says_to_call(words(client.get("/sign-in")))
    assert says_to_call(words(client.get("/sign-in/password")))
    known = after(client, send(client, "/sign-in", email="ann@example.org"))
    unknown = after(client, send(client, "/sign-in", email="nobody@example.org"))
    assert says_to_call(known)
    assert known == unknown


@ON_ONE_DATABASE
@pytest.mark.usefixtures("stopped")
def test_somebody_new_is_told_whom_to_call(client: FlaskClient) -> None:
    new = {"full_name": "Ruth Example", "known_as": "Ruth", "who": "patient", "agrees": "y"}
    assert says_to_call(after(client, send(client, "/register", email="ruth@example.org", **new)))
    called = after(client, send(client, "/register", email="", phone="0161 496 0000", **new))
    assert "We will call you" in called
    assert CALL_US not in called


@ON_ONE_DATABASE
@pytest.mark.parametrize("form", ["book", "wait"])
@pytest.mark.usefixtures("stopped")
def test_who_has_a_place_held_or_a_turn_is_told_whom_to_call(
    client: FlaskClient, make: Builders, form: str
) -> None:
    chat = make.session(places_room=1, starts_in=timedelta(days=9))
    if form == "wait":
        make.booking(chat, make.person("Ann"))
    send(client, f"/sessions/{chat}/{form}", **RUTH, **ASKED)
    assert says_to_call(words(client.get(f"/sessions/{chat}/held")))


@ON_ONE_DATABASE
@pytest.mark.usefixtures("stopped")
def test_who_is_signed_in_is_promised_no_letter_either(client: FlaskClient, make: Builders) -> None:
    ann = make.person("Ann")
    chat = make.session(make.series("Chat", mode="hybrid"), starts_in=timedelta(days=9))
    booking = make.booking(chat, ann, pool=Pool.ROOM)
    make.sign_in(client, ann)
    said = after(client, send(client, "/me/contacts", email="new@example.org", phone="", post=""))
    assert "Nearly done, but we can't send emails just now." in said
    assert says_to_call(words(client.get("/me/contacts")))
    assert says_to_call(words(client.get("/help")))
    assert "Not used yet: new@example.org." in words(client.get("/me"))
    assert "We send you a letter" not in words(client.get("/me/password"))
    switched = after(client, send(client, f"/my-sessions/{booking}/switch", page="/my-sessions"))
    assert "You come online now." in switched
    assert "We have sent" not in switched


@pytest.mark.usefixtures("stopped")
def test_the_command_lets_messages_go_when_nobody_can_sign_in(app: Flask, client: FlaskClient) -> None:
    def said() -> str:
        return app.test_cli_runner().invoke(args=["resume-outgoing"]).output

    assert said().startswith("Messages go out again.")
    assert said() == "Nothing was stopped.\n"
    resumed = rows(app, select(OutgoingStop.resumed_by, OutgoingStop.resumed_at.is_not(None)))
    assert [tuple(row) for row in resumed] == [(None, True)]
    noted = select(AuditEntry.actor_id, AuditEntry.action).order_by(AuditEntry.id.desc()).limit(1)
    assert [tuple(row) for row in rows(app, noted)] == [(None, "outgoing resumed")]
    assert "we email you a link" in words(client.get("/sign-in"))
