"""What every answer says about safety and caching."""

import pytest
from flask.testing import FlaskClient

from booking import create_app
from config import Settings
from tests.support.builders import Builders
from tests.support.databases import SECRET_KEY, settings_for_tests

PRODUCTION = {
    "app_env": "production",
    "base_url": "https://sessions.example.org",
    "trusted_hosts": ("sessions.example.org",),
}


@pytest.fixture
def production(database_url: str) -> FlaskClient:
    """The house as it runs where real people come, on a secure address of its own."""
    return create_app(settings_for_tests(database_url, **PRODUCTION)).test_client()


@pytest.mark.parametrize("path", ["/", "/no-such-page", "/health/live", "/my-sessions"])
def test_every_answer_is_dressed(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self' 'sha256-")
    assert "Strict-Transport-Security" not in headers


def test_in_production_the_browser_keeps_to_https(production: FlaskClient) -> None:
    answer = production.get("/", base_url="https://sessions.example.org")
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


def test_what_is_for_one_person_is_never_kept(client: FlaskClient, make: Builders) -> None:
    stranger = client.get("/").headers
    assert stranger["Cache-Control"] == "private, no-cache"
    signed_in = make.sign_in(client, make.person("Ann")).get("/").headers
    assert signed_in["Cache-Control"] == "no-store"
    assert "Cookie" in signed_in["Vary"]
    assert "Cookie" in stranger["Vary"]


@pytest.mark.parametrize("path", ["/confirm/1.x", "/sign-in/1.x", "/join/1.x", "/calendar/1.x.ics"])
def test_a_page_with_a_secret_address_tells_nobody(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"
    assert "Cookie" in headers["Vary"]


def test_an_answer_to_a_form_is_never_kept(client: FlaskClient) -> None:
    assert client.post("/register").headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("host", ["evil.example", "sessions.example.org.evil.example", "localhost", "a b"])
def test_an_unknown_host_is_refused(production: FlaskClient, host: str) -> None:
    answer = production.get("/", headers={"Host": host})
    assert (answer.status_code, answer.mimetype) == (400, "text/plain")


def test_our_own_host_is_answered_and_a_proxy_is_believed_only_when_named(database_url: str) -> None:
    forwarded = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "sessions.example.org"}
    behind = create_app(settings_for_tests(database_url, trusted_proxies=1, **PRODUCTION)).test_client()
    assert behind.get("/", headers={"Host": "inside", **forwarded}).status_code == 200
    alone = create_app(settings_for_tests(database_url, **PRODUCTION)).test_client()
    assert alone.get("/", headers={"Host": "inside", **forwarded}).status_code == 400


def test_files_are_kept_for_a_year_and_named_by_their_content(production: FlaskClient) -> None:
    page = production.get("/", base_url="https://sessions.example.org").text
    address = page.split('rel="stylesheet" href="')[1].split('"')[0]
    assert "?v=" in address
    with production.get(address) as answer:
        assert answer.headers["Cache-Control"] == "max-age=31536000, public"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "Access-Control-Allow-Origin" not in answer.headers


def test_the_font_is_loaded_once(client: FlaskClient) -> None:
    assert "latin.woff2?v" not in client.get("/").text


def test_settings_never_show_a_secret() -> None:
    assert SECRET_KEY not in repr(Settings(secret_key=SECRET_KEY))
