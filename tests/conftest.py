"""Fixtures that every test may use: an empty database of both kinds, the application on it, and the clock."""

import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, settings

from booking import clock, create_app
from booking.db import db
from tests.support import postgres
from tests.support.builders import Builders
from tests.support.compiled import CompiledTemplates, keep_compiled_rules, keep_compiled_statements
from tests.support.databases import KINDS, Databases, settings_for_tests, worker_name

pytest_plugins = ["tests.support.browser"]
SHARED = pytest.StashKey[Path]()
COMPILED = CompiledTemplates()
keep_compiled_rules()
keep_compiled_statements()
# `make soak` asks for the nightly profile by hypothesis' own option, which comes after this.
# The same cases in every run, so that a change is judged and not luck; nightly others are looked for.
settings.register_profile("quick", max_examples=200, deadline=None, derandomize=True)
settings.register_profile(
    "nightly", max_examples=10_000, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("quick")


def pytest_configure(config: pytest.Config) -> None:
    """Make the folder that all processes of this run share; xdist's workers are told where it is."""
    if hasattr(config, "workerinput"):
        config.stash[SHARED] = Path(config.workerinput["shared"])
        return
    # A time limit's SIGTERM ends the run as Ctrl-C does, so that no server and no folder is left behind.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    config.stash[SHARED] = Path(tempfile.mkdtemp(prefix="booking-tests-"))
    # When root runs the tests, PostgreSQL runs as somebody else, who has to reach its own folder in here.
    config.stash[SHARED].chmod(0o711)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    node.workerinput["shared"] = str(node.config.stash[SHARED])


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        postgres.stop(config.stash[SHARED])
        shutil.rmtree(config.stash[SHARED], ignore_errors=True)


@pytest.fixture(scope="session")
def databases(request: pytest.FixtureRequest) -> Databases:
    return Databases(request.config.stash[SHARED], worker_name())


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest, databases: Databases, tmp_path: Path) -> str:
    """An empty database; every test that asks for one runs on each kind."""
    return databases.empty(request.param, tmp_path)


@pytest.fixture
def app(request: pytest.FixtureRequest, database_url: str) -> Iterator[Flask]:
    """The application; no context is left open, because `g` and the locale would leak between requests."""
    throttled = request.node.get_closest_marker("rate_limits") is not None
    app = create_app(settings_for_tests(database_url, rate_limits=throttled))
    app.testing = True
    app.jinja_env.bytecode_cache = COMPILED
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def make(app: Flask) -> Builders:
    """Builders of people, series, sessions and bookings."""
    return Builders(app)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def clock_at() -> Iterator[Callable[[datetime | str], datetime]]:
    """Move the clock by hand: `clock_at("2026-08-06T13:30+01:00")`, as often as a test likes."""

    def move(instant: datetime | str) -> datetime:
        moved = datetime.fromisoformat(instant) if isinstance(instant, str) else instant
        if moved.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        clock.set_source(lambda: moved)
        return moved

    yield move
    clock.set_source(None)
