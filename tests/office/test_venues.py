"""The office's venues: what is known, how many fit, and a picture of the door with nothing hidden in it."""

from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from booking.db import db
from booking.models import AuditEntry, Message, Venue, VenuePhoto
from booking.models.kinds import Access, Audience, Pool, SessionState
from booking.rules.pictures import LARGEST_BYTES
from booking.services import venues as deeds
from tests.rules.test_pictures import bomb, moving, picture
from tests.support.builders import Builders
from tests.support.pages import after, csrf_token, rows, send, words

FACTS = {"nation": "Wales", "town": "Cardiff", "step_free": "yes", "capacity": "12", "hire_notes": "Key: 41"}
DOOR = "A green door, two steps up"
PHOTOS = select(func.count()).select_from(VenuePhoto)


@pytest.fixture
def ada(client: FlaskClient, make: Builders) -> FlaskClient:
    return make.sign_in(client, make.admin("Ada"))


def _put_up(client: FlaskClient, venue: int, sent: bytes, **said: Any) -> TestResponse:
    path = f"/office/venues/{venue}/photo"
    form = {"csrf_token": csrf_token(client.get(path)), "words": DOOR} | said
    answer = client.post(path, data=form | {"picture": (BytesIO(sent), "door.jpg")})
    # What is large goes through a file of the test's own browser, which nobody else closes.
    answer.request.environ["wsgi.input"].close()
    return answer


def _audit(app: Flask) -> list[Any]:
    about = AuditEntry.subject.startswith("venue:")
    return rows(app, select(AuditEntry.action, AuditEntry.fields).where(about).order_by(AuditEntry.id))


def test_ada_adds_a_venue_and_it_has_a_position_by_its_town(app: Flask, ada: FlaskClient) -> None:
    answer = send(ada, "/office/venues/new", name="Church hall, Cardiff", **FACTS)
    page = after(ada, answer)
    assert "The venue is added" in page
    assert "51.4800, -3.1800" in page
    assert rows(app, select(Venue.name, Venue.step_free, Venue.capacity)) == [
        ("Church hall, Cardiff", Access.YES, 12)
    ]
    assert _audit(app) == [("venue added", "")]


def test_two_venues_of_one_name_are_refused(app: Flask, ada: FlaskClient, make: Builders) -> None:
    make.venue("Church hall")
    answer = send(ada, "/office/venues/new", name="Church hall", **FACTS)
    assert answer.status_code == 422
    assert "There is a venue of that name already" in words(answer)
    assert len(rows(app, select(Venue.id))) == 1


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("name", "", "Enter the name of the venue"),
        ("nation", "Atlantis", "Not a valid choice"),
        ("town", "Newport", "Say which one: Newport, near Cardiff, Wales"),
        ("capacity", "-1", "Enter a whole number"),
        ("capacity", "0", "as a number from 1"),
        ("latitude", "here", "Enter the latitude as a number"),
        ("latitude", "53.4", "Enter the longitude as a number"),
        ("latitude", "48.85, 2.35", "That position is not in the UK"),
        ("hire_notes", "x" * 2001, "Must be 2000 characters or fewer"),
    ],
)
def test_what_does_not_fit_is_said_at_its_field_and_nothing_is_lost(
    app: Flask, ada: FlaskClient, field: str, typed: str, said: str
) -> None:
    answer = send(ada, "/office/venues/new", **({"name": "Hall"} | FACTS | {field: typed}))
    assert answer.status_code == 422
    assert said in words(answer)
    assert "Key: 41" in answer.text or field == "hire_notes"
    assert rows(app, select(Venue.id)) == []


def test_a_town_that_nobody_knows_is_kept_without_a_position(app: Flask, ada: FlaskClient) -> None:
    send(ada, "/office/venues/new", name="Barn", **(FACTS | {"town": "Nether Nowhere"}))
    assert rows(app, select(Venue.town, Venue.latitude)) == [("Nether Nowhere", None)]


def test_changing_a_venue_writes_to_nobody_and_says_so(app: Flask, ada: FlaskClient, make: Builders) -> None:
    chat = make.session(make.series(venue_id=make.venue()))
    make.booking(chat, make.person("Ann"))
    path = "/office/venues/1/edit"
    assert "People have places on 1 date here. They are not written to" in words(ada.get(path))
    assert "The venue is saved" in after(ada, send(ada, path, **(FACTS | {"capacity": ""})))
    assert rows(app, select(Message.id)) == []
    assert _audit(app) == [("venue changed", "hire_notes, latitude, longitude, nation, step_free, town")]


def test_saving_the_same_again_leaves_no_line_in_the_audit(app: Flask, ada: FlaskClient) -> None:
    send(ada, "/office/venues/new", name="Hall", **FACTS)
    send(ada, "/office/venues/1/edit", **FACTS)
    assert _audit(app) == [("venue added", "")]


def test_a_capacity_below_what_is_planned_names_the_dates(ada: FlaskClient, make: Builders) -> None:
    series = make.series(venue_id=make.venue(), places_room=12)
    make.session(series, starts_in=timedelta(days=-3), places_room=90)
    make.session(series, state=SessionState.CANCELLED, places_room=90, starts_in=timedelta(days=5))
    make.session(series)
    answer = send(ada, "/office/venues/1/edit", **(FACTS | {"capacity": "11"}))
    assert answer.status_code == 422
    assert "There are more places on" in words(answer)
    assert "(12)" in words(answer)
    assert "(90)" not in words(answer)
    assert send(ada, "/office/venues/1/edit", **FACTS).status_code == 303


def test_what_is_booked_without_a_limit_counts_as_well(ada: FlaskClient, make: Builders) -> None:
    chat = make.session(make.series(venue_id=make.venue(), places_room=None))
    make.booking(chat, make.person("Ann"), party_size=2)
    make.booking(chat, make.person("Ben"), pool=Pool.ROOM)
    answer = send(ada, "/office/venues/1/edit", **(FACTS | {"capacity": "2"}))
    assert "(3)" in words(answer)


def test_hire_notes_are_for_the_office_alone(client: FlaskClient, make: Builders) -> None:
    chat = make.session(make.series(venue_id=make.venue(hire_notes="Key: 41", capacity=77)))
    for path in (f"/sessions/{chat}", "/sessions", "/sessions.json", "/sessions.ics", "/series/series-1"):
        assert "Key: 41" not in client.get(path).text


def test_the_list_says_what_nobody_has_found_out(ada: FlaskClient, make: Builders) -> None:
    make.session(make.series(venue_id=make.venue("Old mill", address="")))
    page = words(ada.get("/office/venues"))
    assert "Old mill" in page
    assert "where on the map, step-free way in" in page
    assert "picture of the door" in page


def test_the_door_is_shown_on_the_session_page(app: Flask, ada: FlaskClient, make: Builders) -> None:
    chat = make.session(make.series(venue_id=make.venue()))
    assert "The picture is put up" in after(ada, _put_up(ada, 1, picture(size=(3200, 1600))))
    page = app.test_client().get(f"/sessions/{chat}").text
    assert f'width="1600" height="800" alt="{DOOR}"' in page
    answer = app.test_client().get("/venues/1/door.jpg")
    assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
    assert _audit(app) == [("venue photo put up", "")]


def test_a_browser_that_has_the_picture_is_not_sent_it_again(
    app: Flask, ada: FlaskClient, make: Builders
) -> None:
    make.session(make.series(venue_id=make.venue()))
    _put_up(ada, 1, picture())
    stranger = app.test_client()
    etag = stranger.get("/venues/1/door.jpg").headers["ETag"]
    assert stranger.get("/venues/1/door.jpg", headers={"If-None-Match": etag}).status_code == 304
    _put_up(ada, 1, picture(size=(50, 20)))
    assert stranger.get("/venues/1/door.jpg", headers={"If-None-Match": etag}).status_code == 200


def test_a_door_behind_which_nobody_meets_yet_is_for_the_office(
    app: Flask, ada: FlaskClient, make: Builders
) -> None:
    make.session(make.series(venue_id=make.venue(), audience=Audience.FACILITATORS))
    make.session(make.series(venue_id=make.venue(), state=SessionState.DRAFT), state=SessionState.DRAFT)
    _put_up(ada, 1, picture())
    fay = make.sign_in(app.test_client(), make.facilitator("Fay"))
    answers = [client.get("/venues/1/door.jpg").status_code for client in (app.test_client(), fay, ada)]
    assert answers == [404, 200, 200]


def test_no_picture_is_not_there(ada: FlaskClient, make: Builders) -> None:
    make.session(make.series(venue_id=make.venue()))
    assert ada.get("/venues/1/door.jpg").status_code == 404
    assert ada.get("/venues/99/door.jpg").status_code == 404
    assert ada.get("/office/venues/99/photo").status_code == 404


def test_removing_the_picture_twice_is_once(app: Flask, ada: FlaskClient, make: Builders) -> None:
    make.session(make.series(venue_id=make.venue()))
    _put_up(ada, 1, picture())
    token = csrf_token(ada.get("/office/venues/1"))
    for _time in range(2):
        ada.post("/office/venues/1/photo/remove", data={"csrf_token": token})
    assert rows(app, PHOTOS) == [0]
    assert [action for action, _fields in _audit(app)] == ["venue photo put up", "venue photo removed"]


def test_the_same_picture_twice_is_one_line_in_the_audit(
    app: Flask, ada: FlaskClient, make: Builders
) -> None:
    make.venue()
    for _time in range(2):
        _put_up(ada, 1, picture())
    assert rows(app, PHOTOS) == [1]
    assert len(_audit(app)) == 1


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (b"A text file", "that file is none"),
        (picture(size=(400, 300))[:-200], "That picture is damaged"),
        (bomb(50_000), "too large to open"),
        (moving("WEBP"), "does not move"),
        (b"", "Choose a picture"),
        (b"\xff" * (LARGEST_BYTES + 1), "at most 8 MB"),
    ],
    ids=["text", "truncated", "bomb", "moving", "nothing", "too large"],
)
def test_a_bad_picture_is_refused_with_a_sentence(
    app: Flask, ada: FlaskClient, make: Builders, sent: bytes, said: str
) -> None:
    make.venue()
    answer = _put_up(ada, 1, sent)
    assert answer.status_code == 422
    assert said in words(answer)
    assert DOOR in answer.text
    assert rows(app, PHOTOS) == [0]


def test_a_picture_without_words_is_asked_for_them(app: Flask, ada: FlaskClient, make: Builders) -> None:
    make.venue()
    answer = _put_up(ada, 1, picture(), words="  ")
    assert answer.status_code == 422
    assert "Write what the picture shows" in words(answer)
    assert rows(app, PHOTOS) == [0]


def test_far_too_much_at_once_gets_a_kind_page(ada: FlaskClient, make: Builders) -> None:
    make.venue()
    answer = _put_up(ada, 1, b"\xff" * (LARGEST_BYTES + 2 * 2**20))
    assert answer.status_code == 413
    assert "send a shorter text or a smaller file" in words(answer)


def test_no_other_form_takes_as_much(ada: FlaskClient) -> None:
    assert send(ada, "/office/venues/new", name="x" * 2_000_000).status_code == 413


@pytest.mark.parametrize("path", ["", "/1", "/new", "/1/edit", "/1/photo"])
def test_venues_are_not_there_for_patients_and_hosts(client: FlaskClient, make: Builders, path: str) -> None:
    make.venue()
    assert client.get(f"/office/venues{path}").status_code == 303
    make.sign_in(client, make.facilitator("Fay"))
    assert client.get(f"/office/venues{path}").status_code == 404


def test_what_is_no_venue_is_not_changed(app: Flask, make: Builders, clock_at: Any) -> None:
    now: datetime = clock_at("2026-11-22T10:00+00:00")
    ada = make.admin("Ada")
    with app.app_context(), pytest.raises(deeds.NotFound):
        deeds.change_venue(99, deeds.VenueFacts("Hall", "Wales"), ada, now)
    with app.app_context():
        assert db.session.scalar(select(Venue.id)) is None
