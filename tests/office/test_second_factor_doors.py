"""Every door of the office asks for the second factor again after ten hours, of the lead as of an admin."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient

from booking.web.doors import IN_THE_OFFICE, Door
from tests.house.doors import DOORS
from tests.house.season import Season, path_of, season
from tests.support.builders import Builders

NOON = "2026-03-04T12:00+00:00"
HERS = {"Ada": {Door.ADMIN, Door.CARE}, "Sal": {Door.CARE, Door.SAFEGUARDING}}
WHO = pytest.mark.parametrize("who", HERS)


@pytest.fixture
def noon(clock_at: Callable[[str], datetime]) -> datetime:
    return clock_at(NOON)


@pytest.fixture
def there(app: Flask, noon: datetime) -> Season:
    app.config["WTF_CSRF_ENABLED"] = False
    return season(app)


def doors(app: Flask, there: Season, who: str, method: str) -> Iterator[str]:
    for rule in app.url_map.iter_rules():
        if DOORS.get(rule.endpoint) in HERS[who] and method in (rule.methods or set()):
            yield path_of(app, rule.endpoint, rule.arguments, there)


def asked(client: FlaskClient, path: str, method: str = "GET") -> str | None:
    """Say where the door sends her, if it asks for her second factor."""
    answer = client.open(path, method=method)
    sent = answer.status_code == 303 and answer.location.startswith("/second-factor")
    return answer.location if sent else None


def test_these_are_all_doors_of_the_office() -> None:
    assert set(IN_THE_OFFICE) == HERS["Ada"] | HERS["Sal"]


@WHO
def test_after_ten_hours_and_no_sooner(
    app: Flask, make: Builders, there: Season, noon: datetime, clock_at: Callable[..., datetime], who: str
) -> None:
    client = make.sign_in(app.test_client(), there.people[who])
    clock_at(noon + timedelta(hours=9, minutes=59))
    paths = list(doors(app, there, who, "GET"))
    assert paths
    assert {asked(client, path) for path in paths} == {None}
    clock_at(noon + timedelta(hours=10))
    wanted = {path: f"/second-factor?next={quote(path)}" for path in paths}
    assert {path: asked(client, path) for path in paths} == wanted


@WHO
def test_nothing_is_done_without_it_and_no_form_is_carried_along(
    app: Flask, make: Builders, there: Season, who: str
) -> None:
    client = make.sign_in(app.test_client(), there.people[who], second_factor=False)
    paths = list(doors(app, there, who, "POST"))
    assert {asked(client, path, "POST") for path in paths} == {"/second-factor"}
