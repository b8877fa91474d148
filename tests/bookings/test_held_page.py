"""The page of a held place: a wrong digit keeps her there, the clock is heeded, a slip is put right."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from booking.models import Booking, Task
from booking.models.kinds import BookingState, MessageKind
from tests.bookings.newcomers import BY_PHONE, LETTERS, STATES, code, hand_over, hold, link
from tests.support.builders import Builders
from tests.support.pages import after, rows, send, words

Clock = Callable[[datetime], datetime]
OPEN_CALLS = select(Task.person_id).where(Task.settled_at.is_(None))
WHOSE = select(Booking.person_id).where(Booking.state == BookingState.HELD)


@pytest.fixture
def chat(make: Builders) -> int:
    return make.session(places_room=1)


def test_a_wrong_digit_keeps_her_on_the_page_of_her_place(app: Flask, client: FlaskClient, chat: int) -> None:
    page = hold(client, chat).location
    right = code(app)
    answer = send(client, page, code="000000" if right != "000000" else "000001")
    assert answer.status_code == 422
    assert "Tea & A Chat Manchester" in words(answer)
    assert "Confirm my place" in words(answer)
    assert 'id="code-error"' in answer.text
    assert "You have a place." in after(client, send(client, page, code=right))
    assert rows(app, STATES) == [BookingState.BOOKED]


def test_a_code_without_a_place_of_this_browser_confirms_nothing(
    app: Flask, client: FlaskClient, chat: int
) -> None:
    hold(client, chat)
    elsewhere = app.test_client()
    answer = send(elsewhere, f"/sessions/{chat}/held", page="/register", code=code(app))
    assert answer.location == f"/sessions/{chat}"
    assert rows(app, STATES) == [BookingState.HELD]


def test_her_words_are_back_in_the_form(client: FlaskClient, chat: int) -> None:
    hold(client, chat, phone="07700 900123")
    for path in (f"/sessions/{chat}/book", "/register"):
        page = client.get(path)
        for typed in ("Ruth Ó Súilleabháin", "ruth@example.net", "07700 900123"):
            assert f'value="{typed}"' in page.text
        assert 'value="patient" checked' in page.text
        assert 'name="agrees" type="checkbox" value="y" checked' not in page.text
        assert page.headers["Cache-Control"] == "no-store"


def test_her_words_are_nobody_elses_and_gone_once_she_is_in(
    app: Flask, client: FlaskClient, chat: int
) -> None:
    hold(client, chat)
    assert "ruth@example.net" not in app.test_client().get("/register").text
    send(client, link(app))
    send(client, "/sign-out")
    assert "ruth@example.net" not in client.get("/register").text


def test_words_too_long_for_a_cookie_are_not_kept(client: FlaskClient, chat: int) -> None:
    answer = hold(client, chat, full_name="\U0001f338" * 200)
    assert len(answer.headers["Set-Cookie"]) < 4000
    assert answer.status_code == 303


@pytest.mark.parametrize("said", [{"email": "ruth@example.org"}, {"known_as": "Ruthie"}])
def test_a_wrong_letter_put_right_holds_no_second_place(
    app: Flask, client: FlaskClient, chat: int, said: dict[str, str]
) -> None:
    hold(client, chat)
    (first,) = rows(app, WHOSE)
    assert hold(client, chat, **said).status_code == 303
    assert rows(app, STATES) == [BookingState.GIVEN_UP, BookingState.HELD]
    assert first not in rows(app, WHOSE)
    assert rows(app, LETTERS) == [MessageKind.CONFIRM_EMAIL] * 2


def test_a_wrong_digit_put_right_leaves_one_call(app: Flask, client: FlaskClient, chat: int) -> None:
    hold(client, chat, **BY_PHONE)
    hold(client, chat, **(BY_PHONE | {"phone": "07700 900124"}))
    assert rows(app, STATES) == [BookingState.GIVEN_UP, BookingState.HELD]
    assert rows(app, OPEN_CALLS) == rows(app, WHOSE)


def test_a_place_that_was_confirmed_meanwhile_stays(app: Flask, client: FlaskClient, make: Builders) -> None:
    chat = make.session(places_room=2)
    hold(client, chat)
    send(app.test_client(), link(app))
    hold(client, chat, email="ruth@example.org")
    assert rows(app, STATES) == [BookingState.BOOKED, BookingState.HELD]


def test_from_another_browser_the_first_place_stays(app: Flask, client: FlaskClient, make: Builders) -> None:
    chat = make.session(places_room=2)
    hold(client, chat)
    hold(app.test_client(), chat, email="ruth@example.org")
    assert rows(app, STATES) == [BookingState.HELD] * 2


def test_another_session_keeps_its_place(app: Flask, client: FlaskClient, make: Builders, chat: int) -> None:
    hold(client, chat)
    hold(client, make.session(), email="ruth@example.org")
    assert rows(app, STATES) == [BookingState.HELD] * 2


def test_a_session_nobody_here_asked_for_has_no_such_page(
    client: FlaskClient, make: Builders, chat: int
) -> None:
    other = make.session()
    hold(client, chat)
    assert client.get(f"/sessions/{other}/held").location == f"/sessions/{other}"
    assert "check your email" in words(client.get(f"/sessions/{chat}/held"))


@pytest.mark.parametrize("answered", [False, True])
def test_after_an_hour_the_page_no_longer_says_that_it_is_held(
    app: Flask, client: FlaskClient, chat: int, now: datetime, clock_at: Clock, answered: bool
) -> None:
    page = hold(client, chat).location
    hand_over(app)
    if answered:
        send(app.test_client(), link(app))
    clock_at(now + timedelta(hours=2))
    said = words(client.get(page))
    assert "We are holding a place" not in said
    assert "If you have not pressed the button in our letter yet, the place may be free again" in said
    assert "Book again" in said


def test_nothing_on_the_page_says_whether_the_letter_was_answered(
    app: Flask, client: FlaskClient, chat: int
) -> None:
    page = hold(client, chat).location
    before = words(client.get(page))
    send(app.test_client(), link(app))
    assert words(client.get(page)) == before


def test_a_place_held_for_a_call_says_until_when(
    client: FlaskClient, chat: int, now: datetime, clock_at: Clock
) -> None:
    page = hold(client, chat, **BY_PHONE).location
    assert "Monday 23 November 2026, 10am" in words(client.get(page))
    clock_at(now + timedelta(hours=24))
    said = words(client.get(page))
    assert "If we have not spoken yet, the place may be free again" in said
    assert "We are holding" not in said


def test_once_the_session_starts_its_own_page_says_so(
    client: FlaskClient, make: Builders, now: datetime, clock_at: Clock
) -> None:
    chat = make.session(starts_in=timedelta(minutes=30))
    page = hold(client, chat).location
    clock_at(now + timedelta(minutes=31))
    assert client.get(page).location == f"/sessions/{chat}"
