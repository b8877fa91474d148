"""Somebody new turns out to be Ann: the place that waited is hers, and no button leads nowhere."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from booking import clock
from booking.models import Booking, ContactPoint, Message, Person, Task
from booking.models.kinds import BookingState, MessageKind, MessageState, PersonStatus, Pool
from booking.queries.upkeep import problems
from booking.services import bookings, holds, merging
from booking.services.steps import moving
from tests.bookings.newcomers import BY_PHONE, STATES, hold, link, release
from tests.support.builders import Builders
from tests.support.pages import after, rows, send, words, write

DAY = timedelta(days=1)
OWNERS = select(Booking.person_id, Booking.state).order_by(Booking.id)
BOOKED = select(Message.state).where(Message.kind == MessageKind.BOOKED)
Clock = Callable[[datetime], datetime]


class Desk:
    """Ada finds out who the newcomer is."""

    def __init__(self, app: Flask, make: Builders) -> None:
        self.app, self.ann, self.ada = app, make.person("Ann"), make.admin("Ada")
        self.chat = make.session(starts_in=7 * DAY, places_room=1)

    def newcomer(self) -> int:
        return int(rows(self.app, select(Person.id).where(Person.known_as == "Ruth"))[0])

    def merge(self, keep: int = 0, other: int = 0) -> int:
        keep, other = keep or self.ann, other or self.newcomer()
        with self.app.app_context():
            return merging.merge(keep, other, self.ada, clock.now())

    def undo(self, deed: int) -> list[int]:
        with self.app.app_context():
            return merging.undo_merge(deed, self.ada, clock.now())

    def status(self, person_id: int) -> PersonStatus:
        return PersonStatus(rows(self.app, select(Person.status).where(Person.id == person_id))[0])


@pytest.fixture
def desk(app: Flask, make: Builders, clock_at: Callable[[str], datetime]) -> Desk:
    clock_at("2026-03-04T12:00+00:00")
    return Desk(app, make)


def test_the_place_is_anns_and_she_is_told(app: Flask, client: FlaskClient, desk: Desk) -> None:
    hold(client, desk.chat)
    desk.merge()
    assert rows(app, OWNERS) == [(desk.ann, BookingState.BOOKED)]
    assert rows(app, BOOKED) == [MessageState.WAITING]
    with app.app_context():
        assert (release(app), problems()) == (0, [])


def test_a_newcomer_who_is_kept_is_confirmed_by_the_proven_record(
    app: Flask, client: FlaskClient, desk: Desk
) -> None:
    hold(client, desk.chat)
    ruth = desk.newcomer()
    deed = desk.merge(ruth, desk.ann)
    assert (rows(app, OWNERS), desk.status(ruth)) == ([(ruth, BookingState.BOOKED)], PersonStatus.ACTIVE)
    desk.undo(deed)
    assert (rows(app, OWNERS), desk.status(ruth)) == ([(ruth, BookingState.HELD)], PersonStatus.UNPROVEN)


def test_without_this_step_the_place_would_be_stranded(
    app: Flask, client: FlaskClient, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moving, "_confirm_what_was_held", lambda *_: None)
    hold(client, desk.chat)
    desk.merge()
    with app.app_context():
        assert problems() == ["Booking 1 is held, but person 1 has nothing to confirm."]
        bookings.book_place(desk.chat, desk.ann, Pool.ROOM, desk.ann, clock.now())
    assert rows(app, OWNERS) == [(desk.ann, BookingState.BOOKED)]


def test_the_button_in_her_letter_opens_the_record_that_stays(
    app: Flask, client: FlaskClient, desk: Desk
) -> None:
    hold(client, desk.chat)
    desk.merge()
    assert "Ann" in words(client.get(link(app)))
    answer = send(client, link(app))
    assert (answer.status_code, rows(app, STATES)) == (303, [BookingState.BOOKED])
    assert "Tea & A Chat" in after(client, answer)


def test_of_two_newcomers_either_letter_confirms(
    app: Flask, client: FlaskClient, make: Builders, desk: Desk
) -> None:
    hold(client, make.session(starts_in=9 * DAY), known_as="Ruthie", email="ruthie@example.net")
    second, path = int(rows(app, select(Person.id).order_by(Person.id.desc()))[0]), link(app)
    hold(app.test_client(), desk.chat)
    first = desk.newcomer()
    desk.merge(first, second)
    send(client, path)
    assert (rows(app, STATES), desk.status(first)) == ([BookingState.BOOKED] * 2, PersonStatus.ACTIVE)


def test_taken_back_it_waits_for_her_again(app: Flask, client: FlaskClient, desk: Desk) -> None:
    hold(client, desk.chat)
    ruth, path = desk.newcomer(), link(app)
    until = rows(app, select(Booking.held_until))
    assert desk.undo(desk.merge()) == []
    assert rows(app, OWNERS) == [(ruth, BookingState.HELD)]
    assert (rows(app, select(Booking.held_until)), rows(app, BOOKED)) == (until, [MessageState.WITHDRAWN])
    send(client, path)
    assert (rows(app, STATES), desk.status(ruth)) == ([BookingState.BOOKED], PersonStatus.ACTIVE)
    assert sorted(rows(app, BOOKED)) == [MessageState.WAITING, MessageState.WITHDRAWN]


def test_taken_back_too_late_it_is_free_and_the_office_is_told(
    app: Flask, client: FlaskClient, desk: Desk, clock_at: Clock
) -> None:
    hold(client, desk.chat)
    deed = desk.merge()
    clock_at(clock.now() + 2 * DAY)
    assert desk.undo(deed) == rows(app, select(Booking.id))
    assert rows(app, STATES) == [BookingState.EXPIRED]


def test_an_address_she_proved_meanwhile_stays_proven(
    app: Flask, client: FlaskClient, desk: Desk, clock_at: Clock
) -> None:
    hold(client, desk.chat)
    ruth, deed = desk.newcomer(), desk.merge()
    clock_at(clock.now() + timedelta(minutes=5))
    send(client, link(app))
    desk.undo(deed)
    assert (rows(app, OWNERS), desk.status(ruth)) == ([(ruth, BookingState.BOOKED)], PersonStatus.ACTIVE)


def test_a_place_she_gave_up_since_stays_given_up(app: Flask, client: FlaskClient, desk: Desk) -> None:
    hold(client, desk.chat)
    deed = desk.merge()
    write(app, update(Booking).values(state=BookingState.GIVEN_UP, held_until=None))
    assert desk.undo(deed) == []
    assert rows(app, STATES) == [BookingState.GIVEN_UP]


def test_a_place_ann_may_not_have_is_free(
    app: Flask, client: FlaskClient, make: Builders, desk: Desk
) -> None:
    chat = make.session(make.series(audience="patients"))
    hold(client, chat)
    write(app, update(Person).where(Person.id == desk.ann).values(who="other"))
    desk.merge()
    assert rows(app, STATES) == [BookingState.EXPIRED]


def test_the_call_that_was_promised_finds_the_place_hers(app: Flask, client: FlaskClient, desk: Desk) -> None:
    hold(client, desk.chat, **BY_PHONE)
    desk.merge()
    with app.app_context():
        (kept,) = holds.confirm_newcomer(1, desk.ada, clock.now())
    assert (kept.session_id, kept.why_not) == (desk.chat, None)
    assert rows(app, STATES) == [BookingState.BOOKED]
    assert rows(app, select(Task.settled_by)) == [desk.ada]


def test_in_that_call_she_may_say_that_she_does_not_want_it(
    app: Flask, client: FlaskClient, desk: Desk
) -> None:
    hold(client, desk.chat, **BY_PHONE)
    desk.merge()
    with app.app_context():
        holds.let_newcomer_go(1, desk.ada, clock.now())
    assert rows(app, STATES) == [BookingState.GIVEN_UP]
    assert rows(app, BOOKED) == [MessageState.WITHDRAWN]


def test_a_number_is_proven_by_the_call_whoever_has_it_now(
    app: Flask, client: FlaskClient, desk: Desk
) -> None:
    hold(client, desk.chat, **BY_PHONE)
    desk.merge()
    with app.app_context():
        holds.confirm_newcomer(1, desk.ada, clock.now())
    phone = select(ContactPoint.person_id, ContactPoint.proven_at).where(ContactPoint.kind == "phone")
    assert rows(app, phone) == [(desk.ann, clock.now())]
