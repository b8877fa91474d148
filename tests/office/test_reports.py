"""The office's numbers are those that somebody counts by hand."""

from datetime import date, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from booking.db import db
from booking.models import Booking
from booking.models.kinds import Attendance
from booking.queries import report_rows, reports
from booking.queries.reports import Counted, Figures, Review
from tests.office.season import NOW, Season
from tests.support import pages
from tests.support.builders import Builders

WHOLE = Figures(
    sessions=2,
    cancelled=1,
    people=1,
    attendances=3,
    unnamed=1,
    first_timers=1,
    kept=2,
    did_not_come=1,
    not_recorded=1,
    gave_up=1,
)


def review(**asked: int) -> Review:
    return Review(date(2025, 12, 1), date(2026, 11, 22), datetime.fromisoformat(NOW), **asked)


def test_the_figures_are_those_counted_by_hand(app: Flask, season: Season) -> None:
    with app.app_context():
        assert reports.figures(review()) == WHOLE


def test_a_mark_changes_the_figures(app: Flask, season: Season) -> None:
    with app.app_context():
        db.session.get_one(Booking, season.bens_november).attendance = Attendance.CAME
        db.session.commit()
        now = reports.figures(review())
    assert (now.people, now.attendances, now.not_recorded, now.first_timers) == (2, 4, 0, 2)


def test_one_programme_is_counted_by_itself(app: Flask, season: Season) -> None:
    with app.app_context():
        programmes = {name: key for key, name in reports.programmes()}
        yoga = reports.figures(review(programme_id=programmes["Wellbeing classes"]))
    assert (yoga.people, yoga.attendances, yoga.sessions, yoga.gave_up) == (1, 1, 1, 1)


def test_somebody_who_came_to_another_series_before_is_no_first_timer(app: Flask, season: Season) -> None:
    with app.app_context():
        assert reports.figures(review(series_id=season.yoga)).first_timers == 0
        assert reports.figures(review(series_id=season.tea)).first_timers == 1


def test_every_month_stands_in_the_table_even_an_empty_one(app: Flask, season: Season) -> None:
    with app.app_context():
        months = reports.by_month(review())
    assert [row.month for row in months][:2] == [date(2025, 12, 1), date(2026, 1, 1)]
    assert [row.figures.attendances for row in months] == [0] * 10 + [2, 1]


def test_the_series_add_up_to_the_whole(app: Flask, season: Season) -> None:
    with app.app_context():
        series = reports.by_series(review())
    assert [row.title for row in series] == ["Chair yoga", "Tea & A Chat Manchester"]
    assert sum(row.figures.attendances for row in series) == WHOLE.attendances


@pytest.mark.parametrize("counted", list(Counted))
def test_each_number_has_as_many_rows(app: Flask, season: Season, counted: Counted) -> None:
    with app.app_context():
        found = report_rows.rows(review(), counted)
    assert found.total == len(found.rows) == getattr(WHOLE, counted.value)


def test_first_times_at_the_same_moment_are_one(app: Flask, season: Season) -> None:
    elsewhere = Builders(app).session(season.tea, on=date(2026, 10, 28), rule_date=date(2026, 10, 27))
    Builders(app).booking(elsewhere, season.ann, attendance=Attendance.PART)
    with app.app_context():
        assert reports.figures(review()).first_timers == 1
        assert report_rows.rows(review(), Counted.FIRST_TIMERS).total == 1


def test_a_range_counts_both_its_days(app: Flask, season: Season) -> None:
    day = Review(date(2026, 10, 28), date(2026, 10, 28), datetime.fromisoformat(NOW))
    with app.app_context():
        assert reports.figures(day).attendances == 2


def test_more_sessions_do_not_mean_more_questions(app: Flask, season: Season) -> None:
    asked: list[str] = []
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
        reports.by_series(review())
        reports.by_month(review())
        reports.figures(review())
    assert len([sql for sql in asked if sql.startswith("SELECT")]) == 3


def test_a_day_is_read_as_people_type_it_and_what_is_none_is_said_once(desk: FlaskClient) -> None:
    assert "Sessions from Thursday 1 October 2026" in pages.words(
        desk.get("/office/attendance?since=1+10+2026")
    )
    said = pages.words(desk.get("/office/attendance?since=yesterday"))
    assert said.split("Attendance")[0].count("Enter a date such as 1 3 2026") == 1
    assert "Not a valid date value" not in said
