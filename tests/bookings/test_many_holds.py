"""Many places asked for at once: two wait for an address, and no outsider learns it or empties a season."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from booking.models import Booking, Message, Person
from booking.models.kinds import BookingState, MessageKind, PersonStatus
from booking.services import delivery
from tests.bookings.newcomers import BY_PHONE, LETTERS, RUTH, STATES, hand_over, hold, link, release
from tests.support.builders import Builders
from tests.support.pages import after, rows, send, words

HELD, EXPIRED, BOOKED = BookingState.HELD, BookingState.EXPIRED, BookingState.BOOKED
Clock = Callable[[datetime], datetime]


@pytest.mark.parametrize("said", [RUTH, BY_PHONE])
def test_a_third_place_at_one_address_is_answered_like_the_first(
    app: Flask, make: Builders, said: dict[str, str]
) -> None:
    chat, pages = make.session(), []
    for name in ("Ruth", "Rue", "Ruthie"):
        browser = app.test_client()
        answer = hold(browser, chat, **(said | {"known_as": name}))
        pages.append((answer.status_code, answer.location, after(browser, answer)))
    assert pages[0][0] == 303
    assert pages == pages[:1] * 3
    assert rows(app, STATES) == [HELD, HELD, EXPIRED]


def test_the_page_behind_her_letter_says_what_did_not_fit(
    app: Flask, client: FlaskClient, make: Builders
) -> None:
    for _ in range(3):
        hold(client, make.session())
    hand_over(app)
    shown = words(client.get(link(app)))
    assert shown.count("Not held: two places at a time can wait.") == 1
    assert "You have 3 places." in after(client, send(client, link(app)))
    assert sorted(rows(app, select(Booking.state))) == [BOOKED, BOOKED, BOOKED, EXPIRED]


def test_a_stranger_who_used_up_her_holds_takes_no_place_from_her(
    app: Flask, client: FlaskClient, make: Builders
) -> None:
    for name in ("Mal", "Mol"):
        hold(app.test_client(), make.session(), known_as=name)
    hold(client, make.session())
    assert "so we could not hold yours" in words(client.get(link(app)))
    assert "You have a place." in after(client, send(client, link(app)))
    ruths = select(Booking.state).join(Booking.person).where(Person.known_as == "Ruth")
    assert BOOKED in rows(app, ruths)


def test_a_third_place_pressed_for_twice_is_noted_once(
    app: Flask, client: FlaskClient, make: Builders
) -> None:
    for chat in (make.session(), make.session()):
        hold(client, chat)
    third = make.session()
    for _ in range(2):
        hold(client, third)
    assert rows(app, STATES) == [HELD, HELD, EXPIRED]


def test_thirty_names_bring_three_letters_to_an_address(app: Flask, make: Builders) -> None:
    chat = make.session(places_room=None)
    answers = [hold(app.test_client(), chat, known_as=f"Ruth{number}") for number in range(30)]
    assert {(answer.status_code, answer.location) for answer in answers} == {(303, answers[0].location)}
    assert rows(app, LETTERS) == [MessageKind.CONFIRM_EMAIL] * 3


def test_an_hour_later_the_next_letter_goes(
    app: Flask, make: Builders, now: datetime, clock_at: Clock
) -> None:
    chat = make.session(places_room=None)
    for number in range(4):
        hold(app.test_client(), chat, known_as=f"Ruth{number}")
    clock_at(now + timedelta(minutes=60))
    hold(app.test_client(), chat, known_as="Ruth3")
    assert len(rows(app, LETTERS)) == 4


def test_half_a_room_waits_for_strangers_and_no_more(app: Flask, make: Builders) -> None:
    chat = make.session(places_room=6)
    answers = [hold(app.test_client(), chat, email=f"r{number}@example.net") for number in range(4)]
    assert [answer.status_code for answer in answers] == [303, 303, 303, 422]
    assert "sign in and book. If you are new, call us" in words(answers[3])
    assert 'value="r3@example.net"' in answers[3].text
    ann = make.sign_in(app.test_client(), make.person("Ann"))
    send(ann, f"/sessions/{chat}/book", pool="room", seen="0")
    assert rows(app, STATES) == [HELD] * 3 + [BOOKED]


def test_a_letter_that_can_not_arrive_frees_the_place(
    app: Flask, client: FlaskClient, make: Builders, now: datetime
) -> None:
    hold(client, make.session(places_room=1))
    with app.app_context():
        (message_id,) = delivery.claim("worker", now)
        delivery.failed_for_good(message_id, "worker", "550", now)
    assert release(app) == 1
    assert rows(app, STATES) == [EXPIRED]
    assert rows(app, select(Person.status)) == [PersonStatus.UNPROVEN]
    assert rows(app, select(Message.why)) == ["550"]


@pytest.mark.rate_limits
def test_a_network_asks_for_twenty_places_an_hour(app: Flask, make: Builders) -> None:
    chat = make.session(places_room=None)
    browser, elsewhere = app.test_client(), app.test_client()
    elsewhere.environ_base["REMOTE_ADDR"] = "192.0.2.7"
    # A form with a slip asks for nothing, and is not counted.
    assert hold(browser, chat, who="").status_code == 422
    answers = [hold(browser, chat, email=f"r{number}@example.net").status_code for number in range(21)]
    assert answers == [303] * 20 + [429]
    assert hold(elsewhere, chat, email="r21@example.net").status_code == 303
