"""Whatever goes wrong, there is a page that says kindly what to do."""

import json
import logging

import pytest
from flask import Flask, abort
from flask.testing import FlaskClient

from booking import create_app
from booking.refusals import NotFound, SessionFull
from booking.web.doors import Door, opens_for
from config import Settings
from tests.support.builders import Builders
from tests.support.databases import settings_for_tests

SENTENCES = {400: "could not read", 403: "not open to you", 404: "could not find", 405: "did not work"}
SENTENCES |= {
    413: "too much at once",
    429: "wait a little",
    500: "went wrong",
    503: "for a moment",
    418: "could not",
}


def page_that(app: Flask, fault: Exception | int) -> FlaskClient:
    """Add a page at which this goes wrong."""

    @app.get("/wrong")
    @opens_for(Door.ANYONE)
    def wrong() -> str:
        if isinstance(fault, int):
            abort(fault)
        raise fault

    app.config["PROPAGATE_EXCEPTIONS"] = False
    return app.test_client()


@pytest.mark.parametrize("code", sorted(SENTENCES))
def test_every_error_has_a_kind_page(code: int) -> None:
    answer = page_that(create_app(settings_for_tests("sqlite://")), code).get("/wrong")
    assert answer.status_code == code
    assert SENTENCES[code] in answer.text
    assert Settings().help_phone in answer.text
    assert "Find a session" in answer.text


def test_a_polite_no_that_nobody_caught_is_a_page_with_its_sentence(app: Flask) -> None:
    answer = page_that(app, SessionFull()).get("/wrong")
    assert (answer.status_code, "last place has been taken" in answer.text) == (409, True)


def test_what_is_not_hers_is_not_there(app: Flask) -> None:
    answer = page_that(app, NotFound()).get("/wrong")
    assert (answer.status_code, "could not find that page" in answer.text) == (404, True)


def test_a_fault_is_a_page_and_one_line_without_its_words(
    app: Flask, make: Builders, capsys: pytest.CaptureFixture[str]
) -> None:
    client = make.sign_in(page_that(app, ValueError("Ann Example")), make.person("Ann"))
    with _written_as_in_production():
        answer = client.get("/wrong?name=Ann")
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert (answer.status_code, len(lines)) == (500, 1)
    assert (lines[0]["route"], lines[0]["fault"]) == ("/wrong", ["ValueError"])
    assert "Ann" not in str(lines)


def test_a_database_that_is_away_is_a_page_and_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    app = create_app(settings_for_tests("postgresql+psycopg://nobody:secret@127.0.0.1:1/none"))
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"] = "somebody"
    capsys.readouterr()
    answer = client.get("/my-sessions")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert "not available for a moment" in answer.text
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "secret" not in said


def test_a_form_without_its_token_says_what_to_do(client: FlaskClient) -> None:
    answer = client.post("/register", data={"full_name": "Ann"})
    assert (answer.status_code, "Go back, reload the page" in answer.text) == (400, True)


@pytest.mark.parametrize("path", ["/%00", "/?q=%00", "/?%00=1", "/sessions?text=a%00b"])
def test_a_nul_is_refused_on_every_page(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code in (400, 404)


def test_a_nul_in_a_form_is_refused(app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    for form in ({"full_name": "A\0nn"}, {"full\0name": "Ann"}):
        assert app.test_client().post("/register", data=form).status_code == 400


@pytest.mark.parametrize("id", ["0", "-1", "2147483648", "99999999999999999999", "1.5", "x", "\u0661"])
def test_an_id_that_no_row_has_is_not_there(client: FlaskClient, id: str) -> None:
    assert client.get(f"/sessions/{id}").status_code == 404


def test_too_much_at_once_is_refused(app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    answer = app.test_client().post("/register", data={"full_name": "x" * 2_000_000})
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "kind", ["application/json", "text/xml", "multipart/form-data", 'image/png; x="', ""]
)
def test_a_wrong_content_type_is_no_fault(app: Flask, kind: str) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    for path in ("/register", "/sign-in"):
        assert app.test_client().post(path, data=b"\xff\x00{", content_type=kind).status_code < 500


class _written_as_in_production:
    """Write log lines as in production, and give the lines of a test back afterwards."""

    def __enter__(self) -> None:
        from booking.web import logs

        logs.configure(settings_for_tests("sqlite://", app_env="production", log_level="ERROR"))

    def __exit__(self, *_fault: object) -> None:
        from booking.web import logs

        logs.configure(settings_for_tests("sqlite://"))
        logging.getLogger("booking").setLevel("WARNING")
