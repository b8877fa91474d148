"""The doctor looks at waiting lists: no place stands free beside them, and nobody waits for nothing."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from booking.db import db
from booking.models import Booking, Message
from booking.models.kinds import BookingState, Channel, Pool
from booking.queries.upkeep import problems
from booking.services import bookings, waiting
from tests.support.builders import Builders
from tests.support.pages import write

State = BookingState


@pytest.fixture
def now(clock_at: Callable[[str], datetime]) -> datetime:
    return clock_at("2026-08-03T12:00+01:00")


@pytest.fixture
def bens(app: Flask, make: Builders, now: datetime) -> int:
    """Ben waits for the one place, which is Ann's."""
    session, ann, ben = make.session(make.series(places_room=1)), make.person("Ann"), make.person("Ben")
    make.booking(session, ann)
    with app.app_context():
        return waiting.join_waiting_list(session, ben, Pool.ROOM, ben, now)


def examined(app: Flask) -> list[str]:
    with app.app_context():
        return problems()


def test_a_list_in_good_order_is_well(app: Flask, bens: int, now: datetime) -> None:
    assert examined(app) == []
    with app.app_context():
        bookings.give_up_place(1, 1, now)
    assert examined(app) == []


def test_a_place_that_nobody_was_asked_about_is_named(app: Flask, bens: int) -> None:
    write(app, update(Booking).where(Booking.id == 1).values(state=State.GIVEN_UP))
    assert examined(app) == ["Session 1 has a free place, and somebody who waits was not asked."]


def test_a_place_let_go_by_whoever_waits_may_stand_free(app: Flask, bens: int) -> None:
    write(app, update(Booking).where(Booking.id == 1).values(state=State.GIVEN_UP))
    write(app, update(Booking).where(Booking.id == bens).values(rests=True))
    assert examined(app) == []


def test_whoever_waits_for_what_has_begun_is_named(
    app: Flask, bens: int, now: datetime, clock_at: Callable[[datetime], datetime]
) -> None:
    later = clock_at(now + timedelta(days=11))
    assert examined(app) == [f"Booking {bens} still waits, but its session 1 has begun."]
    with app.app_context():
        assert waiting.offer_what_is_free(later) == 1
        assert db.session.get_one(Booking, bens).state is State.EXPIRED
    assert examined(app) == []


def test_only_a_call_to_make_stops_the_clock_of_an_offer(app: Flask, bens: int, now: datetime) -> None:
    with app.app_context():
        bookings.give_up_place(1, 1, now)
    write(app, update(Booking).where(Booking.id == bens).values(held_until=None))
    assert examined(app) == [f"Booking {bens} is offered with no end."]
    write(app, update(Message).where(Message.booking_id == bens).values(channel=Channel.CALL))
    assert examined(app) == []
