"""A change of a whole series is one deed: the office counts who has not been told of it yet."""

from datetime import date, time

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from booking import clock
from booking.db import db
from booking.models import Message, ScheduledSession, SeasonDeed, Series
from booking.queries import told, upkeep
from booking.queries.effects import Effect, seen_mark
from booking.refusals import CannotUndo
from booking.rules.edits import SeriesEdit
from booking.services import calling_off, schedule, series
from tests.office.season import Season
from tests.schedule import lines
from tests.support import pages
from tests.support.builders import Builders

DEEDS = select(SeasonDeed.id)


@pytest.fixture
def booked(season: Season, make: Builders) -> int:
    """A series of which Ann and Cato have a place in December, and Ann one in January."""
    december, january = (make.session(season.tea, on=on) for on in (date(2026, 12, 16), date(2027, 1, 27)))
    make.booking(december, season.ann)
    make.booking(december, make.person("Cato", email=None, phone="07700 900123"))
    make.booking(january, season.ann)
    return season.tea


def change(app: Flask, series_id: int, **facts: object) -> Effect:
    with app.app_context():
        mark = seen_mark(db.session.get_one(Series, series_id))
        return series.change_series(series_id, SeriesEdit(**facts), None, 1, clock.now(), mark)  # type: ignore[arg-type]


def test_a_new_hour_for_a_series_is_one_deed_with_everybody_in_it(app: Flask, booked: int) -> None:
    (deed_id,) = change(app, booked, start_time=time(14)).deed_ids
    assert pages.rows(app, DEEDS) == [deed_id]
    with app.app_context():
        found = told.not_told(deed_id, clock.now())
        # Ann has a place on three of its dates, Cato on one.
        assert (found.total, [call.known_as for call in found.calls]) == (4, ["Cato"])
        assert [(one.deed_id, one.people) for one in told.untold(clock.now())] == [(deed_id, 4)]
        assert len(told.one_deed(deed_id).dates) == 3
        assert upkeep.problems() == []


def test_what_nobody_plans_her_day_by_is_no_deed(app: Flask, booked: int) -> None:
    assert change(app, booked, description="With biscuits").deed_ids == ()
    assert pages.rows(app, DEEDS) == pages.rows(app, select(Message.id)) == []


def test_a_series_nobody_has_booked_changes_without_a_deed(app: Flask, season: Season) -> None:
    assert change(app, season.yoga, start_time=time(14)).deed_ids == ()


def test_a_changed_series_is_changed_back_and_not_undone(app: Flask, desk: FlaskClient, booked: int) -> None:
    (deed_id,) = change(app, booked, start_time=time(14)).deed_ids
    with pytest.raises(CannotUndo), app.app_context():
        calling_off.undo(deed_id, 1, clock.now())
    page = desk.get(f"/office/told/{deed_id}")
    assert "Change the series back instead" in pages.words(page)
    assert f"/office/series/{booked}/edit" in page.text
    assert f"/office/told/{deed_id}/undo" not in page.text


def test_a_file_that_moves_dates_is_one_deed_too(app: Flask, make: Builders) -> None:
    with app.app_context():
        schedule.load_timetable(lines.season(lines.line()), clock.now())
    first = pages.rows(app, select(ScheduledSession.id).order_by(ScheduledSession.starts_at))[0]
    make.booking(first, make.person("Dora"))
    with app.app_context():
        report = schedule.load_timetable(lines.season(lines.line(start="14:00")), clock.now())
        assert [told.not_told(each, clock.now()).total for each in report.deed_ids] == [1]
