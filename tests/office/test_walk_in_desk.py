"""The walk-in desk of the day: somebody is at the door, and Ada puts them on a register."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import count

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from booking import clock
from booking.db import db
from booking.models import AuditEntry, Booking, ScheduledSession
from booking.models.kinds import Attendance, BookingState, Mode, PersonStatus, SessionState
from booking.queries.desk import at_the_door
from booking.rules.tokens import new_nonce
from tests.office.season import Season
from tests.support.builders import Builders

TODAY = date(2026, 11, 25)
DURING = "2026-11-25T13:15+00:00"
ONE_FORM, ANOTHER_FORM = new_nonce(), new_nonce()


@pytest.fixture
def desk(app: Flask, season: Season, make: Builders, clock_at: Callable[[str], datetime]) -> FlaskClient:
    # The token of a form is proven elsewhere.
    app.config["WTF_CSRF_ENABLED"] = False
    # The season counted its rows by itself.
    make._numbers = count(100)
    clock_at(DURING)
    return make.sign_in(app.test_client(), season.ada)


@pytest.fixture
def tea(app: Flask, season: Season) -> int:
    """Return the date of today, which begins in a quarter of an hour."""
    with app.app_context():
        return db.session.get_one(Booking, season.anns_coming).session_id


def add(desk: FlaskClient, session: int, who: str, name: str = "", token: str = ONE_FORM) -> TestResponse:
    said = {"session": str(session), "who": who, "first_name": name, "token": token}
    return desk.post("/office/walk-ins", data=said, follow_redirects=True)


def at(app: Flask, session: int) -> list[tuple[int | None, str, str]]:
    with app.app_context():
        rows = db.session.scalars(select(Booking).where(Booking.session_id == session).order_by(Booking.id))
        return [(row.person_id, row.walk_in_name, row.attendance.value) for row in rows]


def test_todays_sessions_stand_there_with_who_is_expected(desk: FlaskClient, tea: int) -> None:
    page = desk.get("/office/walk-ins").text
    assert "1:30pm, Tea &amp; A Chat Manchester" in page
    assert f'value="{tea}" checked' in page


def test_a_first_name_goes_on_the_register_and_the_audit_says_who_wrote_it(
    desk: FlaskClient, tea: int, app: Flask, season: Season
) -> None:
    said = add(desk, tea, "named", "Mo").text
    assert (
        "They are on the list: Today, Wednesday 25 November at 1:30pm: Tea &amp; A Chat Manchester." in said
    )
    assert at(app, tea)[-1] == (None, "Mo", "walked_in")
    with app.app_context():
        entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
        assert entry is not None
        assert (entry.actor_id, entry.action) == (season.ada, "walk-in added")


def test_the_same_form_twice_adds_one_person(desk: FlaskClient, tea: int, app: Flask) -> None:
    before = len(at(app, tea))
    for _ in range(2):
        add(desk, tea, "one")
    assert len(at(app, tea)) == before + 1
    add(desk, tea, "one", token=ANOTHER_FORM)
    assert len(at(app, tea)) == before + 2


def test_no_name_is_asked_for_again(desk: FlaskClient, tea: int, app: Flask) -> None:
    before = at(app, tea)
    answer = add(desk, tea, "named")
    assert answer.status_code == 422
    assert "Write a first name" in answer.text
    assert at(app, tea) == before


def test_somebody_we_know_is_looked_for_and_is_here(
    desk: FlaskClient, tea: int, app: Flask, season: Season
) -> None:
    found = desk.post("/office/walk-ins", data={"look": "1", "words": "ben"}, follow_redirects=True)
    assert f'value="{season.ben}"' in found.text
    add(desk, tea, str(season.ben))
    assert at(app, tea)[-1] == (season.ben, "", "walked_in")
    assert "This person is already on the list" in add(desk, tea, str(season.ben), token=ANOTHER_FORM).text


def test_whoever_has_a_place_is_marked_as_having_come(
    desk: FlaskClient, tea: int, app: Flask, season: Season
) -> None:
    before = len(at(app, tea))
    add(desk, tea, str(season.ann))
    assert len(at(app, tea)) == before
    assert (season.ann, "", "came") in at(app, tea)


def test_whoever_waits_and_comes_to_the_door_waits_no_more(
    desk: FlaskClient, tea: int, app: Flask, make: Builders
) -> None:
    cat = make.person("Cat")
    now = datetime.fromisoformat(DURING)
    waits = make.booking(tea, cat, state=BookingState.WAITING, waits_since=now, held_until=now)
    add(desk, tea, str(cat))
    with app.app_context():
        booking = db.session.get_one(Booking, waits)
        assert (booking.state, booking.attendance) == (BookingState.BOOKED, Attendance.CAME)
        assert booking.held_until is None


def test_a_record_that_is_shut_does_not_come(desk: FlaskClient, tea: int, make: Builders) -> None:
    assert add(desk, tea, str(make.person("Dot", status=PersonStatus.DIED))).status_code == 404


def test_a_session_of_another_day_is_not_offered(
    desk: FlaskClient, season: Season, app: Flask, make: Builders
) -> None:
    later = make.session(season.tea)
    assert add(desk, later, "one").status_code == 422
    assert at(app, later) == []


def test_a_cancelled_session_has_no_register(
    desk: FlaskClient, season: Season, app: Flask, make: Builders
) -> None:
    series = make.series("Painting", key="painting")
    off = make.session(series, on=datetime.fromisoformat(DURING).date(), state=SessionState.CANCELLED)
    assert add(desk, off, "one").status_code == 422


def test_before_the_register_opens_the_page_says_so(
    desk: FlaskClient, tea: int, clock_at: Callable[[str], datetime]
) -> None:
    clock_at("2026-11-25T09:00+00:00")
    assert "No register is open yet" in desk.get("/office/walk-ins").text
    clock_at("2026-11-24T09:00+00:00")
    assert "No sessions in a room today" in desk.get("/office/walk-ins").text


def test_only_a_room_that_is_not_long_over_has_a_door(
    desk: FlaskClient, tea: int, app: Flask, make: Builders, clock_at: Callable[[str], datetime]
) -> None:
    with app.app_context():
        shuts = db.session.get_one(ScheduledSession, tea).ends_at + timedelta(hours=2)
    make.session(make.series("Far away", mode=Mode.ONLINE, places_online=9), on=TODAY)
    assert "Far away" not in desk.get("/office/walk-ins").text
    clock_at((shuts - timedelta(minutes=1)).isoformat())
    assert f'value="{tea}" checked' in desk.get("/office/walk-ins").text
    clock_at((shuts + timedelta(minutes=1)).isoformat())
    assert "Tea &amp; A Chat" not in desk.get("/office/walk-ins").text
    assert add(desk, tea, "one").status_code == 422


def test_the_door_knows_how_many_places_are_left(
    desk: FlaskClient, season: Season, make: Builders, app: Flask
) -> None:
    small = make.session(make.series("Painting", key="painting"), on=TODAY, places_room=3)
    make.booking(small, make.person("Dot"), party_size=2, companion_name="Sam")
    page = desk.get("/office/walk-ins").text
    assert "Painting, " in page
    assert "(1 place left)" in page
    with app.app_context():
        [painting] = [one for one in at_the_door(clock.now()) if one.session.id == small]
        assert (painting.expected, painting.left) == (2, 1)
