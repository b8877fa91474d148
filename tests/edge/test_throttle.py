"""Pressing a button too often: exactly so many times, in every process, and nobody else is locked out."""

import subprocess
import sys
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from booking import clock, create_app
from booking.db import db
from booking.models import ThrottleCount
from booking.services import throttle
from booking.web.doors import Door, opens_for
from booking.web.throttle import throttled
from config import SettingsError
from tests.support.databases import settings_for_tests
from tests.support.processes import ROOT

NOW = datetime.fromisoformat("2026-08-06T12:00:00+00:00")
COUNTS = """
import sys
from booking import clock, create_app
from booking.services import throttle
from tests.support.databases import settings_for_tests
app = create_app(settings_for_tests(sys.argv[1]))
with app.app_context():
    print(*[throttle.count_try("one key", 3600, 1, clock.now()) for _ in range(50)])
"""


@pytest.fixture
def form(app: Flask) -> Flask:
    """A house with one form that may be sent three times an hour for one address."""
    app.config["WTF_CSRF_ENABLED"] = False

    @app.route("/form", methods=["GET", "POST"])
    @opens_for(Door.ANYONE)
    @throttled("3 per hour", by="form:email")
    def form() -> str:
        return "Sent"

    return app


def send(client: FlaskClient, email: str = "ann@example.org", network: str = "192.0.2.1") -> int:
    return client.post("/form", data={"email": email}, environ_base={"REMOTE_ADDR": network}).status_code


@pytest.mark.rate_limits
def test_the_fourth_time_ann_is_asked_to_wait(form: Flask) -> None:
    ann = form.test_client()
    assert [send(ann) for _ in range(4)] == [200, 200, 200, 429]
    answer = ann.post("/form", data={"email": "Ann@Example.org "}, environ_base={"REMOTE_ADDR": "192.0.2.1"})
    assert "Please wait a little" in answer.text
    assert 3500 < int(answer.headers["Retry-After"]) <= 3600


@pytest.mark.rate_limits
def test_nobody_is_locked_out_from_elsewhere_and_looking_is_never_counted(form: Flask) -> None:
    client = form.test_client()
    assert [send(client) for _ in range(4)][-1] == 429
    assert send(client, network="198.51.100.7") == 200
    assert send(client, email="ben@example.org") == 200
    assert [client.get("/form").status_code for _ in range(5)] == [200] * 5


@pytest.mark.rate_limits
def test_a_household_is_one_network_however_many_addresses_it_has(form: Flask) -> None:
    client = form.test_client()
    homes = [send(client, network=f"2001:db8:1:2::{number}") for number in range(1, 5)]
    assert homes == [200, 200, 200, 429]
    assert send(client, network="2001:db8:1:3::1") == 200


@pytest.mark.rate_limits
def test_after_an_hour_it_works_again(form: Flask, clock_at) -> None:  # type: ignore[no-untyped-def]
    client, now = form.test_client(), clock_at(NOW)
    assert [send(client) for _ in range(4)][-1] == 429
    clock_at(now + timedelta(minutes=61))
    assert send(client) == 200


def test_with_limits_off_nothing_is_counted(form: Flask) -> None:
    assert {send(form.test_client()) for _ in range(6)} == {200}
    with form.app_context():
        assert db.session.scalars(select(ThrottleCount)).all() == []


@pytest.mark.rate_limits
def test_no_address_stands_in_the_table_and_old_counts_are_forgotten(form: Flask) -> None:
    send(form.test_client())
    with form.app_context():
        kept = db.session.scalars(select(ThrottleCount.key)).all()
        assert all(len(key) == 64 and "ann" not in key and "192" not in key for key in kept)
        throttle.count_try("later", 60, 1, clock.now() + timedelta(hours=2))
        assert db.session.scalars(select(ThrottleCount.key)).all() == ["later"]
        assert throttle.forget_all() == 1


@pytest.mark.race
def test_four_processes_count_exactly(app: Flask, database_url: str) -> None:
    command = [sys.executable, "-c", COUNTS, database_url]
    running = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    seen = [int(word) for process in running for word in process.communicate(timeout=60)[0].split()]
    assert sorted(seen) == list(range(1, 201))


def test_a_storage_that_nobody_knows_is_refused_at_the_start() -> None:
    with pytest.raises(SettingsError) as refused:
        create_app(settings_for_tests("sqlite://", rate_limits=True, rate_limit_url="nonsense://"))
    assert refused.value.problems == ["RATE_LIMIT_URL names no kind of storage that is known here."]
