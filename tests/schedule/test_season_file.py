"""The season as a file: what leaves loads back to exactly the same season."""

import csv
import io
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import delete, select, update

from booking.models import (
    Programme,
    ScheduledSession,
    Series,
    SeriesChange,
    SeriesFacilitator,
    SessionFacilitator,
    SessionVersion,
    Venue,
)
from booking.models.kinds import SessionState
from booking.queries.timetable import season_csv
from booking.services.schedule import LoadReport, TimetableRefused
from tests.schedule.lines import line, online, season
from tests.support.builders import Builders
from tests.support.pages import rows, write

Load = Callable[..., LoadReport]
SAMPLE = Path(__file__).parents[2] / "booking" / "demo" / "season.csv"
EVERYTHING = {
    "join_until": "3",
    "single_weeks": "yes",
    "waiting_list": "no",
    "waiting_books": "yes",
    "opens_days_before": "21",
    "closes_minutes_before": "90",
    "newcomer_places": "4",
    "min_hosts": "2",
    "ground_rules": "2026-11",
    "suits": "newly told; living",
    "state": "draft",
    "zone": "Europe/London",
}


def exported(app: Flask) -> str:
    with app.app_context():
        return season_csv()


def cells(text: str) -> dict[str, dict[str, str]]:
    return {row["key"]: row for row in csv.DictReader(io.StringIO(text, newline=""))}


def test_the_sample_season_loads_back_and_changes_nothing(app: Flask, load: Load) -> None:
    load(SAMPLE.read_text(encoding="utf-8"))
    assert load(exported(app)) == LoadReport(series_same=25)


def test_into_an_empty_house_it_makes_the_same_season(app: Flask, load: Load) -> None:
    load(SAMPLE.read_text(encoding="utf-8"))
    text = exported(app)
    for table in (
        SessionVersion,
        SessionFacilitator,
        ScheduledSession,
        SeriesChange,
        Series,
        Venue,
        Programme,
    ):
        write(app, delete(table))
    assert load(text).series_added == 25
    assert exported(app) == text


def test_everything_a_series_decides_is_in_the_file(app: Flask, load: Load) -> None:
    load(season(line(**EVERYTHING)))
    row = cells(exported(app))["manchester"]
    assert {name: row[name] for name in EVERYTHING} == EVERYTHING
    assert load(exported(app)) == LoadReport(series_same=1)


def test_a_file_without_the_newer_columns_leaves_them_as_they_are(app: Flask, load: Load) -> None:
    load(season(line(**EVERYTHING)))
    load(season(line(start="14:00")))
    asked = select(Series.newcomer_places, Series.waiting_list, Series.suits, Series.state)
    assert rows(app, asked) == [(4, False, "newly_told living", SessionState.DRAFT)]


@pytest.mark.parametrize(
    ("cell", "wrong", "sentence"),
    [
        ("zone", "Mars/Olympus", "zone: there is no time zone called “Mars/Olympus”."),
        ("zone", "Europe/Paris", "zone: times are London time here. Leave it blank."),
        ("zone", "../etc/passwd", "zone: there is no time zone called"),
        ("state", "maybe", "state: “maybe” is none of draft, published."),
        ("join_until", "0", "join_until: a number from 1 to 52, or blank."),
        ("newcomer_places", "many", "newcomer_places: a number from 0 to 10000, or blank."),
        ("suits", "newly told; rich", "suits: “rich” is none of"),
        ("rrule", "RDATE:20270105,20270105", "Tuesday 5 January 2027 stands twice in the list."),
        ("rrule", "RDATE:20250105", "Sunday 5 January 2025 is before the series starts."),
        ("rrule", "FREQ=WEEKLY;UNTIL=20250101", "The series ends before it starts."),
        ("rrule", "FREQ=MONTHLY;INTERVAL=12;BYDAY=1MO;COUNT=500", "would go on beyond the year 2100."),
        ("name", "=HYPERLINK(1)", "name: begins with “=”, which a spreadsheet would run."),
    ],
)
def test_a_wrong_cell_is_named_by_its_line(
    app: Flask, load: Load, cell: str, wrong: str, sentence: str
) -> None:
    with pytest.raises(TimetableRefused) as refused:
        load(season(line(key="right", name="Right"), line(**{cell: wrong})))
    assert str(refused.value).startswith("Line 3: ")
    assert sentence in str(refused.value)
    assert rows(app, select(Series.id)) == []


def test_the_same_session_twice_is_refused_by_line(load: Load) -> None:
    with pytest.raises(TimetableRefused) as refused:
        load(season(line(key="a"), line(key="b", rrule="FREQ=WEEKLY;BYDAY=WE", start="15:00", end="16:00")))
    said = "Line 3: This is the same session as in line 2: “Tea & A Chat Manchester” on Wednesday 28 January"
    assert said in str(refused.value)


def test_half_past_one_on_a_night_of_the_clocks_is_refused_by_line(load: Load) -> None:
    at_night = {"rrule": "RDATE:20270328", "dtstart": "2027-03-28", "start": "01:30", "end": "03:00"}
    with pytest.raises(TimetableRefused, match="Line 2: The clocks go forward: there is no 1:30am"):
        load(season(line(**at_night)))


def test_exceptions_with_every_sign_come_back_as_they_were(app: Flask, load: Load) -> None:
    change = (
        r"2026-11-25 move 2026-11-26: hall; closed: sorry; 2026-12-30 at Hall 3\; back\: upstairs: a \\ b"
    )
    change = change.replace("hall; closed", r"hall\; closed")
    load(season(line(changes=change)))
    asked = select(SeriesChange.venue_name, SeriesChange.reason).order_by(SeriesChange.rule_date)
    assert rows(app, asked) == [("", "hall; closed: sorry"), ("Hall 3; back: upstairs", "a \\ b")]
    assert load(exported(app)) == LoadReport(series_same=1)


def test_a_title_that_a_spreadsheet_would_run_is_quoted_and_comes_back(app: Flask, load: Load) -> None:
    load(season(line()))
    for title in ("=1+1", "'=1+1", "+44", "@tea", "O'Neill's", "“–”, ‘’;\t"):
        write(app, update(Series).values(title=title.strip()))
        assert not cells(exported(app))["manchester"]["name"].startswith(("=", "+", "@"))
        assert load(exported(app)) == LoadReport(series_same=1), title


def test_a_rule_that_was_changed_leaves_its_old_exceptions_out(app: Flask, load: Load) -> None:
    load(season(line(changes="2026-12-30 skip")))
    write(app, update(Series).values(rule="FREQ=MONTHLY;BYDAY=2WE"))
    assert cells(exported(app))["manchester"]["changes"] == ""
    assert load(exported(app)).series_changed == 0


def test_hosts_stand_there_by_the_names_they_like_and_no_address_does(
    app: Flask, load: Load, make: Builders
) -> None:
    make.facilitator("Fay"), make.facilitator("Gil")
    load(season(line(hosts="fay@example.org; Gil"), online(key="other", name="Other")))
    text = exported(app)
    assert cells(text)["manchester"]["hosts"] == "Fay; Gil"
    assert "@" not in text.replace("@example.org/", "")
    assert load(text) == LoadReport(series_same=2)


def test_a_host_whose_name_means_two_people_is_left_blank(app: Flask, load: Load, make: Builders) -> None:
    make.facilitator("Fay", email="fay@example.org")
    load(season(line(hosts="fay@example.org")))
    make.person("fay", email="other@example.org")
    text = exported(app)
    assert cells(text)["manchester"]["hosts"] == ""
    assert load(text) == LoadReport(series_same=1)
    assert len(rows(app, select(SeriesFacilitator.id))) == 1


def test_a_draft_that_the_file_publishes_is_published_and_never_the_other_way(
    app: Flask, load: Load, now: datetime
) -> None:
    load(season(line(state="draft")))
    load(season(line(state="published")))
    assert rows(app, select(Series.state)) == [SessionState.PUBLISHED]
    with pytest.raises(TimetableRefused, match="Line 2: state: this series is published"):
        load(season(line(state="draft")))


def test_a_list_of_dates_is_laid_out(app: Flask, load: Load) -> None:
    load(season(line(rrule="RDATE:20261201,20270105", dtstart="2026-12-01")))
    asked = select(Series.rule)
    assert rows(app, asked) == ["RDATE:20261201,20270105"]
    assert load(exported(app)) == LoadReport(series_same=1)
    assert date(2027, 1, 5).isoformat()[:4] == "2027"
