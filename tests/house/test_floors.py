"""Imports only go down."""

import pytest

from tests.house.floors import problems
from tests.house.sources import house, module

QUERIES = module("booking.queries.people", "from booking.db import db")


def test_imports_only_go_down_and_nothing_stands_in_a_circle() -> None:
    assert problems(house()) == []


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("booking.web.office.people", "from booking.models import Person"),
        ("booking.web.office.people", "from booking.db import db"),
        ("booking.web.office.people", "from booking.web.hosting import views"),
        ("booking.web.edge", "from booking.web.pages import views"),
        ("booking.web.office.people", "from booking.services.steps import locks"),
        ("booking.web.office.people", "from booking.messages import outbox"),
        ("booking.worker", "from booking.web import logs"),
        ("booking.services.people", "from booking.services import bookings"),
        ("booking.services.people", "from booking.messages.letters import compose"),
        ("booking.services.people", "from flask import request"),
        ("booking.services.steps.locks", "from booking.services.bookings import book_place"),
        ("booking.queries.people", "def late():\n    from booking.services import people"),
        ("booking.models.people", "from booking.queries import people"),
        ("booking.rules.words", "from booking.clock import now"),
        ("booking.rules.words", "import sqlalchemy"),
        ("booking.clock", "from booking.settings import settings"),
        ("booking.attic", "from booking.db import db"),
    ],
)
def test_an_import_that_goes_up_or_sideways_is_named(name: str, line: str) -> None:
    rooms = ["web.hosting.views", "web.pages.views", "services.bookings", "services.people", "web.logs"]
    known = [module(f"booking.{room}", "") for room in rooms if f"booking.{room}" != name]
    assert problems([*known, module(name, line)]) != []


def test_a_circle_is_named() -> None:
    first = module("booking.rules.first", "from booking.rules import second")
    second = module("booking.rules.second", "def late():\n    from booking.rules.first import x")
    assert problems([first, second]) == ["a circle: booking.rules.first → booking.rules.second"]


def test_an_import_for_the_type_checker_alone_is_none() -> None:
    source = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from booking.models import Person"
    assert problems([module("booking.web.office.people", source)]) == []
