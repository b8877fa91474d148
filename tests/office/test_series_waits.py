"""What a series says of waiting: a list or none, and whether a place that comes free is booked at once."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from booking import clock
from booking.db import db
from booking.models import Booking, Series
from booking.models.kinds import BookingState, Pool
from booking.queries.timetable import season_csv
from booking.services import bookings, waiting
from tests.office.filled import filled_in
from tests.office.season import Season
from tests.support import pages
from tests.support.builders import Builders

NEW = "/office/schedule/new"
SAID = "Places that come free are booked for whoever waits"
BOTH = (Series.waiting_list, Series.waiting_books)


def change(desk: FlaskClient, series_id: int, **said: Any) -> str:
    path = f"/office/series/{series_id}/edit"
    answer = pages.send(desk, path, **(filled_in(desk.get(path)) | {"step": "save"} | said))
    return pages.after(desk, answer) if answer.status_code == 303 else pages.words(answer)


def kept(app: Flask, series_id: int) -> tuple[bool, bool]:
    (found,) = pages.rows(app, select(*BOTH).where(Series.id == series_id))
    return tuple(found)


def test_the_look_at_a_new_series_carries_it_and_saving_keeps_it(
    app: Flask, desk: FlaskClient, season: Season
) -> None:
    venue = pages.rows(app, select(Series.venue_id).where(Series.id == season.tea))[0]
    said = {"programme": "Tea & A Chat", "title": "Tea in Hull", "venue": str(venue), "start_time": "13:30"}
    said |= {"starts_on": ["25", "11", "2026"], "repeat": "weekly", "waiting_books": "y"}
    look = filled_in(pages.send(desk, NEW, **said))
    assert pages.send(desk, NEW, **(look | {"step": "save"})).status_code == 303
    assert pages.rows(app, select(*BOTH).where(Series.title == "Tea in Hull")) == [(True, True)]


def test_it_is_changed_and_changed_back(app: Flask, desk: FlaskClient, season: Season) -> None:
    assert kept(app, season.tea) == (True, False)
    assert SAID in change(desk, season.tea, waiting_books="y", step="check")
    assert kept(app, season.tea) == (True, False)
    change(desk, season.tea, waiting_books="y")
    assert kept(app, season.tea) == (True, True)
    assert SAID in pages.words(desk.get(f"/office/series/{season.tea}"))
    change(desk, season.tea, waiting_books=[])
    assert kept(app, season.tea) == (True, False)


def test_without_a_waiting_list_nothing_is_booked_from_it(
    app: Flask, desk: FlaskClient, season: Season
) -> None:
    change(desk, season.tea, waiting_books="y", no_waiting_list="y")
    assert kept(app, season.tea) == (False, False)


def test_a_series_like_it_begins_with_the_same_answer(desk: FlaskClient, season: Season) -> None:
    change(desk, season.tea, waiting_books="y")
    assert filled_in(desk.get(f"{NEW}?like={season.tea}"))["waiting_books"] == ["y"]


def test_the_file_of_the_season_says_it(app: Flask, desk: FlaskClient, season: Season) -> None:
    change(desk, season.tea, waiting_books="y")
    with app.app_context():
        header, *lines = season_csv().splitlines()
    at = header.split(",").index("waiting_books")
    assert header.split(",")[at - 1] == "waiting_list"
    assert any(",yes,yes," in line for line in lines)


@pytest.mark.parametrize(
    ("answer", "state"), [("y", BookingState.BOOKED), ([], BookingState.OFFERED)], ids=["books", "asks"]
)
def test_a_place_that_comes_free_does_as_the_series_says(
    app: Flask, desk: FlaskClient, make: Builders, season: Season, answer: Any, state: BookingState
) -> None:
    change(desk, season.tea, waiting_books=answer)
    session = make.session(season.tea, starts_in=timedelta(days=10), places_room=1)
    place = make.booking(session, season.ann)
    with app.app_context():
        turn = waiting.join_waiting_list(session, season.ben, Pool.ROOM, season.ben, clock.now())
        bookings.give_up_place(place, season.ann, clock.now())
        assert db.session.get_one(Booking, turn).state is state
