"""The office makes a series smaller in the moment in which people book its places."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from booking.models import Booking, ScheduledSession
from booking.models.kinds import TAKING
from tests.support.builders import Builders
from tests.support.pages import rows

pytestmark = pytest.mark.race
Race = Callable[..., Counter[str]]
FEWER, MANY = 3, 12
ROUNDS = 6


def smaller(make: Builders) -> tuple[int, list[dict[str, Any]]]:
    """Twelve people who book while the twenty places become three."""
    series = make.series()
    chat = make.session(series)
    people = [make.person(f"Ann{chat}n{number}") for number in range(MANY)]
    deeds = [{"deed": "book", "person_id": person, "session_id": chat} for person in people]
    return chat, [*deeds[:2], {"deed": "resize", "series_id": series, "places_room": FEWER}, *deeds[2:]]


def taken_and_places(app: Flask, chat: int) -> tuple[int, int]:
    taken = select(func.count(Booking.id)).where(Booking.session_id == chat, Booking.state.in_(TAKING))
    places = select(ScheduledSession.places_room).where(ScheduledSession.id == chat)
    return rows(app, taken)[0], rows(app, places)[0]


def test_a_series_never_gets_smaller_than_what_is_booked(app: Flask, make: Builders, race: Race) -> None:
    chat, deeds = smaller(make)
    outcomes = race(deeds)
    taken, places = taken_and_places(app, chat)
    assert outcomes["resize done"] + outcomes["CapacityBelowBookings"] == 1
    assert outcomes["book done"] == taken <= places


def test_without_the_lock_people_stand_before_a_full_room(app: Flask, make: Builders, race: Race) -> None:
    for _ in range(ROUNDS):
        chat, deeds = smaller(make)
        race(deeds, without="session lock")
        taken, places = taken_and_places(app, chat)
        if taken > places:
            return
    pytest.fail("the lock makes no difference")
