"""/sessions.json in OpenActive's vocabulary: what its model requires is there, and nothing private is."""

import re
from datetime import date, time
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from booking.models import ScheduledSession, Series, Venue
from booking.models.kinds import Access, Audience, Mode, SessionState
from tests.schedule.test_find import counted
from tests.support.builders import Builders
from tests.support.pages import write

ON = date(2026, 11, 25)
# Modelling Opportunity Data 2.x.
SESSION_NEEDS = {"@type", "@id", "startDate", "endDate", "eventStatus", "url", "duration", "superEvent"}
SERIES_NEEDS = {"@type", "@id", "url", "name", "activity", "organizer", "eventSchedule", "offers"}
CONCEPT_NEEDS = {"@type", "@id", "prefLabel", "inScheme"}


def told(client: FlaskClient) -> list[dict[str, Any]]:
    """Every date that the document tells of."""
    document: Any = client.get("/sessions.json").json
    assert document["@context"] == ["https://openactive.io/", "https://openactive.io/ns-beta"]
    graph: list[dict[str, Any]] = document["@graph"]
    return graph


def test_a_date_has_what_the_model_requires(client: FlaskClient, make: Builders) -> None:
    chat = make.session(on=ON)
    make.booking(chat, make.person("Ann"))
    (found,) = told(client)
    assert found.keys() >= SESSION_NEEDS
    assert (found["@type"], found["@id"]) == ("ScheduledSession", f"http://localhost/sessions/{chat}")
    assert (found["startDate"], found["endDate"]) == (
        "2026-11-25T13:30:00+00:00",
        "2026-11-25T17:00:00+00:00",
    )
    assert (found["duration"], found["eventStatus"]) == ("PT3H30M", "https://schema.org/EventScheduled")
    assert (found["maximumAttendeeCapacity"], found["remainingAttendeeCapacity"]) == (20, 19)


def test_in_summer_the_clock_on_the_wall_is_an_hour_from_utc(client: FlaskClient, make: Builders) -> None:
    make.session(on=date(2027, 6, 30))
    assert told(client)[0]["startDate"] == "2027-06-30T13:30:00+01:00"


def test_its_series_has_what_the_model_requires(client: FlaskClient, make: Builders) -> None:
    make.session(make.series(key="manchester", audience=Audience.PATIENTS), on=ON)
    series = told(client)[0]["superEvent"]
    assert series.keys() >= SERIES_NEEDS
    assert (series["@type"], series["url"]) == ("SessionSeries", "http://localhost/series/manchester")
    assert all(concept.keys() >= CONCEPT_NEEDS for concept in series["activity"])
    assert series["organizer"]["@type"] == "Organization"
    assert (series["isAccessibleForFree"], series["offers"][0]["price"]) == (True, 0)
    assert series["additionalAdmissionRestriction"] == ["For people who live with secondary breast cancer"]


@pytest.mark.parametrize(
    ("rule", "frequency", "days"),
    [
        ("FREQ=WEEKLY;BYDAY=MO,WE", "P1W", ["https://schema.org/Monday", "https://schema.org/Wednesday"]),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TH", "P2W", ["https://schema.org/Thursday"]),
        ("FREQ=MONTHLY;INTERVAL=3;BYDAY=-1WE", "P3M", ["-1WE"]),
    ],
)
def test_a_series_says_how_it_repeats(
    client: FlaskClient, make: Builders, rule: str, frequency: str, days: list[str]
) -> None:
    make.session(make.series(rule=rule), on=ON)
    (schedule,) = told(client)[0]["superEvent"]["eventSchedule"]
    assert schedule["@type"] == "PartialSchedule"
    assert (schedule["repeatFrequency"], schedule["byDay"]) == (frequency, days)
    assert (schedule["startTime"], schedule["endTime"]) == ("13:30", "17:00")
    assert schedule["scheduleTimezone"] == "Europe/London"


@pytest.mark.parametrize("rule", [None, "RDATE:20261125,20270105"])
def test_what_does_not_repeat_has_no_schedule(client: FlaskClient, make: Builders, rule: str | None) -> None:
    make.session(make.series(rule=rule), on=ON)
    assert "eventSchedule" not in told(client)[0]["superEvent"]


def test_a_place_has_its_position_and_what_is_known_of_getting_in(
    app: Flask, client: FlaskClient, make: Builders
) -> None:
    make.session(on=ON)
    known = {"latitude": 53.48, "longitude": -2.24, "town": "Manchester", "hire_notes": "Key at number 4"}
    write(app, update(Venue).values(step_free=Access.YES, parking=Access.NO, **known))
    found = told(client)[0]["location"]
    assert found["geo"] == {"@type": "GeoCoordinates", "latitude": 53.48, "longitude": -2.24}
    assert (found["address"]["addressLocality"], found["address"]["addressCountry"]) == ("Manchester", "GB")
    features = {feature["name"]: feature["value"] for feature in found["amenityFeature"]}
    assert features == {"Step-free access": True, "Parking": False}
    assert "Key at number 4" not in client.get("/sessions.json").text


def test_online_has_a_page_to_join_from_and_no_place(client: FlaskClient, make: Builders) -> None:
    chat = make.session(make.series(mode=Mode.ONLINE), on=ON)
    (found,) = told(client)
    assert found["eventAttendanceMode"] == "https://schema.org/OnlineEventAttendanceMode"
    assert found["beta:virtualLocation"]["url"] == f"http://localhost/sessions/{chat}"
    assert "location" not in found
    assert "location" not in found["superEvent"]
    assert "raw-secret" not in client.get("/sessions.json").text


def test_a_hybrid_one_has_both_and_counts_who_is_online_apart(client: FlaskClient, make: Builders) -> None:
    make.session(make.series(mode=Mode.HYBRID), on=ON)
    (found,) = told(client)
    assert found.keys() >= {"location", "beta:virtualLocation"}
    assert (found["maximumAttendeeCapacity"], found["maximumVirtualAttendeeCapacity"]) == (40, 20)


def test_without_a_limit_no_number_of_places_is_told(client: FlaskClient, make: Builders) -> None:
    make.session(on=ON, places_room=None)
    assert not [name for name in told(client)[0] if "Capacity" in name]


def test_a_date_that_was_moved_says_from_where(app: Flask, client: FlaskClient, make: Builders) -> None:
    make.session(on=ON)
    write(app, update(ScheduledSession).values(start_time=time(14), schedule_version=2))
    (found,) = told(client)
    assert found["eventStatus"] == "https://schema.org/EventRescheduled"
    assert found["previousStartDate"] == "2026-11-25T13:30:00+00:00"


def test_nothing_that_only_some_may_know_is_told(app: Flask, client: FlaskClient, make: Builders) -> None:
    fay = make.facilitator("Fay", full_name="Fay Featherstone")
    make.session(on=ON, led_by=(fay,))
    make.session(make.series("Host catch-up", audience=Audience.FACILITATORS), on=ON)
    make.session(make.series("Next season", state=SessionState.DRAFT), on=ON, state=SessionState.DRAFT)
    write(app, update(Series).values(office_notes="A note", grant_tag="A grant"))
    text = client.get("/sessions.json").text
    private = ("Fay", "Featherstone", "Host catch-up", "Next season", "A note", "A grant", "raw-secret")
    assert not [word for word in private if word in text]


def test_many_dates_cost_as_many_questions_as_one(app: Flask, client: FlaskClient, make: Builders) -> None:
    counts = []
    with counted(app) as said:
        for day in (25, 26, 27):
            make.session(make.series(venue_id=make.venue(f"Hall {day}")), on=date(2026, 11, day))
            said.clear()
            client.get("/sessions.json")
            counts.append(len(said))
    assert len(set(counts)) == 1
    assert counts[0] <= 8


def test_every_address_in_it_is_whole(app: Flask, client: FlaskClient, make: Builders) -> None:
    make.session(make.series("Tea", rule="FREQ=WEEKLY;BYDAY=WE"), on=ON)
    make.session(make.series("Called off"), on=ON, state=SessionState.CANCELLED)
    make.session(make.series("Yoga", mode=Mode.ONLINE), on=ON, public_reason="A week later")
    addresses = re.findall(r'"(?:@id|url|inScheme)": "([^"]*)"', client.get("/sessions.json").text)
    assert len(addresses) > 12
    assert not [each for each in addresses if not each.startswith(("https://", "http://"))]
