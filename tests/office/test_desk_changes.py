"""Changing a place at the desk: another date, a second press before it is given up, and a welcome."""

from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from booking.db import db
from booking.models import Booking
from booking.models.kinds import Enrol, Mode
from tests.office.desk_talk import change, last_deed, places, take
from tests.office.season import Season
from tests.support.builders import Builders


@pytest.fixture
def desk(app: Flask, desk: FlaskClient, make: Builders) -> FlaskClient:
    # The token of a form is proven elsewhere.
    app.config["WTF_CSRF_ENABLED"] = False
    # The season counted its rows by itself.
    make._numbers = count(100)
    return desk


def states(app: Flask, person: int) -> dict[int, str]:
    with app.app_context():
        return {db.session.get_one(Booking, row[0]).session_id: row[1] for row in places(app, person)}


def test_a_place_is_changed_to_the_date_chosen(
    desk: FlaskClient, make: Builders, app: Flask, season: Season
) -> None:
    here, there = make.session(season.tea), make.session(season.tea, starts_in=timedelta(days=20))
    take(desk, season.ben, here)
    kept = places(app, season.ben)[-1][0]
    page = desk.get(f"/office/desk/{season.ben}").text
    assert f'form="the-dates" name="deed" value="change-{kept}"' in page
    for _ in range(2):
        assert "Ben has a place" in take(desk, season.ben, there, f"change-{kept}").text
        now = states(app, season.ben)
        assert (now[here], now[there]) == ("given_up", "booked")
    assert last_deed(app)[0] == season.ada


def test_a_full_date_leaves_the_place_that_there_is(
    desk: FlaskClient, make: Builders, app: Flask, season: Season
) -> None:
    here = make.session(season.tea)
    full = make.session(season.tea, places_room=1, starts_in=timedelta(days=20))
    take(desk, season.ann, full)
    take(desk, season.ben, here)
    answer = take(desk, season.ben, full, f"change-{places(app, season.ben)[-1][0]}")
    assert answer.status_code == 422
    now = states(app, season.ben)
    assert (now[here], now.get(full)) == ("booked", None)


def test_no_date_chosen_a_course_and_anothers_place_change_nothing(
    desk: FlaskClient, make: Builders, app: Flask, season: Season
) -> None:
    there, [week] = make.session(season.tea), make.course(1, enrol=Enrol.COURSE)
    before = places(app, season.ann)
    deed = f"change-{season.anns_coming}"
    answer = desk.post(f"/office/desk/{season.ann}", data={"deed": deed})
    assert (answer.status_code, "Choose one of the dates" in answer.text) == (422, True)
    course = {"choice": f"course-{make.series_of(week)}-room", "deed": deed}
    assert desk.post(f"/office/desk/{season.ann}", data=course).status_code == 422
    assert take(desk, season.ben, there, deed).status_code == 404
    assert (places(app, season.ann), states(app, season.ben).get(there)) == (before, None)


def in_order(page: str, *titles: str) -> bool:
    at = [page.find(f": {title}, ") for title in titles]
    return -1 not in at and at == sorted(at)


@pytest.fixture
def afar(desk: FlaskClient, make: Builders) -> None:
    """Add a room in Scotland, then one in Wales, then something online, each a day after the other."""
    far: dict[str, dict[str, Any]] = {
        "Ceilidh": {"nation": "Scotland", "venue_id": make.venue("Hall", nation="Scotland")},
        "Choir": {"nation": "Wales", "venue_id": make.venue("Chapel", nation="Wales")},
        "Yoga at home": {"mode": Mode.ONLINE, "nation": "Scotland"},
    }
    for day, (title, facts) in enumerate(far.items(), start=1):
        make.session(make.series(title, **facts), starts_in=timedelta(days=day))


@pytest.mark.usefixtures("afar")
def test_what_she_can_get_to_is_read_out_first(desk: FlaskClient, make: Builders) -> None:
    welsh, anywhere = make.person("Cat", nation="Wales"), make.person("Dot")
    assert in_order(desk.get(f"/office/desk/{welsh}").text, "Choir", "Yoga at home", "Ceilidh")
    assert in_order(desk.get(f"/office/desk/{anywhere}").text, "Ceilidh", "Choir", "Yoga at home")


@pytest.mark.usefixtures("afar")
def test_dates_are_asked_for_by_nation(desk: FlaskClient, season: Season) -> None:
    here = f"/office/desk/{season.ben}?nation=Wales"
    assert in_order(desk.get(here).text, "Choir", "Yoga at home")
    assert ": Ceilidh, " not in desk.get(here).text
    assert ": Yoga at home, " not in desk.get(f"{here}&way=in_person").text
    assert ": Ceilidh, " in desk.get(f"/office/desk/{season.ben}?nation=Atlantis").text


def test_nobody_loses_a_place_by_one_press(desk: FlaskClient, season: Season) -> None:
    page = desk.get(f"/office/desk/{season.ann}").text
    folded = page[page.index("<details", page.index('id="places"')) :]
    assert folded.index("They can't come") < folded.index("Give up this place")
    assert 'value="give_up"' not in page[: page.index("<details", page.index('id="places"'))]


def test_once_they_have_spoken_the_place_is_hers(
    desk: FlaskClient, make: Builders, app: Flask, season: Season
) -> None:
    series = make.series("Welcome first", key="welcome", welcome_call=True)
    take(desk, season.ben, make.session(series))
    hers = places(app, season.ben)[-1][0]
    assert "We have just spoken: it is theirs" in desk.get(f"/office/desk/{season.ben}").text
    assert "Ben has a place" in change(desk, season.ben, hers, "welcomed").text
    assert places(app, season.ben)[-1][1] == "booked"
    assert "This is done already" in change(desk, season.ben, hers, "welcomed").text
