"""The button behind the letter, pressed late, by somebody known, or for what no longer takes place."""

from collections.abc import Callable
from datetime import datetime, timedelta

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from booking.models import Booking, Person
from booking.models.kinds import BookingState, MessageKind, PersonStatus
from booking.services import schedule
from tests.bookings.newcomers import LETTERS, RUTH, STATES, hand_over, hold, link, release
from tests.support.builders import Builders
from tests.support.pages import after, rows, send, words

PEOPLE = select(Person.known_as, Person.status).order_by(Person.id)
Clock = Callable[[datetime], datetime]


def test_pressing_too_late_still_gives_a_place_if_there_is_one(
    app: Flask, client: FlaskClient, make: Builders, now: datetime, clock_at: Clock
) -> None:
    hold(client, make.session())
    hand_over(app)
    clock_at(now + timedelta(hours=2))
    assert release(app) == 1
    assert "if there is still one, it is yours" in words(client.get(link(app)))
    assert "You have a place." in after(client, send(client, link(app)))
    assert rows(app, STATES) == [BookingState.EXPIRED, BookingState.BOOKED]


def test_pressing_too_late_for_the_last_place_is_said_kindly(
    app: Flask, client: FlaskClient, make: Builders, now: datetime, clock_at: Clock
) -> None:
    chat = make.session(places_room=1)
    hold(client, chat)
    hand_over(app)
    clock_at(now + timedelta(hours=2))
    release(app)
    make.booking(chat, make.person("Ben"))
    answer = send(client, link(app))
    assert answer.location == f"/sessions/{chat}"
    assert "Sorry, the last place has been taken" in after(client, answer)
    assert rows(app, STATES) == [BookingState.EXPIRED, BookingState.BOOKED]
    assert rows(app, PEOPLE)[0] == ("Ruth", PersonStatus.ACTIVE)


def test_a_session_cancelled_meanwhile_is_said_and_nobody_writes_to_her(
    app: Flask, client: FlaskClient, make: Builders, now: datetime
) -> None:
    chat, ada = make.session(), make.admin("Ada")
    hold(client, chat)
    with app.app_context():
        schedule.cancel_session(chat, "The host is unwell.", ada, now)
    assert rows(app, STATES) == [BookingState.CANCELLED]
    assert rows(app, LETTERS) == [MessageKind.CONFIRM_EMAIL]
    assert "This session has been cancelled." in words(client.get(link(app)))
    answer = send(client, link(app))
    assert "has been cancelled" in after(client, answer)


def test_at_a_known_address_the_place_goes_to_whom_she_says_she_is(
    app: Flask, client: FlaskClient, make: Builders
) -> None:
    ruth, chat = make.person("Ruth", email=RUTH["email"]), make.session()
    hold(client, chat)
    page = words(client.get(link(app)))
    assert "Who are you?" in page
    answer = send(client, link(app), person=str(ruth))
    assert "You have a place." in after(client, answer)
    assert rows(app, select(Booking.person_id, Booking.state)) == [(ruth, BookingState.BOOKED)]
    assert [row.status for row in rows(app, PEOPLE)] == [PersonStatus.ACTIVE, PersonStatus.UNPROVEN]


def test_whoever_has_a_place_already_keeps_one(app: Flask, client: FlaskClient, make: Builders) -> None:
    ruth, chat = make.person("Ruth", email=RUTH["email"]), make.session()
    hold(client, chat)
    make.booking(chat, ruth)
    assert "You have a place." in after(client, send(client, link(app), person=str(ruth)))
    assert rows(app, STATES) == [BookingState.GIVEN_UP, BookingState.BOOKED]
    assert rows(app, LETTERS) == [MessageKind.CONFIRM_EMAIL]


def test_an_older_letter_does_not_book_again_what_she_gave_up(
    app: Flask, client: FlaskClient, make: Builders, now: datetime, clock_at: Clock
) -> None:
    chat = make.session()
    hold(client, chat)
    hand_over(app)
    first = link(app)
    clock_at(now + timedelta(hours=2))
    hold(client, chat)
    send(client, link(app))
    assert client.get(first).status_code == 410
