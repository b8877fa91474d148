"""Fifty people want the last place in the same moment, and somebody's record closes while she books."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from booking.models import Booking, Message, Person
from booking.models.kinds import LIVE, PersonStatus
from tests.support.builders import Builders
from tests.support.pages import rows

pytestmark = pytest.mark.race
Race = Callable[..., Counter[str]]
PLACES, FIFTY = 20, 50
TAKEN = select(func.count()).where(Booking.state.in_(LIVE))
LIVE_OF_THE_CLOSED = (
    select(Booking.id)
    .join(Booking.person)
    .where(Booking.state.in_(LIVE), Person.status == PersonStatus.CLOSED)
)


@pytest.fixture
def fifty(make: Builders) -> list[dict[str, Any]]:
    """Fifty people in front of the same button; nineteen of twenty places are taken."""
    chat = make.session(places_room=PLACES)
    for number in range(PLACES - 1):
        make.booking(chat, make.person(f"Early{number}"))
    late = [make.person(f"Late{number}") for number in range(FIFTY)]
    return [{"deed": "book", "person_id": person, "session_id": chat} for person in late]


@pytest.fixture
def leaving(make: Builders) -> list[dict[str, Any]]:
    """Fifteen people who each book something while the office closes their record."""
    deeds: list[dict[str, Any]] = []
    for number in range(15):
        person, chat = make.person(f"Ann{number}"), make.session()
        deeds.append({"deed": "book", "person_id": person, "session_id": chat})
        deeds.append({"deed": "close", "person_id": person, "after_seconds": number % 3 * 0.01})
    return deeds


def test_fifty_at_once_for_the_last_place_never_oversell(
    app: Flask, fifty: list[dict[str, Any]], race: Race
) -> None:
    outcomes = race(fifty)
    assert outcomes == {"book done": 1, "SessionFull": FIFTY - 1}
    assert rows(app, TAKEN) == [PLACES]
    assert len(rows(app, select(Message.id))) == 1


def test_without_the_lock_the_last_place_is_sold_many_times(
    app: Flask, fifty: list[dict[str, Any]], race: Race
) -> None:
    outcomes = race(fifty, without="session lock")
    assert outcomes["book done"] > 1
    assert rows(app, TAKEN)[0] > PLACES


def test_one_person_with_fifty_fingers_has_one_place(app: Flask, make: Builders, race: Race) -> None:
    ann, chat = make.person("Ann"), make.session()
    outcomes = race([{"deed": "book", "person_id": ann, "session_id": chat} for _ in range(FIFTY)])
    assert outcomes == {"book done": FIFTY}
    assert rows(app, TAKEN) == [1]


def test_nobody_whose_record_closes_keeps_a_place(
    app: Flask, leaving: list[dict[str, Any]], race: Race
) -> None:
    outcomes = race(leaving)
    assert outcomes["close done"] == 15
    assert outcomes["book done"] + outcomes["PersonCannotBook"] == 15
    assert rows(app, LIVE_OF_THE_CLOSED) == []


def test_without_the_persons_lock_a_closed_record_keeps_a_place(
    app: Flask, leaving: list[dict[str, Any]], race: Race
) -> None:
    outcomes = race(leaving, without="person lock")
    assert outcomes["close done"] == 15
    assert len(rows(app, LIVE_OF_THE_CLOSED)) > 0
