"""What is written down about a request: its pattern, never its address, its words or its people."""

import json
from collections.abc import Iterator

import pytest
from flask import Flask

from booking.web import logs
from tests.support.builders import Builders
from tests.support.databases import settings_for_tests


@pytest.fixture
def as_in_production(app: Flask) -> Iterator[None]:
    logs.configure(settings_for_tests("sqlite://", app_env="production", log_level="INFO"))
    yield
    logs.configure(settings_for_tests("sqlite://"))


@pytest.mark.usefixtures("as_in_production")
def test_one_line_for_each_request_and_nothing_that_is_secret(
    app: Flask, make: Builders, capsys: pytest.CaptureFixture[str]
) -> None:
    ann = make.sign_in(app.test_client(), make.person("Ann"))
    ann.get("/sign-in/1.secret?q=breast", headers={"Referer": "http://localhost/join/other"})
    ann.get("/nowhere/secret")
    said = capsys.readouterr().err
    lines = [json.loads(line) for line in said.splitlines()]
    assert [(line["method"], line["route"]) for line in lines] == [
        ("GET", "/sign-in/<token>"),
        ("GET", "(no such page)"),
    ]
    assert {"status", "ms", "request_id", "at", "level"} <= lines[0].keys()
    assert not any(word in said for word in ("secret", "breast", "join", "ann@", "Ann"))


@pytest.mark.usefixtures("as_in_production")
def test_a_line_names_who_asked_by_her_id(
    app: Flask, make: Builders, capsys: pytest.CaptureFixture[str]
) -> None:
    ann = make.person("Ann")
    make.sign_in(app.test_client(), ann).get("/my-sessions")
    app.test_client().get("/my-sessions")
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line.get("person_id") for line in lines] == [ann, None]


def test_the_same_house_made_twice_writes_each_line_once(
    app: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        logs.configure(settings_for_tests("sqlite://", log_level="INFO"))
    app.test_client().get("/help")
    assert capsys.readouterr().err.count("request") == 2  # The word, and the request's id.
    logs.configure(settings_for_tests("sqlite://"))
