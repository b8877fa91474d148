"""Somebody new joins a waiting list: her turn counts from the moment she asked, and waits for her proof."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from booking import clock
from booking.db import db
from booking.models import Task
from booking.models.kinds import BookingState, MessageKind, TaskKind
from booking.services import bookings, holds, privacy
from tests.bookings.newcomers import BY_PHONE, LETTERS, RUTH, STATES, link
from tests.support.builders import Builders
from tests.support.pages import after, rows, send, words

ASKED = {"notice": "24", "late": "y"}


class Scene:
    """Ben has the only place of a session; Ruth is new and would like it."""

    def __init__(self, app: Flask, make: Builders, client: FlaskClient) -> None:
        self.app, self.make, self.client = app, make, client
        self.ben = make.person("Ben")
        self.chat = make.session(make.series(places_room=1), starts_in=timedelta(days=10))
        self.bens = make.booking(self.chat, self.ben)
        self.path = f"/sessions/{self.chat}/wait"

    def ask(self, **said: str) -> TestResponse:
        return send(self.client, self.path, **(RUTH | ASKED | said))

    def ben_gives_up(self) -> None:
        with self.app.app_context():
            bookings.give_up_place(self.bens, self.ben, clock.now())

    def states(self) -> list[BookingState]:
        return rows(self.app, STATES)


@pytest.fixture
def scene(app: Flask, make: Builders, client: FlaskClient, clock_at: Callable[[str], datetime]) -> Scene:
    clock_at("2027-01-10T12:00+00:00")
    return Scene(app, make, client)


def test_she_asks_once_and_the_letter_makes_the_turn_hers(scene: Scene) -> None:
    assert "You have your turn on the waiting list from now on." in after(scene.client, scene.ask())
    path = link(scene.app)
    assert "Press the button, and we know where to tell you" in words(scene.client.get(path))
    said = after(scene.client, send(scene.client, path))
    assert "You are on the waiting list. We tell you when a place comes free for you." in said
    assert "You are next." in said
    assert rows(scene.app, LETTERS) == [MessageKind.CONFIRM_EMAIL, MessageKind.WAITING]


def test_nobody_is_offered_a_place_before_she_has_shown_who_she_is(scene: Scene) -> None:
    scene.ask()
    scene.ben_gives_up()
    assert scene.states() == [BookingState.GIVEN_UP, BookingState.WAITING]
    said = after(scene.client, send(scene.client, link(scene.app)))
    assert "A place is free for you" in said
    assert scene.states() == [BookingState.GIVEN_UP, BookingState.OFFERED]


def test_her_rank_is_that_of_when_she_asked(scene: Scene, clock_at: Callable[[str], datetime]) -> None:
    scene.ask()
    clock_at("2027-01-10T12:30+00:00")
    scene.make.booking(scene.chat, scene.make.person("Cat"), state=BookingState.WAITING,
                       waits_since=clock.now(), queue_at=clock.now())  # fmt: skip
    send(scene.client, link(scene.app))
    assert "You are next." in words(scene.client.get("/my-sessions"))


def test_the_same_form_twice_is_one_turn_and_one_letter(scene: Scene) -> None:
    scene.ask()
    scene.ask()
    assert scene.states() == [BookingState.BOOKED, BookingState.WAITING]
    assert rows(scene.app, LETTERS) == [MessageKind.CONFIRM_EMAIL]


def test_an_address_put_right_leaves_no_second_turn(scene: Scene) -> None:
    scene.ask(email="wrong@example.net")
    scene.ask()
    assert scene.states() == [BookingState.BOOKED, BookingState.GIVEN_UP, BookingState.WAITING]


def test_with_a_phone_alone_the_office_calls_and_her_turn_counts(scene: Scene) -> None:
    answer = send(scene.client, scene.path, **(BY_PHONE | ASKED))
    assert "We will call you" in after(scene.client, answer)
    call = rows(scene.app, select(Task.id).where(Task.kind == TaskKind.CALL_NEWCOMER))[0]
    with scene.app.app_context():
        kept = holds.confirm_newcomer(call, scene.ben, clock.now())
    assert [one.waits for one in kept] == [True]
    assert scene.states() == [BookingState.BOOKED, BookingState.WAITING]


def test_without_consent_nobody_waits_and_nothing_typed_is_lost(scene: Scene) -> None:
    answer = scene.ask(agrees="")
    assert answer.status_code == 422
    assert "Ruth Ó Súilleabháin" in answer.text
    assert scene.states() == [BookingState.BOOKED]


def test_a_place_that_came_free_meanwhile_is_booked_instead(scene: Scene) -> None:
    scene.ben_gives_up()
    answer = send(scene.client, scene.path, page=f"/sessions/{scene.chat}/book", **(RUTH | ASKED))
    assert answer.location.endswith("/book")
    assert scene.states() == [BookingState.GIVEN_UP]


def test_a_last_place_lost_keeps_what_a_stranger_typed(scene: Scene) -> None:
    answer = send(scene.client, f"/sessions/{scene.chat}/book", page=scene.path, **RUTH)
    page = scene.client.get(answer.location)
    assert answer.location == scene.path
    assert "You are first on the waiting list if you like." in words(page)
    assert "ruth@example.net" in page.text


def test_whoever_never_confirms_is_off_the_list_after_a_week(
    scene: Scene, clock_at: Callable[[str], datetime]
) -> None:
    scene.ask()
    clock_at("2027-01-18T13:00+00:00")
    with scene.app.app_context():
        assert privacy.forget_unproven(clock.now()) == 1
    assert scene.states() == [BookingState.BOOKED, BookingState.EXPIRED]


def test_whoever_gave_a_phone_alone_keeps_her_turn_until_the_office_has_called(
    scene: Scene, clock_at: Callable[[str], datetime]
) -> None:
    scene.ask(email="", phone="07700 900123")
    clock_at("2027-01-18T13:00+00:00")
    with scene.app.app_context():
        assert privacy.forget_unproven(clock.now()) == 0
    assert scene.states() == [BookingState.BOOKED, BookingState.WAITING]
    clock_at("2027-02-18T13:00+00:00")
    with scene.app.app_context():
        assert privacy.forget_unproven(clock.now()) == 1


def test_whoever_was_called_in_vain_is_not_kept_for_a_date_to_come(
    scene: Scene, clock_at: Callable[[str], datetime]
) -> None:
    scene.ask(email="", phone="07700 900123")
    clock_at("2027-01-18T13:00+00:00")
    with scene.app.app_context():
        db.session.execute(update(Task).values(settled_at=clock.now()))
        db.session.commit()
        assert privacy.forget_unproven(clock.now()) == 1
