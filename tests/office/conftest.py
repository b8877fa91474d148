"""Ada at her desk, on a Sunday in November, with a small season behind her."""

from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.office.season import NOW, Season, small_season
from tests.support.builders import Builders


@pytest.fixture
def season(app: Flask, clock_at: Callable[[str], datetime]) -> Season:
    clock_at(NOW)
    return small_season(app)


@pytest.fixture
def desk(season: Season, make: Builders, client: FlaskClient) -> FlaskClient:
    return make.sign_in(client, season.ada)
