"""Who may enter which page."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from booking.db import db
from booking.web.doors import Door, opens_for
from tests.house import rows
from tests.house.doors import DOORS, problems
from tests.house.season import Season, path_of, season, visitors

OPEN_TO = {
    Door.ANYONE: {"stranger", "Ann", "Fay", "Ada"},
    Door.SIGNED_IN: {"Ann", "Fay", "Ada"},
    Door.FACILITATOR: {"Fay"},
    Door.ADMIN: {"Ada"},
}


@pytest.fixture
def there(app: Flask) -> Season:
    # What a token in a form guards is shown elsewhere; here every form is sent without one.
    app.config["WTF_CSRF_ENABLED"] = False
    return season(app)


def test_every_endpoint_stands_in_the_table_of_doors(app: Flask) -> None:
    assert problems(app, DOORS) == []


def test_a_missing_a_stale_and_a_wrong_door_are_named(app: Flask) -> None:
    broken = DOORS | {"pages.attic": Door.ANYONE, "pages.help": Door.ADMIN}
    del broken["pages.home"]
    named = [sentence.split(":")[0] for sentence in problems(app, broken)]
    assert named == ["different", "missing", "stale"]


def test_a_view_without_a_door_is_named_and_shut(app: Flask) -> None:
    app.add_url_rule("/attic", "attic", lambda: "Nobody said for whom this opens")
    assert app.test_client().get("/attic").status_code == 404
    assert problems(app, DOORS) == ['missing: "attic": NOBODY,']


def test_nobody_enters_by_a_door_that_is_not_hers(app: Flask, there: Season) -> None:
    clients = visitors(app, there)
    for endpoint, method, path in _addresses(app, there):
        for name, client in clients.items():
            if name not in OPEN_TO[DOORS[endpoint]]:
                answer = client.open(path, method=method)
                assert _is_shut(answer, name), f"{method} {path} opened for {name}: {answer.status}"


def test_no_page_that_is_opened_changes_anything(app: Flask, there: Season) -> None:
    clients, never_opened = visitors(app, there), set()
    before = _everything(app)
    for endpoint, path in _pages(app, there):
        answers = [_get(client, path) for client in clients.values()]
        assert _everything(app) == before, f"GET {path} changed something"
        assert max(answers) < 500, f"GET {path} failed"
        never_opened |= {endpoint} if min(answers) >= 400 else set()
    assert sorted(never_opened) == [], "nobody could open these, so the walk shows nothing of them"


def test_a_page_that_changes_something_is_noticed(app: Flask, there: Season) -> None:
    @app.get("/careless")
    @opens_for(Door.ANYONE)
    def careless() -> str:
        with db.engine.begin() as connection:
            connection.exec_driver_sql("UPDATE person SET known_as = 'Anna' WHERE id = 1")
        return "Changed"

    before = _everything(app)
    _get(app.test_client(), "/careless")
    assert _everything(app) != before


def _addresses(app: Flask, there: Season) -> Iterator[tuple[str, str, str]]:
    for rule in app.url_map.iter_rules():
        if rule.endpoint in DOORS:
            for method in sorted((rule.methods or set()) & {"GET", "POST"}):
                yield rule.endpoint, method, path_of(app, rule.endpoint, rule.arguments, there)


def _pages(app: Flask, there: Season) -> list[tuple[str, str]]:
    return [(endpoint, path) for endpoint, method, path in _addresses(app, there) if method == "GET"]


def _is_shut(answer: TestResponse, name: str) -> bool:
    if name == "stranger":
        return answer.status_code == 303 and "/sign-in" in answer.location
    return answer.status_code == 404


def _get(client: FlaskClient, path: str) -> int:
    with client.get(path) as answer:
        return answer.status_code


def _everything(app: Flask) -> dict[str, list[str]]:
    with app.app_context(), db.engine.connect() as connection:
        return rows.everything(connection)
