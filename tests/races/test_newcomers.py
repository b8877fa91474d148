"""Many who came before want the last place that is not kept for newcomers, in the same moment."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from booking.models import Booking
from booking.models.kinds import LIVE, Attendance
from tests.support.builders import Builders
from tests.support.pages import rows

pytestmark = pytest.mark.race
Race = Callable[..., Counter[str]]
PLACES, KEPT, REGULARS = 6, 5, 9


@pytest.fixture
def chat(make: Builders) -> int:
    """A session of six places, of which five are kept for people who come for the first time."""
    return make.session(make.series(places_room=PLACES, newcomer_places=KEPT))


@pytest.fixture
def regulars(make: Builders, chat: int) -> list[dict[str, Any]]:
    """People who came last week, in front of the same button."""
    last_week = make.session(starts_in=timedelta(days=-7), places_room=None)
    people = [make.person(f"Ann{number}") for number in range(REGULARS)]
    for person in people:
        make.booking(last_week, person, attendance=Attendance.CAME)
    return [{"deed": "book", "person_id": person, "session_id": chat} for person in people]


def _taken(app: Flask, chat: int) -> int:
    counted = select(func.count()).where(Booking.session_id == chat, Booking.state.in_(LIVE))
    return int(rows(app, counted)[0])


def test_the_places_of_newcomers_stay_theirs(
    app: Flask, chat: int, regulars: list[dict[str, Any]], race: Race
) -> None:
    outcomes = race(regulars)
    assert outcomes == {"book done": 1, "KeptForNewcomers": REGULARS - 1}
    assert _taken(app, chat) == PLACES - KEPT


def test_without_the_lock_their_places_are_taken(
    app: Flask, chat: int, regulars: list[dict[str, Any]], race: Race
) -> None:
    race(regulars, without="session lock")
    assert _taken(app, chat) > PLACES - KEPT
