"""The first page, help, privacy, and what a machine asks."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from booking import create_app
from booking.db import db
from config import Settings
from tests.support.builders import Builders
from tests.support.databases import settings_for_tests


def test_a_stranger_finds_the_way_to_a_session(client: FlaskClient) -> None:
    page = client.get("/").text
    for words in ("Find a session", "Sign in", "Register", "Tea & A Chat", "Wellbeing classes", "Help"):
        assert words in page
    assert "My sessions" not in page


@pytest.mark.parametrize(
    ("role", "shown", "hidden"),
    [
        ("person", [], ["Hosting", "Office"]),
        ("facilitator", ["Hosting"], ["Office"]),
        ("admin", ["Office"], ["Hosting"]),
    ],
)
def test_the_menu_shows_what_each_may_open(
    client: FlaskClient, make: Builders, role: str, shown: list[str], hidden: list[str]
) -> None:
    page = make.sign_in(client, getattr(make, role)("Ann")).get("/").text
    assert all(words in page for words in ["My sessions", "My details", "Sign out", *shown])
    assert not any(f">{words}" in page or f" {words}\n" in page for words in [*hidden, "Register"])


@pytest.mark.parametrize("path", ["/help", "/privacy"])
def test_help_is_in_the_same_place_on_every_page(client: FlaskClient, path: str) -> None:
    page = client.get(path).text
    assert page.index("<footer") < page.rindex(Settings().help_phone)


def test_a_live_and_ready_service_says_so_and_keeps_nothing(app: Flask, client: FlaskClient) -> None:
    for path in ("/health/live", "/health/ready"):
        answer = client.get(path)
        assert (answer.status_code, answer.json) == (200, {"status": "ok"})
    with app.app_context():
        assert db.session.execute(db.text("SELECT count(*) FROM worker_beat")).scalar() == 0


def test_a_service_that_can_keep_nothing_is_not_ready() -> None:
    client = create_app(settings_for_tests("postgresql+psycopg://nobody@127.0.0.1:1/none")).test_client()
    assert client.get("/health/live").status_code == 200
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json) == (503, {"status": "unavailable"})


def test_search_engines_are_kept_from_private_pages(client: FlaskClient) -> None:
    assert "Disallow: /my-sessions" in client.get("/robots.txt").text


@pytest.mark.parametrize("path", ["/offers/nothing", "/confirm/nothing", "/join/nothing"])
def test_behind_a_link_of_a_letter_no_menu_stands_before_the_page(client: FlaskClient, path: str) -> None:
    page = client.get(path).text
    assert "<nav" not in page
    assert 'href="/support"' in page
    assert "<nav" in client.get("/sessions").text
