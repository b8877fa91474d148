"""The attendance page: the same numbers as counted by hand, their rows, and the file."""

import csv
from io import StringIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from booking.models import AuditEntry, Booking, Series
from booking.models.kinds import Attendance
from tests.office.season import Season
from tests.support import pages
from tests.support.builders import Builders


def test_the_page_shows_the_numbers_counted_by_hand(desk: FlaskClient) -> None:
    said = pages.words(desk.get("/office/attendance"))
    assert "Sessions from Monday 1 December 2025 to Sunday 22 November 2026" in said
    assert "People who came 1 People who came and 1 person without a name" in said
    assert "Attendances 3 Attendances" in said
    assert "67% Places taken up 2 of 3 booked and recorded" in said
    assert "Not recorded 1 Not recorded not counted as" in said


def test_a_mark_on_the_register_changes_the_page(app: Flask, desk: FlaskClient, season: Season) -> None:
    marked = update(Booking).where(Booking.id == season.bens_november).values(attendance=Attendance.CAME)
    pages.write(app, marked)
    said = pages.words(desk.get("/office/attendance"))
    assert "People who came 2 People who came" in said
    assert "75% Places taken up 3 of 4 booked and recorded" in said


def test_the_line_and_its_table_show_the_same_months(desk: FlaskClient) -> None:
    page = desk.get("/office/attendance")
    said = pages.words(page)
    assert 'role="img"' in page.text
    assert "October 2026 1 Sessions that took place, October 2026" in said
    assert "2 Attendances, October 2026" in said


def test_a_number_leads_to_the_people_behind_it(desk: FlaskClient, season: Season) -> None:
    page = desk.get("/office/attendance/rows?counted=people")
    assert f'href="/office/people/{season.ann}"' in page.text
    assert "1, from Monday 1 December 2025" in pages.words(page)


def test_the_unnamed_stand_among_the_attendances(desk: FlaskClient) -> None:
    assert "Somebody without a name" in pages.words(desk.get("/office/attendance/rows?counted=attendances"))


def test_one_series_is_shown_by_itself(desk: FlaskClient, season: Season) -> None:
    said = pages.words(desk.get(f"/office/attendance?series={season.yoga}"))
    assert "By series Series" in said
    assert "Chair yoga 1 Sessions" in said
    assert "Tea & A Chat Manchester 1" not in said


def test_long_lists_turn_their_pages(desk: FlaskClient, make: Builders, season: Season) -> None:
    for number in range(51):
        person = make.person(f"P{number:02}")
        make.booking(season.october, person, attendance=Attendance.CAME)
    first = pages.words(desk.get("/office/attendance/rows?counted=people"))
    last = pages.words(desk.get("/office/attendance/rows?counted=people&page=2"))
    assert "P00" in first
    assert "P50" not in first
    assert "P50" in last


@pytest.mark.parametrize(
    "asked",
    [
        "since=yesterday",
        "since=0001-01-01",
        "until=9999-12-31",
        "since=2026-11-01&until=2026-10-01",
        "programme=999",
        "series=99999999999999999999999",
        "since=" + "9" * 10_000,
        "programme=%F0%9F%98%80&series=-1",
    ],
)
def test_a_filter_that_makes_no_sense_is_said_at_its_field(desk: FlaskClient, asked: str) -> None:
    page = desk.get(f"/office/attendance?{asked}")
    assert page.status_code == 200
    assert "There is a problem" in page.text


@pytest.mark.parametrize("asked", ["counted=secrets", "", "counted=people&page=0", "counted=people&page=9"])
def test_rows_of_nothing_are_not_found(desk: FlaskClient, asked: str) -> None:
    assert desk.get(f"/office/attendance/rows?{asked}").status_code == 404


def test_the_file_holds_bookings_without_names(desk: FlaskClient, season: Season) -> None:
    answer = pages.send(desk, "/office/attendance.csv", page="/office/attendance")
    lines = list(csv.DictReader(StringIO(answer.text)))
    assert len(lines) == 7
    assert lines[0] == {
        "session_date": "2026-10-28",
        "series": "Tea & A Chat Manchester",
        "programme": "Tea & A Chat",
        "pool": "room",
        "state": "booked",
        "attendance": "came",
        "person_id": str(season.ann),
    }
    assert "Ann" not in answer.text


def test_taking_the_file_is_written_down(app: Flask, desk: FlaskClient, season: Season) -> None:
    pages.send(desk, "/office/attendance.csv", page="/office/attendance")
    asked = select(AuditEntry.actor_id, AuditEntry.action).where(AuditEntry.action == "exported attendance")
    assert [tuple(row) for row in pages.rows(app, asked)] == [(season.ada, "exported attendance")]


def test_a_formula_in_the_file_does_not_run(app: Flask, desk: FlaskClient, season: Season) -> None:
    pages.write(app, update(Series).where(Series.id == season.tea).values(title="=1+1"))
    answer = pages.send(desk, "/office/attendance.csv", page="/office/attendance")
    assert ",'=1+1," in answer.text
    assert ",=1+1" not in answer.text


def test_the_file_is_not_for_opening(desk: FlaskClient) -> None:
    assert desk.get("/office/attendance.csv").status_code in (404, 405)
