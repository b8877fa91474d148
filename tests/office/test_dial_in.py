"""How to join by telephone is written down once for a series, kept by every later change, and shown."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from booking.models import Series
from tests.office.filled import filled_in
from tests.office.season import Season
from tests.support import pages

NEW = "/office/schedule/new"
NUMBER = "0306 999 0199, then 123 456#"


@pytest.fixture
def online(app: Flask, desk: FlaskClient, season: Season) -> int:
    """An online series, planned through the pages with a number to dial."""
    said = {
        "programme": "Tea & A Chat",
        "title": "Tea & A Chat by screen",
        "meeting_url": "https://meet.example.org/raw-secret",
        "starts_on": ["25", "11", "2026"],
        "start_time": "13:30",
        "repeat": "monthly",
        "nth": "-1",
        "dial_in": NUMBER,
    }
    assert pages.send(desk, NEW, step="save", **said).status_code == 303
    return int(pages.rows(app, select(Series.id).where(Series.title == "Tea & A Chat by screen"))[0])


def dial_in(app: Flask, series_id: int) -> list[str]:
    return pages.rows(app, select(Series.dial_in).where(Series.id == series_id))


def test_the_number_is_kept_and_read_again(app: Flask, desk: FlaskClient, online: int) -> None:
    assert dial_in(app, online) == [NUMBER]
    assert f"Joining by telephone {NUMBER}" in pages.words(desk.get(f"/office/series/{online}"))


def test_another_change_keeps_it_and_its_own_change_is_seen_first(
    app: Flask, desk: FlaskClient, online: int
) -> None:
    path = f"/office/series/{online}/edit"
    as_it_is = filled_in(desk.get(path))
    assert as_it_is["dial_in"] == [NUMBER]
    seen = pages.words(pages.send(desk, path, **(as_it_is | {"step": "check", "dial_in": "0306 999 0100"})))
    assert f"Joining by telephone {NUMBER} 0306 999 0100" in seen
    assert dial_in(app, online) == [NUMBER]


def test_a_number_of_a_whole_page_is_too_long(app: Flask, desk: FlaskClient, online: int) -> None:
    path = f"/office/series/{online}/edit"
    answer = pages.send(desk, path, **(filled_in(desk.get(path)) | {"step": "check", "dial_in": "1" * 300}))
    assert answer.status_code in (200, 422)
    assert dial_in(app, online) == [NUMBER]
