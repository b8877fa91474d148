"""Changing a series: what it does to dates and people is seen first, and nobody loses a booking."""

from datetime import date, time
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from booking import clock
from booking.models import Booking, Message, ScheduledSession, Series
from booking.models.kinds import BookingState, MessageKind
from booking.rules.changes import Change
from booking.services import series as deeds
from tests.office.filled import filled_in
from tests.office.season import Season
from tests.support import pages
from tests.support.builders import Builders

NEW = "/office/schedule/new"


@pytest.fixture
def leeds(app: Flask, desk: FlaskClient, season: Season) -> int:
    """Tea & A Chat Leeds, planned through the pages: last Wednesdays from November to April."""
    venue = pages.rows(app, select(Series.venue_id).where(Series.id == season.tea))[0]
    said = {
        "programme": "Tea & A Chat",
        "title": "Tea & A Chat Leeds",
        "venue": str(venue),
        "starts_on": ["25", "11", "2026"],
        "start_time": "13:30",
        "repeat": "monthly",
        "nth": "-1",
    }
    assert pages.send(desk, NEW, step="save", **said).status_code == 303
    series_id = pages.rows(app, select(Series.id).where(Series.title == "Tea & A Chat Leeds"))[0]
    return int(series_id)


def dates_of(app: Flask, series_id: int) -> list[Any]:
    asked = select(ScheduledSession).where(ScheduledSession.series_id == series_id)
    return pages.rows(app, asked.order_by(ScheduledSession.local_date))


def change(desk: FlaskClient, series_id: int, **said: Any) -> TestResponse:
    path = f"/office/series/{series_id}/edit"
    return pages.send(desk, path, **(filled_in(desk.get(path)) | said))


def test_the_form_as_it_stands_changes_nothing(desk: FlaskClient, leeds: int) -> None:
    assert "Nothing is different." in pages.after(desk, change(desk, leeds, step="check"))


def test_a_new_hour_says_how_many_dates_and_people_it_means(
    app: Flask, desk: FlaskClient, make: Builders, season: Season, leeds: int
) -> None:
    make.booking(dates_of(app, leeds)[0].id, season.ann)
    said = pages.words(change(desk, leeds, step="check", start_time="14:00", end_time="16:00"))
    assert "6 dates, 1 person booked." in said
    assert "Time 1:30pm to 3:30pm 2pm to 4pm" in said
    assert "Who will be told: 1 by email." in said
    assert {each.start_time for each in dates_of(app, leeds)} == {time(13, 30)}


def test_saving_does_what_the_look_said(
    app: Flask, desk: FlaskClient, make: Builders, season: Season, leeds: int
) -> None:
    make.booking(dates_of(app, leeds)[0].id, season.ann)
    look = change(desk, leeds, step="check", start_time="14:00", end_time="16:00")
    answer = pages.send(desk, f"/office/series/{leeds}/edit", **(filled_in(look) | {"step": "save"}))
    assert "Saved. 1 by email." in pages.after(desk, answer)
    assert {each.start_time for each in dates_of(app, leeds)} == {time(14)}
    told = select(Message.person_id).where(Message.kind == MessageKind.SESSION_CHANGED)
    assert pages.rows(app, told) == [season.ann]


def test_earlier_dates_stay_where_a_change_holds_from_a_date_on(
    app: Flask, desk: FlaskClient, leeds: int
) -> None:
    third = dates_of(app, leeds)[2]
    later = {"from_date": third.rule_date.isoformat(), "start_time": "14:00", "end_time": "16:00"}
    assert change(desk, leeds, step="save", **later).status_code == 303
    starts = [each.start_time for each in dates_of(app, leeds)]
    assert starts == [time(13, 30)] * 2 + [time(14)] * 4


def test_a_date_that_differs_stays_as_it_is_and_is_named(app: Flask, desk: FlaskClient, leeds: int) -> None:
    second = dates_of(app, leeds)[1]
    longer = date_form(desk, second.id) | {"end_time": "17:00", "step": "save"}
    pages.send(desk, f"/office/sessions/{second.id}/edit", **longer)
    page = pages.words(desk.get(f"/office/series/{leeds}"))
    assert "This date differs: end" in page
    said = pages.words(change(desk, leeds, step="check", start_time="13:00", end_time="15:00"))
    assert "1 date differs and stays as it is" in said
    assert "Wednesday 30 December 2026: end" in said


def date_form(desk: FlaskClient, session_id: int) -> dict[str, Any]:
    form = filled_in(desk.get(f"/office/sessions/{session_id}/edit"))
    form["step"] = ["check"]
    return form


def test_another_weekday_moves_each_date_with_its_people(
    app: Flask, desk: FlaskClient, make: Builders, season: Season, leeds: int
) -> None:
    booking = make.booking(dates_of(app, leeds)[3].id, season.ann)
    said = pages.words(change(desk, leeds, step="check", weekdays=["3"]))
    assert "was Wednesday 24 February 2027, now Thursday 25 February 2027" in said
    assert change(desk, leeds, step="save", weekdays=["3"]).status_code == 303
    state = pages.rows(app, select(Booking.state).where(Booking.id == booking))
    assert state == [BookingState.BOOKED]
    assert {each.local_date.weekday() for each in dates_of(app, leeds)} == {3}


def test_too_few_places_are_refused_with_the_date_and_the_people(
    app: Flask, desk: FlaskClient, make: Builders, leeds: int
) -> None:
    first = dates_of(app, leeds)[0]
    for name in ("Ann2", "Ben2", "Cat2"):
        make.booking(first.id, make.person(name))
    page = change(desk, leeds, step="save", places_room="2")
    assert page.status_code == 422
    said = pages.words(page)
    assert "There would be too few places" in said
    assert "Wednesday 25 November 2026 : 3 in the room" in said
    assert "Save the change" not in said
    assert f"/office/sessions/{first.id}" in page.text


def test_a_form_that_is_too_old_keeps_what_was_typed(app: Flask, desk: FlaskClient, leeds: int) -> None:
    old = filled_in(desk.get(f"/office/series/{leeds}/edit"))
    pages.write(app, update(Series).where(Series.id == leeds).values(title="Tea in Leeds"))
    page = pages.send(desk, f"/office/series/{leeds}/edit", **(old | {"step": "save", "start_time": "15:00"}))
    assert page.status_code == 422
    assert "Somebody changed this while you had the page open" in pages.words(page)
    assert filled_in(page)["start_time"] == ["15:00"]


def test_going_back_keeps_everything(desk: FlaskClient, leeds: int) -> None:
    look = change(desk, leeds, step="check", start_time="14:00", end_time="16:00", grant="Lottery")
    back = pages.send(desk, f"/office/series/{leeds}/edit", **(filled_in(look) | {"step": "change"}))
    assert back.status_code == 200
    form = filled_in(back)
    assert (form["start_time"], form["grant"], form["repeat"]) == (["14:00"], ["Lottery"], ["monthly"])


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"title": ""}, "Enter a title"),
        ({"end_time": "12:00"}, "The end must be after the start"),
        ({"from_date": "2026-01-01"}, "Not a valid choice"),
        ({"venue": "new"}, "Not a valid choice"),
        ({"venue": ""}, "Choose a venue, or enter the meeting address"),
        ({"every": "0"}, "Choose a number from 1"),
        ({"discreet_name": "Breast cancer chat"}, "holds a health word"),
    ],
)
def test_what_does_not_fit_is_said_at_its_field(
    app: Flask, desk: FlaskClient, leeds: int, wrong: dict[str, Any], words: str
) -> None:
    page = change(desk, leeds, step="save", **wrong)
    assert page.status_code == 422
    assert words in pages.words(page)
    assert len(dates_of(app, leeds)) == 6


def test_a_date_with_a_change_for_later_ones_goes_on_as_a_change_of_its_series(
    app: Flask, desk: FlaskClient, leeds: int
) -> None:
    third = dates_of(app, leeds)[2]
    said = date_form(desk, third.id) | {"start_time": "14:30", "scope": "later"}
    look = pages.send(desk, f"/office/sessions/{third.id}/edit", **said)
    assert "4 dates, 0 people booked." in pages.words(look)
    pages.send(desk, f"/office/series/{leeds}/edit", **(filled_in(look) | {"step": "save"}))
    starts = [each.start_time for each in dates_of(app, leeds)]
    assert starts == [time(13, 30)] * 2 + [time(14, 30)] * 4


def test_a_date_moved_for_all_moves_the_rhythm(app: Flask, desk: FlaskClient, leeds: int) -> None:
    third = dates_of(app, leeds)[2]
    said = date_form(desk, third.id) | {"starts_on": ["25", "1", "2027"], "scope": "all"}
    look = pages.send(desk, f"/office/sessions/{third.id}/edit", **said)
    assert "How often Last Wednesday of the month Fourth Monday of the month" in pages.words(look)
    pages.send(desk, f"/office/series/{leeds}/edit", **(filled_in(look) | {"step": "save"}))
    assert date(2027, 1, 25) in [each.local_date for each in dates_of(app, leeds)]


def test_a_date_becomes_like_its_series_again(app: Flask, desk: FlaskClient, leeds: int) -> None:
    second = dates_of(app, leeds)[1]
    path = f"/office/sessions/{second.id}/edit"
    pages.send(
        desk,
        path,
        **(date_form(desk, second.id) | {"start_time": "14:00", "title": "With cake", "step": "save"}),
    )
    assert "differs from its series: start, title" in pages.words(desk.get(path))
    look = pages.send(desk, path, step="like")
    assert "2pm to 3:30pm 1:30pm to 3:30pm" in pages.words(look)
    pages.send(desk, path, **(filled_in(look) | {"step": "save"}))
    again = dates_of(app, leeds)[1]
    assert (again.start_time, again.own_title, again.own_facts, again.differs) == (
        time(13, 30),
        "",
        "",
        False,
    )


def test_a_clash_of_the_new_rhythm_is_answered_on_the_way(app: Flask, desk: FlaskClient, leeds: int) -> None:
    look = change(desk, leeds, step="check", weekdays=["4"])
    assert 'name="clash-2027-03-26"' in look.text
    said = filled_in(look) | {"clash-2027-03-26": "skip", "step": "save"}
    assert pages.send(desk, f"/office/series/{leeds}/edit", **said).status_code == 303
    assert date(2027, 3, 26) not in [each.local_date for each in dates_of(app, leeds)]
    assert "Friday 26 March 2027: back on" in pages.words(desk.get(f"/office/series/{leeds}"))


def test_a_left_out_date_stays_so_when_a_clash_of_the_new_rhythm_is_answered(
    app: Flask, desk: FlaskClient, leeds: int
) -> None:
    with app.app_context():
        deeds.answer_clashes(leeds, [Change(date(2027, 1, 27), "skip")], None, clock.now())
    look = change(desk, leeds, step="check", weekdays=["4"])
    said = filled_in(look) | {"clash-2027-03-26": "skip", "step": "save"}
    assert pages.send(desk, f"/office/series/{leeds}/edit", **said).status_code == 303
    days = [each.local_date for each in dates_of(app, leeds)]
    assert days == [date(2026, 11, 27), date(2026, 12, 25), date(2027, 2, 26), date(2027, 4, 30)]


def test_a_series_that_is_not_there_is_not_found(desk: FlaskClient) -> None:
    for path in ("", "/edit", "/end"):
        assert desk.get(f"/office/series/999{path}").status_code == 404
