"""Newcomers race for the last place, press the form twice at once, and press the button as time runs out."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from booking import clock
from booking.models import Booking, EmailLink, Message, Person
from booking.models.kinds import LIVE, BookingState, Pool, Who
from booking.services import arriving
from booking.services.steps import links
from tests.support.builders import Builders
from tests.support.pages import rows, write

pytestmark = pytest.mark.race
Race = Callable[..., Counter[str]]
PLACES, FIFTY, TEN = 20, 50, 10
TAKEN = select(func.coalesce(func.sum(Booking.party_size), 0)).where(Booking.state.in_(LIVE))
PEOPLE = select(func.count()).select_from(Person)


@pytest.fixture
def fifty(make: Builders) -> list[dict[str, Any]]:
    """Newcomers and people who are signed in before the same button; nineteen of twenty places are taken."""
    chat = make.session(places_room=PLACES)
    for number in range(PLACES - 1):
        make.booking(chat, make.person(f"Early{number}"))
    known = [make.person(f"Late{number}") for number in range(FIFTY // 2)]
    deeds: list[dict[str, Any]] = [{"deed": "book", "person_id": one, "session_id": chat} for one in known]
    new = [f"new{number}@example.org" for number in range(FIFTY // 2)]
    return deeds + [{"deed": "hold", "email": one, "session_id": chat} for one in new]


@pytest.fixture
def last_minute(app: Flask, make: Builders) -> list[dict[str, Any]]:
    """Ten newcomers whose time is just over press the button, the worker frees, and others want the place."""
    deeds: list[dict[str, Any]] = []
    for number in range(TEN):
        chat = make.session(places_room=1)
        facts = arriving.Registration("Ann Example", "Ann", f"n{number}@example.org", Who.PATIENT, True)
        with app.app_context():
            link_id = arriving.hold_place(facts, chat, Pool.ROOM, clock.now()).link_id
        deeds.append({"deed": "confirm", "link_id": link_id, "after_seconds": number % 4 * 0.01})
        deeds.append({"deed": "release", "after_seconds": number % 3 * 0.01})
        deeds.append({"deed": "hold", "email": f"m{number}@example.org", "session_id": chat})
    write(app, update(Booking).values(held_until=clock.now() - timedelta(seconds=1)))
    return deeds


def test_newcomers_and_others_never_oversell_the_last_place(
    app: Flask, fifty: list[dict[str, Any]], race: Race
) -> None:
    outcomes = race(fifty)
    assert outcomes["book done"] + outcomes["hold done"] == 1
    assert outcomes["SessionFull"] == FIFTY - 1
    assert rows(app, TAKEN) == [PLACES]


def test_without_the_lock_the_last_place_is_sold_many_times(
    app: Flask, fifty: list[dict[str, Any]], race: Race
) -> None:
    race(fifty, without="session lock")
    assert rows(app, TAKEN)[0] > PLACES


def test_the_same_form_ten_times_at_once_is_one_person_and_one_place(
    app: Flask, make: Builders, race: Race
) -> None:
    chat = make.session()
    presses = [{"deed": "hold", "email": "ann@example.org", "session_id": chat} for _ in range(TEN)]
    assert race(presses) == {"hold done": TEN}
    assert rows(app, PEOPLE) == [1]
    assert rows(app, TAKEN) == [1]
    assert len(rows(app, select(Message.id))) == 1


def test_without_the_address_lock_it_is_several(app: Flask, make: Builders, race: Race) -> None:
    chat = make.session()
    presses = [{"deed": "hold", "email": "ann@example.org", "session_id": chat} for _ in range(TEN)]
    race(presses, without="address lock")
    assert rows(app, PEOPLE)[0] > 1


def test_one_address_never_holds_three_places(app: Flask, make: Builders, race: Race) -> None:
    chats = [make.session() for _ in range(TEN)]
    presses = [
        {"deed": "hold", "email": "ann@example.org", "session_id": chat, "name": f"Ann{number}"}
        for number, chat in enumerate(chats)
    ]
    assert race(presses) == {"hold done": TEN}
    assert rows(app, TAKEN) == [2]
    assert len(rows(app, select(Message.id))) == links.PROOFS_AT_MOST


# On SQLite adding her record makes each press the only writer before the places are counted.
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_without_the_address_lock_it_holds_more(app: Flask, make: Builders, race: Race) -> None:
    presses = [
        {"deed": "hold", "email": "ann@example.org", "session_id": make.session(), "name": f"Ann{number}"}
        for number in range(TEN)
    ]
    race(presses, without="address lock")
    assert rows(app, TAKEN)[0] > 2


def test_when_time_runs_out_as_she_presses_nothing_is_sold_twice(
    app: Flask, last_minute: list[dict[str, Any]], race: Race
) -> None:
    outcomes = race(last_minute)
    assert not [words for words in outcomes if words.startswith("FAULT")]
    assert outcomes["confirm done"] + outcomes["hold done"] == outcomes["SessionFull"] == TEN
    taken = select(func.count(Booking.id)).where(Booking.state.in_(LIVE)).group_by(Booking.session_id)
    assert set(rows(app, taken)) == {1}
    assert rows(app, select(func.count()).where(EmailLink.used_at.is_not(None))) == [TEN]
    held_too_long = select(Booking.id).where(
        Booking.state == BookingState.HELD, Booking.held_until <= clock.now()
    )
    assert rows(app, held_too_long) == []
