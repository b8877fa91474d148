"""The way into an online session: calm before, a button within, and help for whoever can't get in."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from booking import clock
from booking.db import db
from booking.messages.letters.links import join_url
from booking.models import AuditEntry, Booking, Series
from booking.models.kinds import Attendance, BookingState, Mode, Pool
from booking.refusals import DoorShut, NotFound
from booking.services import bookings, joining
from tests.support import pages
from tests.support.builders import Builders

START = datetime(2027, 1, 27, 18, 0, tzinfo=UTC)
Mover = Callable[[datetime], datetime]
RAW = "https://meet.example.org/raw-secret"


class Scene:
    """Ann has an online place, Ben one in the room; Fay hosts, Gil does not."""

    def __init__(self, app: Flask, make: Builders) -> None:
        self.app, self.make = app, make
        self.ann, self.ben = make.person(), make.person("Ben")
        self.fay, self.gil = make.facilitator(), make.facilitator("Gil")
        series = make.series(mode=Mode.HYBRID)
        self.chat = make.session(series, starts_in=timedelta(hours=2), led_by=(self.fay,))
        self.place = make.booking(self.chat, self.ann, pool=Pool.ONLINE)
        self.bens = make.booking(self.chat, self.ben, pool=Pool.ROOM)

    def path(self, booking_id: int | None = None) -> str:
        with self.app.app_context():
            return "/" + join_url(db.session.get_one(Booking, booking_id or self.place)).split("/", 3)[3]

    def of(self, fact: Any, booking_id: int | None = None) -> Any:
        return pages.rows(self.app, select(fact).where(Booking.id == (booking_id or self.place)))[0]

    def press(self, client: FlaskClient, then: str = "") -> Any:
        return pages.send(client, self.path() + then, page="/sign-in")

    def do(self, deed: Callable[..., Any], *facts: Any) -> Any:
        with self.app.app_context():
            return deed(*facts, clock.now())

    def seen_by(self, host: int) -> Any:
        return self.make.sign_in(self.app.test_client(), host).get(f"/host/sessions/{self.chat}")


@pytest.fixture
def scene(app: Flask, make: Builders, clock_at: Mover) -> Scene:
    clock_at(START - timedelta(hours=2))
    return Scene(app, make)


def open_the_door(clock_at: Mover) -> datetime:
    return clock_at(START - timedelta(minutes=10))


def test_before_the_window_the_page_is_calm_and_leads_nowhere(scene: Scene, client: FlaskClient) -> None:
    page = client.get(scene.path())
    for words in ("A little early", "What you will see", "Test your sound"):
        assert words in pages.words(page)
    assert "<form" not in page.text
    assert scene.press(client).status_code == 303
    assert scene.of(Booking.joined_at) is None


def test_pressing_join_leads_in_and_is_noted_but_is_no_attendance(
    scene: Scene, client: FlaskClient, clock_at: Mover
) -> None:
    now = open_the_door(clock_at)
    assert RAW in scene.press(client).text
    assert scene.of(Booking.joined_at) == now
    assert scene.of(Booking.attendance) is Attendance.NOT_RECORDED


def test_the_first_press_is_the_one_that_is_kept(scene: Scene, client: FlaskClient, clock_at: Mover) -> None:
    now = open_the_door(clock_at)
    scene.press(client)
    clock_at(START + timedelta(minutes=5))
    scene.press(client)
    assert scene.of(Booking.joined_at) == now


def test_opening_the_page_ten_times_joins_nobody(scene: Scene, client: FlaskClient, clock_at: Mover) -> None:
    open_the_door(clock_at)
    for _times in range(10):
        assert RAW not in client.get(scene.path()).text
        client.head(scene.path())
    assert scene.of(Booking.joined_at) is None


def test_the_link_is_dead_the_moment_the_booking_ends(
    scene: Scene, client: FlaskClient, clock_at: Mover
) -> None:
    open_the_door(clock_at)
    scene.do(bookings.give_up_place, scene.place, scene.ann)
    for then in ("", "/help"):
        assert RAW not in scene.press(client, then).text
    assert client.get(scene.path()).status_code == 410
    with pytest.raises(DoorShut):
        scene.do(joining.press_join, scene.place)
    with pytest.raises(DoorShut):
        scene.do(joining.say_stuck, scene.place)


def test_a_place_in_the_room_leads_into_no_meeting(
    scene: Scene, client: FlaskClient, clock_at: Mover
) -> None:
    open_the_door(clock_at)
    assert client.get(scene.path(scene.bens)).status_code == 410
    with pytest.raises(DoorShut):
        scene.do(joining.press_join, scene.bens)


def test_who_cannot_get_in_stands_on_her_hosts_page_until_it_is_seen_to(
    scene: Scene, client: FlaskClient, clock_at: Mover
) -> None:
    open_the_door(clock_at)
    said = pages.after(client, scene.press(client, "/help"))
    assert "We have told your host" in said
    assert "Ann can't get into the meeting" in pages.words(scene.seen_by(scene.fay))
    assert scene.do(joining.see_to, scene.place, scene.fay) == scene.chat
    assert "can't get into" not in pages.words(scene.seen_by(scene.fay))


def test_her_hosts_sessions_lead_to_whoever_cannot_get_in(
    scene: Scene, client: FlaskClient, clock_at: Mover
) -> None:
    open_the_door(clock_at)
    fay, gil = (scene.make.sign_in(scene.app.test_client(), host) for host in (scene.fay, scene.gil))
    assert "can't get into" not in pages.words(fay.get("/host"))
    scene.press(client, "/help")
    page = fay.get("/host")
    assert "Somebody can't get into Tea & A Chat Manchester." in pages.words(page)
    assert f'href="/host/sessions/{scene.chat}">See who, and help them in' in page.text
    assert "Ann" not in pages.words(page)
    assert "can't get into" not in pages.words(gil.get("/host"))
    scene.do(joining.see_to, scene.place, scene.fay)
    assert "can't get into" not in pages.words(fay.get("/host"))


def test_her_open_page_learns_who_cannot_get_in(scene: Scene, client: FlaskClient, clock_at: Mover) -> None:
    open_the_door(clock_at)
    fay, path = scene.make.sign_in(scene.app.test_client(), scene.fay), f"/host/sessions/{scene.chat}"
    page = fay.get(path).text
    assert f'data-news="{path}/news" data-known=""' in page
    assert 'src="/static/news.js' in page
    assert "This page does not look for news by itself: reload" in page
    assert fay.get(f"{path}/news").json == {"stuck": []}
    scene.press(client, "/help")
    assert fay.get(f"{path}/news").json == {"stuck": [scene.place]}
    assert f'data-known="{scene.place}"' in fay.get(path).text
    scene.do(joining.see_to, scene.place, scene.fay)
    assert fay.get(f"{path}/news").json == {"stuck": []}


def test_another_host_and_a_patient_hear_no_news(scene: Scene, clock_at: Mover) -> None:
    open_the_door(clock_at)
    for who in (scene.gil, scene.ben):
        hers = scene.make.sign_in(scene.app.test_client(), who)
        assert hers.get(f"/host/sessions/{scene.chat}/news").status_code in (403, 404)


def test_the_office_sees_where_somebody_cannot_get_in(
    scene: Scene, client: FlaskClient, clock_at: Mover
) -> None:
    open_the_door(clock_at)
    ada = scene.make.sign_in(scene.app.test_client(), scene.make.admin("Ada"))
    assert "can't get into" not in pages.words(ada.get("/office"))
    scene.press(client, "/help")
    page = ada.get("/office")
    assert "Somebody can't get into Tea & A Chat Manchester. Open the session" in pages.words(page)
    assert f'href="/office/sessions/{scene.chat}"' in page.text
    clock_at(START + timedelta(hours=6))
    assert "can't get into" not in pages.words(ada.get("/office"))


def test_after_she_said_it_one_tap_calls_us(scene: Scene, client: FlaskClient, clock_at: Mover) -> None:
    open_the_door(clock_at)
    scene.press(client, "/help")
    page = client.get(scene.path()).text
    assert re.search(r'<a class="govuk-button[^"]*" href="tel:\d+">Call us: ', page)


def test_what_the_page_runs_is_what_the_build_puts_there() -> None:
    assert Path("assets/js/news.js").read_bytes() == Path("booking/static/news.js").read_bytes()


def test_after_the_session_nobody_waits_for_help(scene: Scene, client: FlaskClient, clock_at: Mover) -> None:
    open_the_door(clock_at)
    scene.press(client, "/help")
    clock_at(START + timedelta(hours=6))
    fay = scene.make.sign_in(scene.app.test_client(), scene.fay)
    assert "can't get into" not in pages.words(fay.get("/host"))


def test_a_host_says_seen_to_by_a_button(scene: Scene, client: FlaskClient, clock_at: Mover) -> None:
    open_the_door(clock_at)
    scene.press(client, "/help")
    fay = scene.make.sign_in(scene.app.test_client(), scene.fay)
    path = f"/host/sessions/{scene.chat}"
    answer = pages.send(fay, f"{path}/bookings/{scene.place}/seen-to", page=path)
    assert answer.status_code == 303
    assert scene.of(Booking.stuck_at) is None


def test_another_host_and_a_patient_see_to_nothing(
    scene: Scene, client: FlaskClient, clock_at: Mover
) -> None:
    open_the_door(clock_at)
    scene.press(client, "/help")
    for who in (scene.gil, scene.ben):
        with pytest.raises(NotFound):
            scene.do(joining.see_to, scene.place, who)
    assert scene.of(Booking.stuck_at) is not None


def test_saying_it_twice_and_seeing_to_it_twice_is_once(
    scene: Scene, client: FlaskClient, clock_at: Mover
) -> None:
    open_the_door(clock_at)
    for _times in range(2):
        scene.press(client, "/help")
    for _times in range(2):
        scene.do(joining.see_to, scene.place, scene.fay)
    seen = select(AuditEntry.actor_id).where(AuditEntry.action == "way in seen to")
    assert pages.rows(scene.app, seen) == [scene.fay]


def test_before_the_window_nobody_is_alarmed(scene: Scene, client: FlaskClient) -> None:
    assert scene.press(client, "/help").status_code == 303
    assert scene.of(Booking.stuck_at) is None


def test_the_register_shows_who_pressed_join_until_she_is_marked(
    scene: Scene, client: FlaskClient, clock_at: Mover
) -> None:
    open_the_door(clock_at)
    scene.press(client)
    assert "Pressed join at 5:50pm" in pages.words(scene.seen_by(scene.fay))
    pages.write(scene.app, update(Booking).values(attendance=Attendance.JOINED_ONLINE))
    assert "Pressed join" not in pages.words(scene.seen_by(scene.fay))


def test_by_telephone_is_said_where_there_is_a_number(scene: Scene, client: FlaskClient) -> None:
    assert "By telephone" not in pages.words(client.get(scene.path()))
    pages.write(scene.app, update(Series).values(dial_in="0306 999 0199, then 123 456#"))
    assert "By telephone 0306 999 0199, then 123 456#" in pages.words(client.get(scene.path()))


def test_a_made_up_link_alarms_nobody(scene: Scene, client: FlaskClient, clock_at: Mover) -> None:
    open_the_door(clock_at)
    answer = pages.send(client, "/join/1.nonsense/help", page="/sign-in")
    assert client.get(answer.location).status_code == 404
    assert pages.rows(scene.app, select(Booking.id).where(Booking.stuck_at.is_not(None))) == []
    assert scene.of(Booking.state) is BookingState.BOOKED
