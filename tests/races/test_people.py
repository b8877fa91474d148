"""Two presses of Register in the same moment, and two admins who take each other's key."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from booking.models import Person, PersonRole
from tests.support.builders import Builders
from tests.support.pages import rows

pytestmark = pytest.mark.race
Race = Callable[..., Counter[str]]
PEOPLE = select(func.count()).select_from(Person)
ROLES = select(func.count()).select_from(PersonRole)
TEN_PRESSES = [{"deed": "register", "email": "ann@example.org"}] * 9 + [
    {"deed": "register", "email": "Ann@Example.org"}
]


@pytest.fixture
def both(make: Builders) -> list[dict[str, Any]]:
    """Ada takes Gil's key while Gil takes Ada's."""
    ada, gil = make.admin("Ada"), make.admin("Gil")
    return [
        {"deed": "take key", "person_id": ada, "actor_id": gil},
        {"deed": "take key", "person_id": gil, "actor_id": ada},
    ]


def test_ten_presses_of_register_are_one_person(app: Flask, race: Race) -> None:
    assert race(TEN_PRESSES) == {"register done": 10}
    assert rows(app, PEOPLE) == [1]


def test_without_the_address_lock_they_are_several(app: Flask, race: Race) -> None:
    race(TEN_PRESSES, without="address lock")
    assert rows(app, PEOPLE)[0] > 1


def test_one_of_two_admins_keeps_the_key(app: Flask, both: list[dict[str, Any]], race: Race) -> None:
    assert race(both) == {"take key done": 1, "LastAdmin": 1}
    assert rows(app, ROLES) == [1]


def test_without_the_persons_lock_nobody_has_the_key(
    app: Flask, both: list[dict[str, Any]], race: Race
) -> None:
    race(both, without="person lock")
    assert rows(app, ROLES) == [0]
