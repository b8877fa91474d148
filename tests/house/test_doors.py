"""Who may enter which page."""

from collections.abc import Iterator
from itertools import product

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from booking.db import db
from booking.web.doors import Door, opens_for
from tests.house import rows
from tests.house.doors import DOORS, HELD_BY_NOBODY, HERS, problems
from tests.house.season import ADA_BEFORE, Season, path_of, season, visitors
from tests.support.pages import without_token

# A mail program stops news with one press and sends no form of ours: its token stands in the address.
ONE_CLICK = {"pages.unsubscribe"}
# It says so when letters are late, as they are here.
MAY_BE_RED = {"pages.ready"}
EVERYBODY = {"stranger", "Ann", "Ben", "Fay", "Gil", "Ada", ADA_BEFORE, "Sal"}
OPEN_TO = {
    Door.ANYONE: EVERYBODY,
    Door.SIGNED_IN: EVERYBODY - {"stranger"},
    Door.FACILITATOR: {"Fay", "Gil"},
    Door.ADMIN: {"Ada"},
    Door.CARE: {"Ada", "Sal"},
    Door.SAFEGUARDING: {"Sal"},
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
    clients, wrong = visitors(app, there), []
    assert set(clients) == EVERYBODY
    before = _everything(app)
    for endpoint, method, path in _addresses(app, there):
        for name in sorted(EVERYBODY - _entitled(endpoint)):
            answer = clients[name].open(path, method=method)
            if not _is_shut(answer, name, DOORS[endpoint]):
                wrong.append(f"{method} {path} opened for {name}: {answer.status}")
    assert wrong == []
    assert _everything(app) == before, "somebody who was refused changed something"


def test_everybody_enters_by_her_own_doors(app: Flask, there: Season) -> None:
    clients, wrong = visitors(app, there), []
    for endpoint, path in _pages(app, there):
        for name in sorted(_entitled(endpoint)):
            answer = clients[name].get(path)
            if _is_sent_away(answer) or (endpoint in HERS and answer.status_code == 404):
                wrong.append(f"{path} is shut for {name}: {answer.status}")
    assert wrong == []


def test_an_id_of_somebody_else_is_an_id_of_nobody(app: Flask, there: Season) -> None:
    clients = visitors(app, there)
    for endpoint, method, path in _addresses(app, there):
        if endpoint in HERS:
            swapped, absent = path.replace("/1", "/2"), path.replace("/1", "/987654")
            answers = [clients[HERS[endpoint]].open(other, method=method) for other in (swapped, absent)]
            assert [answer.status_code for answer in answers] == [404, 404], f"{method} {swapped}"
            assert without_token(answers[0]) == without_token(answers[1])


def test_every_page_with_an_id_says_whose_it_is(app: Flask) -> None:
    of_one = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.arguments - {"token", "filename", "key", "purpose"}
        and DOORS.get(rule.endpoint) in (Door.SIGNED_IN, Door.FACILITATOR)
    }
    assert of_one - set(HERS) - HELD_BY_NOBODY == set()


def test_nothing_is_posted_without_the_token_of_a_form(app: Flask, there: Season) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    clients, taken = visitors(app, there), []
    before = _everything(app)
    for endpoint, method, path in _addresses(app, there):
        name = min(_entitled(endpoint))
        if (
            method == "POST"
            and endpoint not in ONE_CLICK
            and clients[name].post(path, data={"agrees": "y"}).status_code != 400
        ):
            taken.append(f"{path} took a form of {name} without its token")
    assert taken == []
    assert _everything(app) == before


def test_no_page_that_is_opened_changes_anything(app: Flask, there: Season) -> None:
    clients, never_opened = visitors(app, there), set()
    before = _everything(app)
    for endpoint, path in _pages(app, there):
        answers = [_get(client, path) for client in clients.values()]
        for name, method in product(clients, ("HEAD", "OPTIONS")):
            clients[name].open(path, method=method).close()
        assert _everything(app) == before, f"GET {path} changed something"
        assert max(answers) < 500 or endpoint in MAY_BE_RED, f"GET {path} failed"
        never_opened |= {endpoint} if min(answers) >= 400 else set()
    assert sorted(never_opened - MAY_BE_RED) == [], (
        "nobody could open these, so the walk shows nothing of them"
    )


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


def _entitled(endpoint: str) -> set[str]:
    return {HERS[endpoint]} if endpoint in HERS else OPEN_TO[DOORS[endpoint]]


def _is_shut(answer: TestResponse, name: str, door: Door) -> bool:
    if name == "stranger":
        return answer.status_code == 303 and "/sign-in" in answer.location
    if name == ADA_BEFORE and door in (Door.ADMIN, Door.CARE):
        return answer.status_code == 303 and "/second-factor" in answer.location
    return answer.status_code == 404


def _is_sent_away(answer: TestResponse) -> bool:
    sent = answer.status_code == 303 and answer.location
    return bool(sent and any(place in answer.location for place in ("/sign-in?", "/second-factor?")))


def _get(client: FlaskClient, path: str) -> int:
    with client.get(path) as answer:
        return answer.status_code


def _everything(app: Flask) -> dict[str, list[str]]:
    with app.app_context(), db.engine.connect() as connection:
        return rows.everything(connection)
