"""Dates on a day off: nobody is asked twice, and nobody who booked loses her place by an answer."""

from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, func, select

from booking import clock
from booking.db import db
from booking.models import ScheduledSession, Series, SeriesChange, Venue
from booking.queries import days_off
from booking.queries.timetable import season_csv
from booking.services import schedule, timetable
from tests.office.filled import filled_in
from tests.office.season import Season
from tests.support import pages
from tests.support.builders import Builders

NEW = "/office/schedule/new"
CHRISTMAS = "2026-12-30"


@pytest.fixture
def facts(app: Flask, season: Season) -> dict[str, Any]:
    """Tea & A Chat Leeds on the last Wednesday of the month, of which the first is the 30th of December."""
    return {
        "programme": "Tea & A Chat",
        "title": "Tea & A Chat Leeds",
        "venue": str(pages.rows(app, select(Venue.id))[0]),
        "starts_on": ["30", "12", "2026"],
        "start_time": "13:30",
        "repeat": "monthly",
    }


@pytest.fixture
def leeds(app: Flask, desk: FlaskClient, facts: dict[str, Any]) -> int:
    """A series that was saved without a word about that date."""
    pages.send(desk, NEW, step="save", **facts)
    return int(pages.rows(app, select(func.max(Series.id)))[0])


def page_of(series_id: int) -> str:
    return f"/office/series/{series_id}/days-off"


def answered(app: Flask, series_id: int) -> list[tuple[str, str]]:
    asked = select(SeriesChange).where(SeriesChange.series_id == series_id).order_by(SeriesChange.rule_date)
    return [(str(row.rule_date), row.action) for row in pages.rows(app, asked)]


def days_of(app: Flask, series_id: int) -> list[str]:
    asked = select(ScheduledSession.local_date).where(ScheduledSession.series_id == series_id)
    return [str(on) for on in pages.rows(app, asked.order_by(ScheduledSession.local_date))]


def test_a_date_that_nobody_decided_stands_in_the_gaps_and_on_today(desk: FlaskClient, leeds: int) -> None:
    gaps = pages.words(desk.get("/office/schedule/gaps"))
    assert "1 date to decide" in gaps
    assert "Tea & A Chat Leeds : Wednesday 30 December 2026" in gaps
    assert "1 date to decide : on a bank holiday or around Christmas" in pages.words(desk.get("/office"))
    assert "1 date to decide" in pages.words(desk.get(f"/office/series/{leeds}"))
    assert "Christmas and New Year" in pages.words(desk.get(page_of(leeds)))


def test_who_keeps_it_while_planning_is_not_asked_again(
    app: Flask, desk: FlaskClient, facts: dict[str, Any]
) -> None:
    pages.send(desk, NEW, step="save", **facts, **{f"clash-{CHRISTMAS}": "keep"})
    series_id = int(pages.rows(app, select(func.max(Series.id)))[0])
    assert answered(app, series_id) == [(CHRISTMAS, "keep")]
    assert days_of(app, series_id)[0] == CHRISTMAS
    assert "to decide" not in pages.words(desk.get("/office/schedule/gaps"))
    assert "Nothing to decide" in pages.words(desk.get(page_of(series_id)))


def test_what_the_worker_adds_is_asked_about(
    app: Flask, desk: FlaskClient, facts: dict[str, Any], clock_at: Any
) -> None:
    pages.send(desk, NEW, step="save", **facts, **{f"clash-{CHRISTMAS}": "keep"})
    series_id = int(pages.rows(app, select(func.max(Series.id)))[0])
    clock_at("2027-06-25T12:00+00:00")
    with app.app_context():
        schedule.fill_horizon(clock.now())
        assert days_off.dates_to_decide(series_id, clock.now()) == []
    clock_at("2027-07-15T12:00+00:00")
    with app.app_context():
        schedule.fill_horizon(clock.now())
        waiting = days_off.dates_to_decide(series_id, clock.now())
        assert [each.local_date for each in waiting] == [date(2027, 12, 29)]


@pytest.mark.parametrize("times", [1, 2])
def test_keep_is_remembered_and_changes_nothing(
    app: Flask, desk: FlaskClient, leeds: int, times: int
) -> None:
    before = days_of(app, leeds)
    for _time in range(times):
        answer = pages.send(desk, page_of(leeds), page="/office/people", **{f"clash-{CHRISTMAS}": "keep"})
        assert answer.status_code == 303
    assert answered(app, leeds) == [(CHRISTMAS, "keep")]
    assert days_of(app, leeds) == before
    assert "to decide" not in pages.words(desk.get("/office"))


@pytest.mark.parametrize("times", [1, 2])
def test_a_date_is_left_out_and_stays_out(app: Flask, desk: FlaskClient, leeds: int, times: int) -> None:
    said = {f"clash-{CHRISTMAS}": "skip", f"why-{CHRISTMAS}": "back on Wednesday 27 January 2027"}
    for _time in range(times):
        assert pages.send(desk, page_of(leeds), page="/office/people", **said).status_code == 303
    with app.app_context():
        schedule.fill_horizon(clock.now())
    assert days_of(app, leeds)[0] == "2027-01-27"
    assert "back on Wednesday 27 January 2027" in pages.words(desk.get(f"/office/series/{leeds}"))


def test_a_date_moves_to_another_day(app: Flask, desk: FlaskClient, leeds: int) -> None:
    said = {f"clash-{CHRISTMAS}": "move", f"to-{CHRISTMAS}": "5 January 2027"}
    assert pages.send(desk, page_of(leeds), **said).status_code == 303
    assert days_of(app, leeds)[:2] == ["2027-01-05", "2027-01-27"]
    assert "to decide" not in pages.words(desk.get("/office/schedule/gaps"))


@pytest.mark.parametrize("typed", ["", "some day", "30 December 2026", "27 January 2027"])
def test_a_day_that_can_not_be_leads_to_its_box(
    app: Flask, desk: FlaskClient, leeds: int, typed: str
) -> None:
    said = {f"clash-{CHRISTMAS}": "move", f"to-{CHRISTMAS}": typed}
    answer = pages.send(desk, page_of(leeds), **said)
    assert answer.status_code == 422
    assert f'<a href="#to-{CHRISTMAS}">' in answer.text
    assert f'value="{typed}"' in answer.text
    assert answered(app, leeds) == []


def test_somebody_booked_is_told_on_the_pages_that_cancel_and_move(
    app: Flask, desk: FlaskClient, leeds: int, season: Season, make: Builders
) -> None:
    first = pages.rows(app, select(func.min(ScheduledSession.id)).where(ScheduledSession.series_id == leeds))
    make.booking(first[0], season.ann)
    page = desk.get(page_of(leeds)).text
    assert all(f"/office/sessions/{first[0]}/{deed}" in page for deed in ("cancel", "move"))
    answer = pages.send(desk, page_of(leeds), **{f"clash-{CHRISTMAS}": "skip"})
    assert answer.status_code == 422
    assert days_of(app, leeds)[0] == CHRISTMAS
    pages.send(desk, page_of(leeds), **{f"clash-{CHRISTMAS}": "later"})
    assert answered(app, leeds) == []
    pages.send(desk, page_of(leeds), **{f"clash-{CHRISTMAS}": "keep"})
    assert answered(app, leeds) == [(CHRISTMAS, "keep")]


def test_a_changed_series_remembers_what_was_kept_until_its_day_is_another(
    app: Flask, desk: FlaskClient, leeds: int
) -> None:
    pages.send(desk, page_of(leeds), **{f"clash-{CHRISTMAS}": "keep"})
    path = f"/office/series/{leeds}/edit"
    later = filled_in(desk.get(path)) | {"start_time": "14:00", "end_time": "16:00"}
    assert pages.send(desk, path, **(later | {"step": "save"})).status_code == 303
    assert answered(app, leeds) == [(CHRISTMAS, "keep")]
    thursdays = filled_in(desk.get(path)) | {"weekdays": ["3"], "starts_on": ["31", "12", "2026"]}
    assert pages.send(desk, path, **(thursdays | {"step": "save"})).status_code == 303
    assert days_of(app, leeds)[0] == "2026-12-31"
    assert answered(app, leeds) == []
    assert "Thursday 31 December 2026" in pages.words(desk.get("/office/schedule/gaps"))


def test_the_file_of_the_season_knows_what_was_kept_and_forgets_nothing(
    app: Flask, desk: FlaskClient, leeds: int
) -> None:
    pages.send(desk, page_of(leeds), **{f"clash-{CHRISTMAS}": "keep"})
    with app.app_context():
        written = season_csv()
        assert f"{CHRISTMAS} keep" in written
        for text in (written, written.replace(f"{CHRISTMAS} keep", "")):
            report = timetable.load_season(text, None, clock.now())
            assert ("Tea & A Chat Leeds", "same") in report.each
    assert answered(app, leeds) == [(CHRISTMAS, "keep")]


def test_a_cancelled_date_and_a_single_one_ask_nothing(
    app: Flask, desk: FlaskClient, leeds: int, facts: dict[str, Any]
) -> None:
    with app.app_context():
        first = select(func.min(ScheduledSession.id)).where(ScheduledSession.series_id == leeds)
        schedule.cancel_session(db.session.scalar(first) or 0, "", None, clock.now())
    pages.send(desk, NEW, step="save", **(facts | {"title": "A party", "repeat": "once"}))
    assert "to decide" not in pages.words(desk.get("/office/schedule/gaps"))


def test_ten_series_ask_as_many_questions_as_one(
    app: Flask, desk: FlaskClient, facts: dict[str, Any], leeds: int
) -> None:
    def asked() -> int:
        counted: list[str] = []
        with app.app_context():
            event.listen(db.engine, "before_cursor_execute", lambda *told: counted.append(told[2]))
            days_off.how_many(clock.now())
            days_off.series_to_decide(clock.now(), 40)
            days_off.dates_to_decide(leeds, clock.now())
        return len(counted)

    asked()
    once = asked()
    for number in range(9):
        pages.send(desk, NEW, step="save", **(facts | {"title": f"Tea & A Chat {number}"}))
    assert asked() == once


def test_a_host_and_a_stranger_decide_nothing(app: Flask, make: Builders, leeds: int) -> None:
    for client in (app.test_client(), make.sign_in(app.test_client(), make.facilitator())):
        assert client.get(page_of(leeds)).status_code in (302, 303, 403, 404)
    assert answered(app, leeds) == []
