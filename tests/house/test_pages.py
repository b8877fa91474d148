"""Templates compile, are used, mirror their endpoints, and hold no style; one inline script is allowed."""

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import Environment

from booking import create_app
from booking.models.kinds import MessageKind
from booking.web.headers import script_hash
from tests.house import pages
from tests.house.sources import house, module
from tests.support.databases import settings_for_tests

KINDS = [kind.value for kind in MessageKind]


@pytest.fixture(scope="module")
def house_app() -> Flask:
    """The house without a database: its templates need none."""
    return create_app(settings_for_tests("sqlite://"))


@pytest.fixture
def environment(house_app: Flask) -> Environment:
    return house_app.jinja_env


def test_every_template_compiles(environment: Environment) -> None:
    assert pages.compile_problems(environment, pages.templates()) == []


def test_every_template_is_used_and_none_is_missing(environment: Environment) -> None:
    sources, modules = pages.templates(), house("booking")
    assert pages.unused(environment, sources, modules, KINDS) == []
    assert pages.missing(sources, modules, KINDS) == []


def test_every_page_mirrors_its_endpoint(house_app: Flask) -> None:
    assert pages.misnamed(pages.templates(), house_app.view_functions, pages.OTHER_ANSWERS) == []


def test_no_page_holds_style() -> None:
    assert pages.styled(pages.templates()) == []


def test_broken_templates_are_named(environment: Environment) -> None:
    broken = {"a.html": "{% if %}", "b.html": '{% include "gone.html" %}'}
    assert len(pages.compile_problems(environment, broken)) == 2
    assert pages.unused(environment, {"pages/attic.html": ""}, [], KINDS) == ["pages/attic.html"]
    code = module("booking.web.pages.views", "render_template('pages/cellar.html')")
    assert "pages/cellar.html" in pages.missing({}, [code], [])
    assert "letters/booked/body.txt" in pages.missing({}, [], KINDS)
    assert pages.misnamed({"pages/attic.html": ""}, ["pages.home"], {}) == [
        "pages/attic.html mirrors no endpoint"
    ]
    assert pages.misnamed({}, [], {"pages/attic.html": "pages.home"}) == ["pages/attic.html is no template"]
    assert pages.styled({"a.html": '<p style="x">', "b.html": "<style>", "c.html": "the style=x"}) != []


@pytest.mark.parametrize("path", ["/", "/help", "/sessions", "/register", "/no-such-page"])
def test_the_policy_allows_the_inline_script_of_the_page_and_no_other(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    scripts = re.findall(r"<script>(.*?)</script>", answer.text, re.DOTALL)
    allowed = re.findall(r"'sha256-[^']+'", answer.headers["Content-Security-Policy"])
    assert [script_hash(script) for script in scripts] == allowed
    assert not re.search(r"\son\w+=|\sstyle=", answer.text)


def test_a_script_that_is_not_the_layouts_is_not_allowed(client: FlaskClient) -> None:
    policy: Any = client.get("/").headers["Content-Security-Policy"]
    assert script_hash("document.body.className += ' other'") not in policy
    assert "unsafe" not in policy
