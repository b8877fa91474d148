"""Near me: forgiving about names, plain about distance, and nothing she says is kept anywhere."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select
from werkzeug.test import TestResponse

from booking.db import Base, db
from booking.models.kinds import Audience, Mode, SessionState
from tests.support.builders import Builders
from tests.support.pages import csrf_token, send, words

LEEDS = {"latitude": 53.7965, "longitude": -1.5478}
NEAR = "/sessions/near"


@pytest.fixture(autouse=True)
def now(clock_at: Callable[[str], datetime]) -> datetime:
    return clock_at("2026-11-22T10:00+00:00")


def _meet_at(make: Builders, name: str, title: str = "Tea", *, dates: int = 1, **facts: Any) -> int:
    """Plan some dates at a venue."""
    venue = make.venue(name, address="", **facts)
    series = make.series(title, venue_id=venue)
    for week in range(dates):
        make.session(series, starts_in=timedelta(days=3 + 7 * week))
    return series


def _typed(client: FlaskClient, town: str, **also: str) -> TestResponse:
    return send(client, NEAR, town=town, **also)


def test_the_nearest_venue_comes_first_with_how_far_it_is(client: FlaskClient, make: Builders) -> None:
    _meet_at(make, "Community hall, Glasgow")
    _meet_at(make, "Library room, Leeds")
    page = words(_typed(client, "Manchester"))
    assert page.index("Library room, Leeds") < page.index("Community hall, Glasgow")
    assert "about 35 miles" in page
    assert "We keep none of this" in page


@pytest.mark.parametrize("town", ["  MANCHESTER ", "manchester", "Mánchester", "Manchester, England"])
def test_case_spaces_and_accents_are_forgiven(client: FlaskClient, make: Builders, town: str) -> None:
    _meet_at(make, "Quiet room, Manchester")
    assert "less than a mile" in words(_typed(client, town))


@pytest.mark.parametrize("town", ["St Andrews", "st. andrews", "Saint Andrews"])
def test_saint_is_written_in_three_ways(client: FlaskClient, town: str) -> None:
    assert "Near Saint Andrews" in words(_typed(client, town))


@pytest.mark.parametrize(("typed", "place"), [("Manchestr", "Manchester"), ("Glasgoe", "Glasgow")])
def test_a_slip_of_a_letter_is_understood(
    client: FlaskClient, make: Builders, typed: str, place: str
) -> None:
    _meet_at(make, f"Library room, {place}")
    answer = _typed(client, typed)
    assert answer.status_code == 200
    said = words(answer)
    assert f"We took this as {place}. Not what you meant?" in said
    assert f"Library room, {place} less than a mile" in said


def test_what_is_like_several_places_is_hers_to_choose(client: FlaskClient, make: Builders) -> None:
    answer = _typed(client, "Edinborough")
    assert answer.status_code == 200
    assert "Which one do you mean?" in words(answer)
    assert 'name="town" value="Edinburgh"' in answer.text
    assert "There is a problem" not in words(answer)


def test_a_slip_in_a_name_that_several_places_bear_is_asked_about(client: FlaskClient) -> None:
    answer = _typed(client, "Newporrt")
    assert answer.status_code == 200
    assert "Which one do you mean?" in words(answer)
    assert answer.text.count('name="town" value="Newport') > 1


@pytest.mark.parametrize("town", ["Xyzzyplugh", "<b>&'\""])
def test_of_a_place_nobody_knows_the_online_sessions_are_shown(
    client: FlaskClient, make: Builders, town: str
) -> None:
    make.session(make.series("Chair yoga", mode=Mode.ONLINE))
    make.session(make.series("Secret yoga", mode=Mode.ONLINE), state=SessionState.DRAFT)
    answer = _typed(client, town)
    said = words(answer)
    assert (answer.status_code, "There is a problem" in said) == (200, False)
    assert "a town nearby will do" in said
    assert "From home online" in said
    assert "Chair yoga" in said
    assert "Secret" not in said
    assert 'href="/sessions"' in answer.text


def test_of_several_places_of_one_name_she_chooses(client: FlaskClient, make: Builders) -> None:
    answer = _typed(client, "Newport")
    assert answer.status_code == 200
    assert "Which one do you mean?" in words(answer)
    chosen = _typed(client, "Newport, near Telford, England")
    assert "Near Newport, near Telford, England" in words(chosen)


@pytest.mark.parametrize(
    ("town", "said"),
    [
        ("", "Enter a town, a city or a village"),
        ("M1 2AB", "We can't look up postcodes"),
        ("x" * 500, "100"),
    ],
)
def test_what_is_no_place_is_said_kindly_and_kept_in_the_box(
    client: FlaskClient, town: str, said: str
) -> None:
    answer = _typed(client, town)
    assert answer.status_code == 422
    assert said in words(answer)


def test_her_phone_may_say_where_she_is(client: FlaskClient, make: Builders) -> None:
    _meet_at(make, "Library room, Leeds")
    answer = send(client, NEAR, latitude="53.48", longitude="-2.24")
    assert "about 35 miles" in words(answer)
    assert "geolocation=(self)" in answer.headers["Permissions-Policy"]


@pytest.mark.parametrize(("latitude", "longitude"), [("nan", "1"), ("53", ""), ("1e9", "0"), ("'", "--")])
def test_a_position_that_is_none_leads_back_to_the_town(
    client: FlaskClient, latitude: str, longitude: str
) -> None:
    answer = send(client, NEAR, latitude=latitude, longitude=longitude)
    assert answer.status_code == 422
    assert "Please type a town instead" in words(answer)


def test_without_javascript_nobody_is_offered_the_phone(client: FlaskClient) -> None:
    page = client.get(NEAR)
    form = page.text[page.text.index("data-near") :]
    assert " hidden>" in form[: form.index("</form>")].split("\n")[0]


def test_a_venue_nobody_can_place_comes_last(client: FlaskClient, make: Builders) -> None:
    _meet_at(make, "The old mill")
    _meet_at(make, "Community hall, Glasgow")
    page = words(_typed(client, "London"))
    assert page.index("Glasgow") < page.index("The old mill")
    assert "we don't know how far" in page


def test_a_position_by_hand_goes_before_the_town_in_a_name(client: FlaskClient, make: Builders) -> None:
    _meet_at(make, "Church hall, Cardiff", **LEEDS)
    assert "less than a mile" in words(_typed(client, "Leeds"))


def test_online_sessions_come_after(client: FlaskClient, make: Builders) -> None:
    make.session(make.series("Chair yoga", mode=Mode.ONLINE))
    _meet_at(make, "Library room, Leeds")
    page = words(_typed(client, "Leeds"))
    assert page.index("Library room") < page.index("From home") < page.index("Chair yoga")


def test_what_nobody_may_see_or_come_to_is_not_near(client: FlaskClient, make: Builders) -> None:
    hosts = make.series("Host catch-up", audience=Audience.FACILITATORS)
    make.session(hosts)
    make.session(make.series("Secret tea"), state=SessionState.DRAFT)
    make.session(make.series("Cancelled tea"), state=SessionState.CANCELLED)
    make.session(make.series("Last week's tea"), starts_in=timedelta(days=-7))
    page = words(_typed(client, "Leeds"))
    assert "No sessions in a room are planned just now" in page


def test_a_venue_with_many_dates_shows_three(client: FlaskClient, make: Builders) -> None:
    _meet_at(make, "Library room, Leeds", dates=5)
    assert "2 more dates here" in words(_typed(client, "Leeds"))


def test_more_places_and_one_kind_are_asked_for_by_post(client: FlaskClient, make: Builders) -> None:
    classes = make.programme("Wellbeing classes", key="wellbeing")
    for number in range(7):
        _meet_at(make, f"Hall {number}, Leeds")
    yoga = make.series("Yoga", programme_id=classes, venue_id=make.venue("Studio, York", address=""))
    make.session(yoga)
    assert "Show places further away" in words(_typed(client, "Leeds"))
    assert "Studio, York" in words(_typed(client, "Leeds", most="15"))
    only_yoga = words(_typed(client, "Leeds", programme="wellbeing"))
    assert "Studio, York" in only_yoga
    assert "Hall 1" not in only_yoga


@pytest.mark.parametrize("most", ["-1", "x", "99999999", "٣", ""])
def test_a_strange_number_of_places_is_the_usual_one(client: FlaskClient, make: Builders, most: str) -> None:
    assert _typed(client, "Leeds", most=most, programme="no-such").status_code == 200


def test_nothing_she_types_is_kept_anywhere(
    app: Flask, client: FlaskClient, make: Builders, caplog: pytest.LogCaptureFixture
) -> None:
    _meet_at(make, "Library room, Leeds")
    caplog.set_level(logging.DEBUG)
    token, before = csrf_token(client.get(NEAR)), _everything(app)
    answers = [
        client.post(NEAR, data={"csrf_token": token} | said)
        for said in ({"town": "Todmorden"}, {"latitude": "53.7171", "longitude": "-2.0964"})
    ]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert all("Set-Cookie" not in answer.headers and not answer.location for answer in answers)
    assert all("no-store" in answer.headers["Cache-Control"] for answer in answers)
    assert _everything(app) == before
    assert not any(word in caplog.text for word in ("Todmorden", "53.71", "2.09"))


def test_the_address_of_the_page_says_nothing(client: FlaskClient, make: Builders) -> None:
    _meet_at(make, "Library room, Bradford")
    page = _typed(client, "Todmorden").text
    addresses = [part.split('"')[0] for part in page.split('="/')]
    assert not any("odmorden" in address for address in addresses[1:])


def test_an_address_that_asks_is_not_answered(client: FlaskClient) -> None:
    assert "Near Leeds" not in words(client.get(f"{NEAR}?town=Leeds&latitude=53&longitude=-1"))


def test_it_asks_the_database_as_often_for_one_venue_as_for_twenty(
    app: Flask, client: FlaskClient, make: Builders
) -> None:
    _meet_at(make, "Library room, Leeds")
    few = _statements(app, client)
    for number in range(20):
        _meet_at(make, f"Hall {number}, York", dates=2)
    assert _statements(app, client) == few


def _statements(app: Flask, client: FlaskClient) -> int:
    asked: list[str] = []
    with app.app_context():
        engine = db.engine
    token = csrf_token(client.get(NEAR))
    event.listen(engine, "before_cursor_execute", note := lambda *facts: asked.append(facts[2]))
    try:
        answer = client.post(NEAR, data={"csrf_token": token, "town": "Leeds", "most": "50"})
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert answer.status_code == 200
    return len(asked)


def _everything(app: Flask) -> dict[str, list[Any]]:
    with app.app_context(), db.engine.connect() as connection:
        return {
            table.name: sorted(map(repr, connection.execute(select(table))))
            for table in Base.metadata.sorted_tables
        }
