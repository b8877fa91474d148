"""The calendar and the JSON of everything to come: public facts, discreet words, answered once."""

import json
from datetime import date, time, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar
from sqlalchemy import update

from booking.models import ScheduledSession
from booking.models.kinds import Audience, Mode, SessionState
from booking.rules.discreet import holds_forbidden
from tests.support.builders import Builders
from tests.support.pages import write

ON = date(2026, 11, 25)
FEEDS = pytest.mark.parametrize("path", ["/sessions.ics", "/sessions.json"])


def test_the_calendar_has_wall_time_and_a_steady_identity(
    app: Flask, client: FlaskClient, make: Builders
) -> None:
    make.session(on=ON)
    write(app, update(ScheduledSession).values(uid="one-and-only"))
    (found,) = Calendar.from_ical(client.get("/sessions.ics").data).walk("VEVENT")
    assert found["UID"] == "one-and-only"
    assert found["DTSTART"].params["TZID"] == "Europe/London"
    assert found.decoded("DTSTART").isoformat() == "2026-11-25T13:30:00+00:00"
    assert "ATTENDEE" not in found
    assert "ORGANIZER" not in found


@FEEDS
def test_a_feed_that_is_known_is_not_sent_again(client: FlaskClient, make: Builders, path: str) -> None:
    make.session(on=ON)
    first = client.get(path)
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]


@FEEDS
def test_a_feed_stays_the_same_while_only_time_passes(
    client: FlaskClient, make: Builders, path: str, clock_at: object
) -> None:
    make.session(on=ON)
    first = client.get(path)
    clock_at("2026-11-23T10:00+00:00")  # type: ignore[operator]
    assert client.get(path).data == first.data


@FEEDS
def test_a_change_makes_a_new_tag(app: Flask, client: FlaskClient, make: Builders, path: str) -> None:
    make.session(on=ON)
    first = client.get(path).headers["ETag"]
    write(app, update(ScheduledSession).values(schedule_version=2, start_time=time(14)))
    answer = client.get(path, headers={"If-None-Match": first})
    assert answer.status_code == 200
    assert answer.headers["ETag"] != first


@FEEDS
def test_feeds_hold_nothing_for_hosts_no_draft_and_nothing_over(
    app: Flask, make: Builders, path: str
) -> None:
    make.session(make.series("Host catch-up", audience=Audience.FACILITATORS))
    make.session(make.series("Draft", state=SessionState.DRAFT))
    make.session(make.series("Over"), starts_in=timedelta(hours=-3))
    fay = make.sign_in(app.test_client(), make.facilitator("Fay"))
    for reader in (app.test_client(), fay):
        text = reader.get(path).text
        assert not [title for title in ("Host catch-up", "Draft", "Over") if title in text]


def test_calendar_words_are_discreet_and_the_raw_link_is_nowhere(client: FlaskClient, make: Builders) -> None:
    hall = make.venue("Breast Cancer Centre, Hull")
    make.session(make.series("Men with cancer", discreet_name="Evening circle", venue_id=hall), on=ON)
    make.session(make.series("Secondary", mode=Mode.ONLINE, discreet_name="Tea & A Chat"), on=ON)
    text = client.get("/sessions.ics").text
    assert not holds_forbidden(text)
    assert "raw-secret" not in text + client.get("/sessions.json").text
    assert "SUMMARY:Evening circle" in text


def test_a_cancelled_date_stays_in_the_feeds_as_cancelled(client: FlaskClient, make: Builders) -> None:
    make.session(on=ON, state=SessionState.CANCELLED, public_reason="Snow")
    (event,) = Calendar.from_ical(client.get("/sessions.ics").data).walk("VEVENT")
    (fact,) = client.get("/sessions.json").json["@graph"]
    assert (event["STATUS"], event["SEQUENCE"]) == ("CANCELLED", 3)
    assert fact["eventStatus"] == "https://schema.org/EventCancelled"
    assert fact["schedulingNote"] == "Snow"


def test_feeds_take_the_same_filters_as_the_page(client: FlaskClient, make: Builders) -> None:
    make.session(make.series("Leeds"), on=ON)
    make.session(make.series("Yoga", mode=Mode.ONLINE), on=ON)
    found = client.get("/sessions.json?format=online&from=2020-01-01&nation=nowhere").json["@graph"]
    assert [fact["name"] for fact in found] == ["Yoga"]


def test_a_line_break_in_a_title_stays_inside_its_line(client: FlaskClient, make: Builders) -> None:
    title = "Tea\r\nATTENDEE:mailto:ann@example.org"
    make.session(make.series(title, discreet_name=title), on=ON)
    (event,) = Calendar.from_ical(client.get("/sessions.ics").data).walk("VEVENT")
    assert "ATTENDEE" not in event


def test_the_json_has_one_line_for_each_date(client: FlaskClient, make: Builders) -> None:
    assert client.get("/sessions.json").json["@graph"] == []
    series_id = make.series("Yoga", description='Bring a mat.\n"Gentle"')
    for day in (25, 26):
        make.session(series_id, on=date(2026, 11, day))
    text = client.get("/sessions.json").text
    assert [json.loads(line.rstrip(","))["name"] for line in text.split("\n")[1:-1]] == ["Yoga", "Yoga"]
