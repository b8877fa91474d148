"""The letter that asks somebody new to confirm her place: discreet, and true when it leaves."""

from datetime import timedelta

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from booking import clock
from booking.messages import letters
from booking.messages.letters import Letter
from booking.models import Message
from booking.rules.discreet import holds_forbidden
from tests.bookings.newcomers import RUTH, hold, link
from tests.support.builders import Builders
from tests.support.pages import rows, send


def letter(app: Flask) -> Letter:
    """Write the one letter that waits."""
    (message_id,) = rows(app, select(Message.id))
    with app.app_context():
        written = letters.compose_now(message_id, clock.now())
    assert isinstance(written, Letter)
    return written


def test_it_names_the_place_and_the_button(app: Flask, client: FlaskClient, make: Builders) -> None:
    hold(client, make.session())
    written = letter(app)
    assert written.subject == "Please confirm your place"
    assert "What: Tea & A Chat Manchester" in written.text
    assert f"Confirm my place: http://localhost{link(app)}" in written.text
    assert "60 minutes after this letter has left" in written.text
    assert "Ruth" not in written.text


def test_no_health_word_stands_in_it(app: Flask, client: FlaskClient, make: Builders) -> None:
    series = make.series("Living with secondary breast cancer", discreet_name="Tea & A Chat")
    hold(client, make.session(series))
    written = letter(app)
    assert "What: Tea & A Chat" in written.text
    assert not holds_forbidden(written.subject + written.text)
    assert not holds_forbidden(written.html)


def test_a_place_that_no_longer_waits_is_not_promised(
    app: Flask, client: FlaskClient, make: Builders
) -> None:
    hold(client, make.session())
    (message_id,) = rows(app, select(Message.id))
    with app.app_context():
        written = letters.compose_now(message_id, clock.now() + timedelta(hours=25))
    assert isinstance(written, Letter)
    assert written.subject == "Confirm your email address"


def test_who_asked_for_a_turn_reads_why_it_comes(app: Flask, client: FlaskClient, make: Builders) -> None:
    series = make.series("Living with secondary breast cancer", discreet_name="Tea & A Chat", places_room=1)
    chat = make.session(series, starts_in=timedelta(days=10))
    make.booking(chat, make.person("Ben"))
    send(client, f"/sessions/{chat}/wait", **(RUTH | {"notice": "24", "late": "y"}))
    written = letter(app)
    assert written.subject == "Please confirm your turn"
    assert "Somebody has asked for a turn on a waiting list" in written.text
    assert "What: Tea & A Chat" in written.text
    assert f"Confirm my turn: http://localhost{link(app)}" in written.text
    assert "60 minutes" not in written.text + written.html
    assert not holds_forbidden(written.subject + written.text + written.html)
