"""The sample season never moves in among real people, and comes out of its seed."""

from datetime import date
from random import Random

import pytest
from flask import Flask
from sqlalchemy import func, select

from booking import create_app
from booking.db import db
from booking.demo.fill import fill
from booking.demo.people import invite
from booking.demo.season import plans_around
from booking.models import Person, Series
from booking.refusals import NotEmpty, NotInProduction
from tests.demo.conftest import NOW
from tests.support.builders import Builders
from tests.support.databases import settings_for_tests

TODAY = date(2026, 11, 24)


def test_somebody_known_already_keeps_the_season_out(app: Flask, make: Builders) -> None:
    make.person("Ann")
    with app.app_context():
        with pytest.raises(NotEmpty):
            fill(NOW)
        assert db.session.scalar(select(func.count()).select_from(Person)) == 1
        assert db.session.scalar(select(func.count()).select_from(Series)) == 0


def test_a_season_that_is_there_already_keeps_it_out_too(app: Flask, make: Builders) -> None:
    make.series()
    with app.app_context(), pytest.raises(NotEmpty):
        fill(NOW)


def test_production_is_refused(database_url: str) -> None:
    app = create_app(settings_for_tests(database_url, app_env="production"))
    with app.app_context():
        with pytest.raises(NotInProduction):
            fill(NOW)
        assert db.session.scalar(select(func.count()).select_from(Person)) == 0
        db.session.remove()
        db.engine.dispose()


def test_another_seed_gives_other_people() -> None:
    plans = plans_around(TODAY)
    some, others = ({guest.full_name for guest in invite(plans, TODAY, Random(seed))} for seed in (1, 2))
    assert len(some & others) < len(some) / 2
