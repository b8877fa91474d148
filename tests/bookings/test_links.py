"""The links in her letters: our own door to the meeting, and the event for her calendar."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar
from icalendar.cal import Component
from sqlalchemy import select, update

from booking.models import Booking, Message, Person, ScheduledSession
from booking.models.kinds import BookingState, Mode, PersonStatus, Pool, SessionState
from booking.rules.tokens import make_token
from tests.support.builders import Builders
from tests.support.databases import SECRET_KEY
from tests.support.pages import rows, send, words, write

Mover = Callable[[datetime], datetime]
RAW = "https://meet.example.org/raw-secret"
SHUT = [timedelta(minutes=-15, seconds=-1), timedelta(days=-5)]
OPEN = [timedelta(minutes=-15), timedelta(), timedelta(minutes=59, seconds=59)]


@pytest.fixture
def booking(make: Builders, now: datetime) -> int:
    """Ann's online place, in ten days from now for an hour."""
    return make.booking(make.session(make.series(mode=Mode.ONLINE)), make.person("Ann"))


def link(app: Flask, booking: int, purpose: str = "join", key: str = SECRET_KEY) -> str:
    (nonce,) = rows(app, select(Booking.nonce).where(Booking.id == booking))
    token = make_token(key, purpose, booking, nonce)
    return f"/join/{token}" if purpose == "join" else f"/calendar/{token}.ics"


def event(client: FlaskClient, path: str) -> Component:
    answer = client.get(path)
    assert answer.status_code == 200
    return Calendar.from_ical(answer.data).walk("VEVENT")[0]


@pytest.mark.parametrize("since_start", OPEN)
def test_the_door_is_open_from_15_minutes_before_until_the_end(
    app: Flask,
    client: FlaskClient,
    booking: int,
    now: datetime,
    clock_at: Mover,
    since_start: timedelta,
) -> None:
    path = link(app, booking)
    clock_at(now + timedelta(days=10) + since_start)
    shown, pressed = client.get(path), send(client, path)
    assert RAW not in shown.text
    assert RAW in pressed.text
    assert pressed.headers["Cache-Control"] == "no-store"
    assert pressed.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("since_start", SHUT)
def test_before_that_the_page_says_when_it_opens(
    app: Flask,
    client: FlaskClient,
    booking: int,
    now: datetime,
    clock_at: Mover,
    since_start: timedelta,
) -> None:
    path = link(app, booking)
    clock_at(now + timedelta(days=10) + since_start)
    pressed = send(client, path, page="/sign-in")
    assert "opens 15 minutes before the start" in words(client.get(path))
    assert RAW not in pressed.text


def test_after_the_end_the_door_is_shut(
    app: Flask, client: FlaskClient, booking: int, now: datetime, clock_at: Callable
) -> None:
    path = link(app, booking)
    clock_at(now + timedelta(days=10, hours=1))
    pressed = send(client, path, page="/sign-in")
    assert "This session is over" in words(client.get(path))
    assert (pressed.status_code, RAW in pressed.text) == (410, False)


@pytest.mark.parametrize("what", ["given up", "cancelled", "in the room", "closed", "died"])
def test_a_link_that_leads_nowhere_any_more(
    app: Flask,
    client: FlaskClient,
    booking: int,
    now: datetime,
    clock_at: Mover,
    what: str,
) -> None:
    path = link(app, booking)
    change = {
        "given up": update(Booking).values(state=BookingState.GIVEN_UP),
        "cancelled": update(ScheduledSession).values(state=SessionState.CANCELLED),
        "in the room": update(Booking).values(pool=Pool.ROOM),
        "closed": update(Person).values(status=PersonStatus.CLOSED),
        "died": update(Person).values(status=PersonStatus.DIED),
    }
    write(app, change[what])
    clock_at(now + timedelta(days=10))
    pressed = send(client, path, page="/sign-in")
    assert (pressed.status_code in (404, 410), RAW in pressed.text) == (True, False)
    assert "over" not in words(pressed)


def test_the_door_leads_to_the_address_of_today(
    app: Flask, client: FlaskClient, booking: int, now: datetime, clock_at: Callable
) -> None:
    path = link(app, booking)
    write(app, update(ScheduledSession).values(meeting_url="https://meet.example.org/new"))
    clock_at(now + timedelta(days=10))
    assert "https://meet.example.org/new" in send(client, path).text


def test_without_an_address_the_page_offers_help(
    app: Flask, client: FlaskClient, booking: int, now: datetime, clock_at: Callable
) -> None:
    path = link(app, booking)
    write(app, update(ScheduledSession).values(meeting_url=""))
    clock_at(now + timedelta(days=10))
    assert "call or email us" in words(send(client, path, page="/sign-in"))


@pytest.mark.parametrize("wrong", ["tampered", "other purpose", "other key", "garbage", "huge"])
def test_a_link_that_was_never_ours_opens_nothing(
    app: Flask, client: FlaskClient, booking: int, wrong: str
) -> None:
    good = link(app, booking)
    tried = {
        "tampered": good[:-1] + ("A" if good[-1] != "A" else "B"),
        "other purpose": link(app, booking, "calendar").replace("/calendar/", "/join/").removesuffix(".ics"),
        "other key": link(app, booking, key="a key that somebody else has made up"),
        "garbage": "/join/%F0%9F%92%9C",
        "huge": f"/join/zzzzzz.{'A' * 27}",
    }
    assert client.get(good).status_code == 200
    assert client.get(tried[wrong]).status_code == 404
    assert send(client, tried[wrong], page="/sign-in").status_code == 404


def test_the_event_in_her_calendar_is_discreet_and_hers_alone(
    app: Flask, client: FlaskClient, booking: int
) -> None:
    found = event(client, link(app, booking, "calendar"))
    assert found["SUMMARY"] == "Tea & A Chat Manchester"
    assert "/join/" in found["DESCRIPTION"]
    assert "raw-secret" not in found.to_ical().decode()
    assert "ATTENDEE" not in found


def test_the_event_keeps_its_uid_and_is_cancelled_after_giving_up(
    app: Flask, client: FlaskClient, booking: int
) -> None:
    path = link(app, booking, "calendar")
    before = event(client, path)
    write(app, update(Booking).values(state=BookingState.GIVEN_UP))
    later = event(client, path)
    assert before["UID"] == later["UID"]
    assert later["STATUS"] == "CANCELLED"
    assert later["SEQUENCE"] > before["SEQUENCE"]


def test_the_event_of_a_cancelled_session_is_cancelled(app: Flask, client: FlaskClient, booking: int) -> None:
    write(app, update(ScheduledSession).values(state=SessionState.CANCELLED))
    assert event(client, link(app, booking, "calendar"))["STATUS"] == "CANCELLED"


def test_two_bookings_of_one_session_are_two_events(app: Flask, client: FlaskClient, make: Builders) -> None:
    chat = make.session()
    paths = [link(app, make.booking(chat, make.person(name)), "calendar") for name in ("Ann", "Ben")]
    assert len({str(event(client, path)["UID"]) for path in paths}) == 2


def test_reading_a_calendar_twice_gives_the_same_bytes(app: Flask, client: FlaskClient, booking: int) -> None:
    path = link(app, booking, "calendar")
    assert client.get(path).data == client.get(path).data


def test_opening_links_writes_nothing(app: Flask, client: FlaskClient, booking: int) -> None:
    for purpose in ("join", "calendar"):
        client.get(link(app, booking, purpose))
    assert rows(app, select(Message.id)) == []


def test_a_calendar_link_that_does_not_fit_is_not_there(
    app: Flask, client: FlaskClient, booking: int
) -> None:
    swapped = link(app, booking).replace("/join/", "/calendar/") + ".ics"
    assert client.get(swapped).status_code == 404
    assert client.get("/calendar/x.ics").status_code == 404
