"""Every test begins with an empty database, whatever the one before it left."""

import pytest
from flask import Flask

from booking.clock import now
from booking.db import db
from booking.models import Person
from tests.support.databases import rows


@pytest.mark.parametrize("turn", ["first", "second"])
def test_nobody_from_an_earlier_test_is_here(app: Flask, turn: str) -> None:
    with app.app_context():
        assert rows(db.engine) == []

        db.session.add(Person(full_name="Ann", known_as="Ann", who="patient", created_at=now()))
        db.session.commit()

        assert rows(db.engine) == ["person"]
        assert db.session.query(Person.id).scalar() == 1
