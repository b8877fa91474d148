"""Not up to it today: the link in her reminder gives the place back, and nobody asks why."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from booking import clock
from booking.db import db
from booking.messages.letters.links import not_today_url
from booking.models import Booking, Message, Person, ScheduledSession
from booking.models.kinds import Attendance, BookingState, MessageKind, PersonStatus, Pool, SessionState
from booking.queries import upkeep
from booking.services import not_today, waiting
from tests.support import pages
from tests.support.builders import Builders

Mover = Callable[[str], datetime]


class Scene:
    """Ann has the only place of 27 January, 1:30pm; the next date is 24 February."""

    def __init__(self, app: Flask, make: Builders) -> None:
        self.app, self.make = app, make
        self.ann, self.ben = make.person(), make.person("Ben")
        series = make.series(places_room=1, waiting_list=True)
        self.chat = make.session(series, on=date(2027, 1, 27))
        self.next = make.session(series, on=date(2027, 2, 24))
        self.place = make.booking(self.chat, self.ann)

    @property
    def path(self) -> str:
        with self.app.app_context():
            url = not_today_url(db.session.get_one(Booking, self.place))
        return "/" + url.split("/", 3)[3]

    def state(self) -> BookingState:
        return BookingState(pages.rows(self.app, select(Booking.state).where(Booking.id == self.place))[0])

    def press(self, client: FlaskClient) -> Any:
        answer = pages.send(client, self.path, page="/sign-in")
        with self.app.app_context():
            assert upkeep.problems() == []
        return answer


@pytest.fixture
def scene(app: Flask, make: Builders, clock_at: Mover) -> Scene:
    clock_at("2027-01-27T09:00+00:00")
    return Scene(app, make)


def test_one_tap_gives_the_place_back_and_the_page_says_that_is_fine(
    scene: Scene, client: FlaskClient
) -> None:
    assert "Not up to it today?" in pages.words(client.get(scene.path))
    said = pages.after(client, pages.send(client, scene.path))
    assert "That's fine" in said
    assert "Wednesday 24 February 2027" in said
    assert scene.state() is BookingState.GIVEN_UP
    kinds = pages.rows(scene.app, select(Message.kind))
    assert kinds == [MessageKind.GIVEN_UP]


def test_opening_the_link_changes_nothing(scene: Scene, client: FlaskClient) -> None:
    for _times in range(3):
        client.get(scene.path)
        client.head(scene.path)
    assert scene.state() is BookingState.BOOKED
    assert pages.rows(scene.app, select(Message.id)) == []


def test_whoever_waits_is_offered_the_place_at_once(
    scene: Scene, client: FlaskClient, clock_at: Mover
) -> None:
    clock_at("2027-01-20T09:00+00:00")
    with scene.app.app_context():
        waits = waiting.join_waiting_list(scene.chat, scene.ben, Pool.ROOM, scene.ben, clock.now())
    scene.press(client)
    states = pages.rows(scene.app, select(Booking.state).where(Booking.id == waits))
    assert states == [BookingState.OFFERED]


def test_pressing_twice_is_pressing_once(scene: Scene, client: FlaskClient) -> None:
    assert scene.press(client).status_code == 303
    assert scene.press(client).status_code == 303
    assert len(pages.rows(scene.app, select(Message.id))) == 1


@pytest.mark.parametrize(
    ("at", "became"),
    [
        ("2027-01-27T13:59:59+00:00", BookingState.GIVEN_UP),
        ("2027-01-27T14:00+00:00", BookingState.BOOKED),
    ],
)
def test_it_can_be_said_until_half_an_hour_after_the_start(
    scene: Scene, client: FlaskClient, clock_at: Mover, at: str, became: BookingState
) -> None:
    clock_at(at)
    scene.press(client)
    assert scene.state() is became
    assert "That's fine" in pages.words(client.get(scene.path))


def test_a_session_that_was_moved_goes_by_its_time_of_today(
    scene: Scene, client: FlaskClient, clock_at: Mover
) -> None:
    later = datetime.fromisoformat("2027-01-27T16:30+00:00")
    moved = update(ScheduledSession).where(ScheduledSession.id == scene.chat)
    pages.write(scene.app, moved.values(starts_at=later, start_time=later.time()))
    clock_at("2027-01-27T16:45+00:00")
    scene.press(client)
    assert scene.state() is BookingState.GIVEN_UP


def test_who_was_there_has_nothing_to_give_back(scene: Scene, client: FlaskClient, clock_at: Mover) -> None:
    clock_at("2027-01-27T13:45+00:00")
    pages.write(scene.app, update(Booking).values(attendance=Attendance.CAME))
    answer = scene.press(client)
    assert answer.status_code == 409
    assert "The register says that you came" in pages.words(answer)
    assert scene.state() is BookingState.BOOKED


def test_a_cancelled_session_asks_nothing_of_her(scene: Scene, client: FlaskClient) -> None:
    pages.write(
        scene.app, update(ScheduledSession).values(state=SessionState.CANCELLED, cancelled_at=clock.now())
    )
    shown = client.get(scene.path)
    assert "There is nothing for you to do" in pages.words(shown)
    assert "I can't come" not in shown.text


def test_no_other_link_and_no_made_up_one_gives_it_back(scene: Scene, client: FlaskClient) -> None:
    own = scene.path.rsplit("/", 1)[1]
    for token in ("no-such-link", own[:-1] + ("A" if own[-1] != "A" else "B"), "2" + own[1:]):
        answer = pages.send(client, f"/not-today/{token}", page="/sign-in")
        assert answer.status_code == 404
        assert "This link does not work any more" in pages.words(answer)
    assert client.get(f"/offers/{own}").status_code == 404
    assert scene.state() is BookingState.BOOKED


def test_the_link_of_somebody_who_has_died_opens_nothing(scene: Scene, client: FlaskClient) -> None:
    path = scene.path
    pages.write(scene.app, update(Person).values(status=PersonStatus.DIED))
    assert client.get(path).status_code == 404


def test_without_its_limit_the_link_would_work_for_ever(
    scene: Scene, client: FlaskClient, clock_at: Mover, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock_at("2027-01-27T16:00+00:00")
    scene.press(client)
    assert scene.state() is BookingState.BOOKED
    monkeypatch.setattr(not_today, "SAYS_UNTIL", clock.now() - datetime.fromisoformat("2027-01-01T00:00Z"))
    scene.press(client)
    assert scene.state() is BookingState.GIVEN_UP


def test_the_page_keeps_to_itself_and_names_no_place_of_hers(scene: Scene, client: FlaskClient) -> None:
    scene.make.booking(scene.next, scene.ann)
    scene.press(client)
    page = client.get(scene.path)
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "Ann" not in page.text
