"""Where she is signed in, and the one press that ends it everywhere, in every process."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from booking.models import AuditEntry, SignIn
from tests.support.builders import Builders
from tests.support.crowd import browser_of
from tests.support.pages import after, rows, send, words
from tests.support.processes import service


def test_she_sees_since_when_she_is_signed_in_and_on_how_many(
    app: Flask,
    client: FlaskClient,
    make: Builders,
    now: datetime,
    clock_at: Callable[[datetime], datetime],
) -> None:
    ann = make.person("Ann")
    make.sign_in(app.test_client(), ann)
    make.sign_in(app.test_client(), make.person("Ben"))
    clock_at(now + timedelta(days=2))
    page = words(make.sign_in(client, ann).get("/me/sign-ins"))
    assert "On 2 devices." in page
    assert "Since Tuesday 24 November 2026, this device" in page
    assert "Since Sunday 22 November 2026 by an emailed link" in page


def test_what_has_ended_is_not_counted(
    client: FlaskClient, make: Builders, now: datetime, clock_at: Callable[[datetime], datetime]
) -> None:
    ann = make.person("Ann")
    make.sign_in(client, ann)
    clock_at(now + timedelta(days=30))
    assert "On this device only." in words(make.sign_in(client, ann).get("/me/sign-ins"))


def test_signing_out_everywhere_ends_every_device_of_hers_and_nobody_elses(
    app: Flask, client: FlaskClient, make: Builders
) -> None:
    ann, ben = make.person("Ann"), make.person("Ben")
    phone, bens = make.sign_in(app.test_client(), ann), make.sign_in(app.test_client(), ben)
    answer = send(make.sign_in(client, ann), "/me/sign-ins", which="all")
    assert "You are signed out everywhere." in after(client, answer)
    assert [browser.get("/me").status_code for browser in (client, phone, bens)] == [303, 303, 200]
    assert rows(app, select(AuditEntry.action)) == ["signed out everywhere"]


def test_signing_out_the_others_leaves_this_device(app: Flask, client: FlaskClient, make: Builders) -> None:
    ann = make.person("Ann")
    phone = make.sign_in(app.test_client(), ann)
    send(make.sign_in(client, ann), "/me/sign-ins", which="others")
    assert [client.get("/me").status_code, phone.get("/me").status_code] == [200, 303]


@pytest.mark.parametrize("which", ["", "nonsense", "\u202e"])
def test_a_press_that_says_nothing_clear_ends_them_all(
    app: Flask, client: FlaskClient, make: Builders, which: str
) -> None:
    make.sign_in(client, make.person("Ann"))
    assert send(client, "/me/sign-ins", which=which).location == "/"
    assert client.get("/me").status_code == 303


def test_opening_the_page_ends_nothing(app: Flask, client: FlaskClient, make: Builders) -> None:
    make.sign_in(client, make.person("Ann"))
    client.get("/me/sign-ins?which=all")
    assert rows(app, select(SignIn.ended_at)) == [None]


@pytest.mark.race
@pytest.mark.parametrize("deed", ["sign out everywhere", "set a password"])
def test_other_processes_know_it_at_her_next_page(
    app: Flask, make: Builders, database_url: str, tmp_path: Path, deed: str
) -> None:
    ann = make.person("Ann")
    (tmp_path / "clock").write_text("2026-11-22T10:00:00+00:00")
    with service(database_url, tmp_path, CLOCK_FILE=str(tmp_path / "clock")) as one:
        one.start_web(threads=2)
        (tmp_path / "other").mkdir()
        with service(database_url, tmp_path / "other", CLOCK_FILE=str(tmp_path / "clock")) as two:
            two.start_web(threads=2)
            laptop, phone = browser_of(app, make, ann, one.port), browser_of(app, make, ann, two.port)
            assert (laptop.get("/me").status, phone.get("/me").status) == (200, 200)
            if deed == "set a password":
                laptop.get("/me/password")
                assert laptop.post("/me/password", password="tea at the seaside").status == 303
            else:
                laptop.get("/me/sign-ins")
                assert laptop.post("/me/sign-ins", which="others").status == 303
            assert (laptop.get("/me").status, phone.get("/me").status) == (200, 303)
