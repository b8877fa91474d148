"""The waiting list of a date: joined, offered in the transaction that frees a place, kept, and left."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from booking import clock
from booking.db import db
from booking.models import Booking, Message
from booking.models.kinds import BookingState, MessageKind, Pool
from booking.services import bookings, holds, offers, waiting
from tests.support.builders import Builders
from tests.support.pages import rows

State = BookingState


@pytest.fixture
def now(clock_at: Callable[[str], datetime]) -> datetime:
    return clock_at("2026-08-03T12:00+01:00")


def join(app: Flask, session: int, person: int, **facts: object) -> int:
    with app.app_context():
        return waiting.join_waiting_list(session, person, Pool.ROOM, person, clock.now(), **facts)  # type: ignore[arg-type]


def state(app: Flask, booking: int) -> BookingState:
    with app.app_context():
        return db.session.get_one(Booking, booking).state


def test_a_place_given_up_is_offered_to_whoever_waited_longest(
    app: Flask, make: Builders, now: datetime
) -> None:
    session, ann, ben, cat = (
        make.session(make.series(places_room=1)),
        *map(make.person, ("Ann", "Ben", "Cat")),
    )
    place = make.booking(session, ann)
    first, second = join(app, session, ben), join(app, session, cat)
    with app.app_context():
        bookings.give_up_place(place, ann, now)
    assert (state(app, first), state(app, second)) == (State.OFFERED, State.WAITING)
    kinds = rows(app, select(Message.kind).where(Message.person_id == ben).order_by(Message.id))
    assert kinds == [MessageKind.WAITING, MessageKind.OFFERED]


def test_silence_passes_the_place_on_and_keeps_her_turn(
    app: Flask, make: Builders, now: datetime, clock_at: Callable[[datetime], datetime]
) -> None:
    session, ann, ben, cat = (
        make.session(make.series(places_room=1)),
        *map(make.person, ("Ann", "Ben", "Cat")),
    )
    place = make.booking(session, ann)
    first, second = join(app, session, ben), join(app, session, cat)
    with app.app_context():
        bookings.give_up_place(place, ann, now)
        later = clock_at(now + timedelta(days=1, hours=1))
        assert holds.release_holds(later) == 1
    assert (state(app, first), state(app, second)) == (State.WAITING, State.OFFERED)
    with app.app_context():
        offers.accept_offer(second, later)
        bookings.give_up_place(second, cat, later)
    assert state(app, first) is State.OFFERED
