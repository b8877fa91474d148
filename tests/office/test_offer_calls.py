"""Somebody without email is offered a place: the office calls, and no time runs until she was reached."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from booking import clock
from booking.db import db
from booking.models import AuditEntry, Booking, CallNote, Message
from booking.models.kinds import BookingState, MessageKind, MessageState, Pool
from booking.services import bookings, holds, waiting
from booking.services.steps import calls as step
from tests.office.season import Season
from tests.support import pages
from tests.support.builders import Builders


@dataclass(frozen=True)
class Offered:
    """Cato was offered the only place, Dora waits behind her; `call` is the call to make."""

    session: int
    cato: int
    dora: int
    call: int


@pytest.fixture
def offered(app: Flask, make: Builders, season: Season) -> Offered:
    session = make.session(season.tea, starts_in=timedelta(days=10), places_room=1)
    place = make.booking(session, season.ann)
    cato = make.person("Cato", email=None, phone="07700 900123", may_leave_word=True)
    dora = make.person("Dora")
    with app.app_context():
        first, second = (
            waiting.join_waiting_list(session, one, Pool.ROOM, one, clock.now()) for one in (cato, dora)
        )
        bookings.give_up_place(place, season.ann, clock.now())
    (call,) = pages.rows(app, select(Message.id).where(Message.kind == MessageKind.OFFERED))
    return Offered(session, first, second, call)


def row(app: Flask, booking_id: int) -> Booking:
    with app.app_context():
        return db.session.get_one(Booking, booking_id)


def answer(desk: FlaskClient, offered: Offered, said: str) -> str:
    sent = pages.send(desk, f"/office/offers/{offered.cato}", page="/office", answer=said)
    return pages.after(desk, sent)


def note(desk: FlaskClient, offered: Offered, outcome: str) -> str:
    sent = pages.send(desk, f"/office/calls/{offered.call}", page="/office", outcome=outcome)
    return pages.after(desk, sent)


def test_the_call_says_what_came_free_and_asks_for_an_answer(desk: FlaskClient, offered: Offered) -> None:
    said = pages.words(desk.get("/office"))
    assert "A place has come free at Tea & A Chat" in said
    assert "Would you like it? If not this time, you keep your turn for the next one." in said
    assert all(button in said for button in ("Yes please", "Not this time", "Left word"))


def test_no_time_runs_while_nobody_has_reached_her(
    app: Flask, offered: Offered, clock_at: Callable[[datetime], datetime]
) -> None:
    with app.app_context():
        holds.release_holds(clock_at(clock.now() + timedelta(days=5)))
    assert row(app, offered.cato).state is BookingState.OFFERED
    assert row(app, offered.cato).held_until is None


def test_a_yes_on_the_phone_is_her_place_and_no_second_call_waits(
    app: Flask, desk: FlaskClient, offered: Offered, season: Season
) -> None:
    assert "The place is theirs." in answer(desk, offered, "yes")
    assert row(app, offered.cato).state is BookingState.BOOKED
    hers = select(Message.kind, Message.state).where(Message.booking_id == offered.cato).order_by(Message.id)
    states = dict(map(tuple, pages.rows(app, hers)))
    assert (states[MessageKind.OFFERED], states[MessageKind.BOOKED]) == (MessageState.SENT,) * 2
    taken = select(AuditEntry.actor_id).where(AuditEntry.action == "offer taken")
    assert pages.rows(app, taken) == [season.ada]


def test_without_that_note_a_second_call_would_wait(
    app: Flask, desk: FlaskClient, offered: Offered, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(step, "note_heard", lambda *_args: None)
    answer(desk, offered, "yes")
    booked = select(Message.state).where(
        Message.booking_id == offered.cato, Message.kind == MessageKind.BOOKED
    )
    assert pages.rows(app, booked) == [MessageState.WAITING]


def test_not_this_time_asks_the_next_one_and_keeps_her_turn(
    app: Flask, desk: FlaskClient, offered: Offered
) -> None:
    answer(desk, offered, "no")
    assert row(app, offered.cato).state is BookingState.WAITING
    assert row(app, offered.dora).state is BookingState.OFFERED
    assert "A place has come free" not in pages.words(desk.get("/office"))
    assert pages.rows(app, select(CallNote.outcome)) == ["reached"]


@pytest.mark.parametrize("outcome", ["left_word", "reached"])
def test_once_she_has_heard_of_it_her_time_runs(
    app: Flask, desk: FlaskClient, offered: Offered, outcome: str
) -> None:
    assert "A place is kept for them until midday on Monday 23 November 2026." in note(desk, offered, outcome)
    assert row(app, offered.cato).held_until == clock.now() + timedelta(days=1)


def test_no_answer_starts_no_clock(app: Flask, desk: FlaskClient, offered: Offered) -> None:
    assert "tried once" in note(desk, offered, "no_answer")
    assert row(app, offered.cato).held_until is None


def test_a_slip_stops_the_clock_again(app: Flask, desk: FlaskClient, offered: Offered) -> None:
    note(desk, offered, "left_word")
    pages.send(desk, f"/office/calls/{offered.call}/reopen", page="/office")
    assert row(app, offered.cato).held_until is None
    assert "A place has come free" in pages.words(desk.get("/office"))


def test_a_call_that_was_answered_is_not_put_back(app: Flask, desk: FlaskClient, offered: Offered) -> None:
    answer(desk, offered, "yes")
    again = pages.send(desk, f"/office/calls/{offered.call}/reopen", page="/office")
    assert "can't be put back" in pages.after(desk, again)
    assert row(app, offered.cato).state is BookingState.BOOKED


def test_word_left_an_hour_before_the_start_still_leaves_her_that_hour(
    app: Flask, desk: FlaskClient, offered: Offered, clock_at: Callable[[datetime], datetime]
) -> None:
    starts_at = clock.now() + timedelta(days=10)
    clock_at(starts_at - timedelta(minutes=70))
    with app.app_context():
        step.start_clock(offered.cato, clock.now())
        held = db.session.get_one(Booking, offered.cato).held_until
    assert held == clock.now() + timedelta(hours=1)


def test_a_yes_after_word_was_left_counts_too(app: Flask, desk: FlaskClient, offered: Offered) -> None:
    note(desk, offered, "left_word")
    sent = pages.send(desk, f"/office/offers/{offered.cato}", page="/office/people", answer="yes")
    assert "The place is theirs." in pages.after(desk, sent)
    assert row(app, offered.cato).state is BookingState.BOOKED
