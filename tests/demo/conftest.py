"""One sample season for all tests of a module, on each kind of database: moving it in takes seconds."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

from booking import clock, create_app
from booking.db import db
from booking.demo.fill import Filled, fill
from config import ROOT
from tests.support.databases import KINDS, SECRET_KEY, Databases, settings_for_tests

# A Tuesday just after the morning's reminders were due, and the day before Manchester's last Wednesday.
NOW = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)


@pytest.fixture(scope="module", params=KINDS)
def season(
    request: pytest.FixtureRequest, databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    """The application with the sample season in its database; tests only read it."""
    url = databases.empty(request.param, tmp_path_factory.mktemp("season"))
    app = create_app(settings_for_tests(url))
    clock.set_source(lambda: NOW)
    with app.app_context():
        told: list[tuple[int, int]] = []
        app.extensions["tests.filled"] = fill(NOW, lambda *progress: told.append(progress))
        app.extensions["tests.told"] = told
    yield app
    clock.set_source(None)
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="module")
def commanded(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The application on a database into which `flask demo` moved the season, tried twice."""
    folder = tmp_path_factory.mktemp("commanded")
    url = databases.empty("sqlite", folder)
    (folder / "clock").write_text(NOW.isoformat())
    environment = {"FLASK_APP": "wsgi", "BASE_URL": "http://localhost", "DATABASE_URL": url}
    environment |= {"CLOCK_FILE": str(folder / "clock"), "SECRET_KEY": SECRET_KEY}
    command = [str(Path(sys.executable).with_name("flask")), "demo"]
    app = create_app(settings_for_tests(url))
    app.extensions["tests.runs"] = [
        subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        for _ in range(2)
    ]
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def filled(season: Flask) -> Filled:
    """What the season says that it brought."""
    brought: Filled = season.extensions["tests.filled"]
    return brought
