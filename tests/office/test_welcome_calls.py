"""The office calls somebody before she comes for the first time, and one button says how it went."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from booking import clock
from booking.db import db
from booking.messages import letters
from booking.messages.letters.results import Letter
from booking.models import Booking, Message, Task
from booking.models.kinds import BookingState, MessageKind, Pool, TaskKind
from booking.services import bookings, calling_off, outgoing
from tests.support.builders import Builders
from tests.support.pages import after, rows, send, words


@pytest.fixture
def desk(client: FlaskClient, make: Builders) -> FlaskClient:
    return make.sign_in(client, make.admin())


@pytest.fixture
def kept(app: Flask, make: Builders) -> int:
    """Ann's place waits for the office's call."""
    ann = make.person("Ann", phone="07700 900123")
    chat = make.session(make.series(welcome_call=True), starts_in=timedelta(days=12))
    with app.app_context():
        return bookings.book_place(chat, ann, Pool.ROOM, ann, clock.now())


def press(app: Flask, desk: FlaskClient, went: str) -> str:
    task = rows(app, select(Task.id).where(Task.kind == TaskKind.WELCOME_CALL))[0]
    return after(desk, send(desk, f"/office/tasks/{task}/welcome", page="/office/tasks", went=went))


def letter(app: Flask, kind: MessageKind, ending: str = "") -> Letter:
    with app.app_context():
        asked = select(Message).where(Message.kind == kind, Message.dedupe_key.endswith(ending))
        composed = letters.compose(db.session.scalars(asked).one(), clock.now())
        assert isinstance(composed, Letter)
        return composed


@pytest.mark.usefixtures("kept")
def test_the_office_sees_whom_to_call_and_about_what(desk: FlaskClient) -> None:
    page = words(desk.get("/office/tasks"))
    assert "A welcome call: Ann Example" in page
    assert "07700 900123" in page
    assert "Ann would like to come for the first time." in page


@pytest.mark.parametrize(
    ("went", "said", "becomes"),
    [
        ("welcome", "The place is theirs", BookingState.BOOKED),
        ("rather_not", "The place is free again.", BookingState.GIVEN_UP),
        ("not_reached", "They are told, and how to come after all.", BookingState.EXPIRED),
    ],
)
def test_one_button_says_how_it_went(
    app: Flask, desk: FlaskClient, kept: int, went: str, said: str, becomes: BookingState
) -> None:
    page = press(app, desk, went)
    assert said in page
    assert "A welcome call: Ann" not in page
    assert rows(app, select(Booking.state).where(Booking.id == kept)) == [becomes]


@pytest.mark.parametrize(
    ("went", "said"),
    [
        ("welcome", "The place is theirs. Messages are stopped, so please tell them yourself."),
        ("not_reached", "The place is free again. They hear of it once messages go out again."),
    ],
)
def test_while_messages_are_stopped_no_letter_is_promised(
    app: Flask, make: Builders, desk: FlaskClient, kept: int, went: str, said: str
) -> None:
    with app.app_context():
        outgoing.stop_outgoing(make.admin("Abe"), clock.now())
    assert said in press(app, desk, went)
    assert kept


@pytest.mark.usefixtures("kept")
def test_a_second_press_says_that_it_is_done(app: Flask, desk: FlaskClient) -> None:
    press(app, desk, "welcome")
    assert "The place is theirs" not in press(app, desk, "not_reached")
    assert rows(app, select(Booking.state)) == [BookingState.BOOKED]


@pytest.mark.usefixtures("kept")
def test_what_is_no_answer_changes_nothing(app: Flask, desk: FlaskClient) -> None:
    task = rows(app, select(Task.id))[0]
    answer = send(desk, f"/office/tasks/{task}/welcome", page="/office/tasks", went="perhaps")
    assert answer.status_code == 400
    assert rows(app, select(Booking.state)) == [BookingState.PROVISIONAL]


def test_nobody_is_called_about_a_cancelled_date(
    app: Flask, make: Builders, desk: FlaskClient, kept: int
) -> None:
    ada = make.admin("Ada2")
    with app.app_context():
        calling_off.cancel_sessions([db.session.get_one(Booking, kept).session_id], "", ada, clock.now())
    assert "A welcome call" not in words(desk.get("/office/tasks"))


@pytest.mark.usefixtures("kept")
def test_her_letter_says_what_happens_next(app: Flask) -> None:
    text = letter(app, MessageKind.PROVISIONAL).text
    assert "is kept for you. Somebody from the office will call you first" in text
    assert "You need not do anything until we call." in text


@pytest.mark.usefixtures("kept")
def test_whom_nobody_reached_reads_how_to_come_after_all(app: Flask, desk: FlaskClient) -> None:
    press(app, desk, "not_reached")
    said = letter(app, MessageKind.PROVISIONAL, "not_reached")
    assert "could not reach you" in said.text
    assert "You have done nothing wrong." in said.text
    assert "About your place" in said.subject


@pytest.mark.usefixtures("kept")
def test_the_welcomed_have_a_confirmation(app: Flask, desk: FlaskClient) -> None:
    press(app, desk, "welcome")
    assert "You have a place" in letter(app, MessageKind.BOOKED).text


def test_a_confirmation_names_who_comes_with_her(app: Flask, make: Builders) -> None:
    ann, chat = make.person("Ann"), make.session(make.series(companions="always"))
    with app.app_context():
        bookings.book_place(chat, ann, Pool.ROOM, ann, clock.now(), companion_name="Jo")
    assert (
        "Jo comes with you. If that changes, say so on My sessions." in letter(app, MessageKind.BOOKED).text
    )
