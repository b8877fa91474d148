"""Planning: the next six dates are seen before anything is saved, and once is once."""

from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from booking.models import AuditEntry, ScheduledSession, Series, SeriesChange, Venue
from booking.models.kinds import Access, Mode
from tests.office.season import Season
from tests.support import pages
from tests.support.builders import Builders

NEW = "/office/schedule/new"


@pytest.fixture
def facts(app: Flask, season: Season) -> dict[str, Any]:
    """Tea & A Chat Leeds, on the last Wednesday of the month from December on."""
    venue = pages.rows(app, select(Venue.id))[0]
    return {
        "title": "Tea & A Chat Leeds",
        "programme": "Tea & A Chat",
        "starts_on": ["30", "12", "2026"],
        "start_time": "13:30",
        "end_time": "15:00",
        "repeat": "monthly",
        "nth": "-1",
        "every_months": "1",
        "until": ["", "", ""],
        "mode": "in_person",
        "nation": "England",
        "venue": str(venue),
        "places_room": "20",
        "audience": "anyone",
        "token": "0123abcd",
    }


def added(app: Flask) -> list[Any]:
    return pages.rows(app, select(Series).where(Series.key.like("%-0123abcd-%")))


def test_the_dates_are_shown_before_anything_is_saved(
    app: Flask, desk: FlaskClient, facts: dict[str, Any]
) -> None:
    said = pages.words(pages.send(desk, NEW, step="check", **facts))
    assert "Last Wednesday of the month" in said
    assert "Wednesday 30 December 2026 Christmas and New Year" in said
    assert "Wednesday 26 May 2027" in said
    assert "June 2027" not in said
    assert added(app) == []


def test_a_bank_holiday_of_the_venues_nation_is_flagged(desk: FlaskClient, facts: dict[str, Any]) -> None:
    facts |= {"starts_on": ["26", "3", "2027"], "repeat": "weekly", "nation": "Scotland"}
    assert "Friday 26 March 2027 Good Friday" in pages.words(pages.send(desk, NEW, step="check", **facts))


def test_a_series_is_saved_with_its_dates_and_its_host(
    app: Flask, desk: FlaskClient, make: Builders, facts: dict[str, Any]
) -> None:
    facts["hosts"] = str(make.facilitator())
    answer = pages.send(desk, NEW, step="save", **facts)
    assert "“Tea & A Chat Leeds” is in the schedule." in pages.after(desk, answer)
    series = added(app)[0]
    assert (series.rule, series.places_room, series.places_online) == ("FREQ=MONTHLY;BYDAY=-1WE", 20, 0)
    assert "Led by Fay" in pages.words(desk.get(f"/office/schedule?series={series.id}"))


def test_one_single_session_is_one_date(app: Flask, desk: FlaskClient, facts: dict[str, Any]) -> None:
    pages.send(desk, NEW, step="save", **(facts | {"repeat": "once", "places_room": ""}))
    asked = select(ScheduledSession).where(ScheduledSession.series_id == added(app)[0].id)
    (only,) = pages.rows(app, asked)
    assert (only.local_date, only.places_room) == (date(2026, 12, 30), None)


def test_an_online_session_has_no_venue(app: Flask, desk: FlaskClient, facts: dict[str, Any]) -> None:
    facts |= {
        "mode": "online",
        "nation": "UK",
        "places_online": "",
        "meeting_url": "https://meet.example.org/1",
    }
    pages.send(desk, NEW, step="save", **facts)
    series = added(app)[0]
    assert (series.mode, series.venue_id, series.places_room) == (Mode.ONLINE, None, 0)
    assert (series.places_online, series.meeting_url) == (None, "https://meet.example.org/1")


def test_a_new_venue_keeps_what_is_known_of_it(app: Flask, desk: FlaskClient, facts: dict[str, Any]) -> None:
    facts |= {
        "venue": "new",
        "venue_name": "Leeds Library",
        "venue_address": "The Headrow",
        "step_free": "yes",
    }
    pages.send(desk, NEW, step="save", **facts)
    (venue,) = pages.rows(app, select(Venue).where(Venue.name == "Leeds Library"))
    assert (venue.nation, venue.address) == ("England", "The Headrow")
    assert (venue.step_free, venue.parking) == (Access.YES, Access.NOT_KNOWN)


def test_a_flagged_date_is_left_out_with_its_reason(
    app: Flask, desk: FlaskClient, facts: dict[str, Any]
) -> None:
    facts |= {"skip": "2026-12-30", "skip_reason": "The café is closed"}
    pages.send(desk, NEW, step="save", **facts)
    (change,) = pages.rows(app, select(SeriesChange))
    assert (change.action, change.rule_date, change.reason) == (
        "skip",
        date(2026, 12, 30),
        "The café is closed",
    )


def test_saved_twice_is_one_series(app: Flask, desk: FlaskClient, facts: dict[str, Any]) -> None:
    pages.send(desk, NEW, step="save", **facts)
    again = pages.send(desk, NEW, step="save", **facts)
    assert again.status_code == 303
    assert len(added(app)) == 1


def test_a_plan_gone_back_to_and_changed_is_not_dropped(
    app: Flask, desk: FlaskClient, facts: dict[str, Any]
) -> None:
    pages.send(desk, NEW, step="save", **facts)
    pages.send(desk, NEW, step="save", **(facts | {"description": "Bring a friend"}))
    assert len(added(app)) == 2


def test_planning_is_written_down(
    app: Flask, desk: FlaskClient, season: Season, facts: dict[str, Any]
) -> None:
    pages.send(desk, NEW, step="save", **facts)
    asked = select(AuditEntry.actor_id).where(AuditEntry.action == "series created")
    assert pages.rows(app, asked) == [season.ada]


def test_going_back_loses_nothing(desk: FlaskClient, facts: dict[str, Any]) -> None:
    page = pages.send(desk, NEW, step="change", **facts)
    assert 'value="Tea &amp; A Chat Leeds"' in page.text
    assert 'value="2026"' in page.text
    assert "There is a problem" not in page.text


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"title": " "}, "Enter a title"),
        ({"programme": ""}, "Choose a programme"),
        ({"programme": "Hosts only"}, "Choose “Hosts and tutors only”"),
        ({"title": "x" * 10_000}, "characters"),
        ({"starts_on": ["31", "2", "2027"]}, "Enter a date such as 1 3 2027"),
        ({"starts_on": ["1", "1", "9999"]}, "Enter a year between 2000 and 2100"),
        ({"starts_on": ["1", "1", "2020"], "repeat": "once"}, "still to come"),
        ({"start_time": "25:99"}, "Enter a time"),
        ({"end_time": "13:00"}, "The end must be after the start"),
        ({"places_room": "9" * 5_000}, "whole number"),
        ({"places_room": "-1"}, "whole number"),
        ({"places_room": "99999"}, "up to 10,000"),
        ({"venue": ""}, "Choose a venue"),
        ({"venue": "new"}, "Enter the name of the new venue"),
        ({"venue": "999"}, "Not a valid choice"),
        ({"repeat": "monthly", "nth": "5"}, "Not a valid choice"),
        ({"every_months": "99"}, "Choose a number from 1 to 12"),
        ({"count": "3", "until": ["1", "6", "2027"]}, "not both"),
        ({"discreet_name": "Breast cancer chat"}, "discreet name holds a health word"),
        ({"meeting_url": "javascript:alert(1)"}, "begins with https://"),
        ({"mode": "online"}, "Enter the meeting address"),
        ({"mode": "telepathy"}, "Not a valid choice"),
    ],
)
def test_what_does_not_fit_is_said_at_its_field(
    app: Flask, desk: FlaskClient, facts: dict[str, Any], wrong: dict[str, Any], words: str
) -> None:
    page = pages.send(desk, NEW, step="save", **(facts | wrong))
    assert page.status_code == 200
    assert words in page.text
    assert "There is a problem" in page.text
    assert pages.rows(app, select(func.count(Series.id))) == [2]


def test_a_title_with_a_health_word_gets_a_discreet_name(
    app: Flask, desk: FlaskClient, facts: dict[str, Any]
) -> None:
    pages.send(desk, NEW, step="save", **(facts | {"title": "Secondary breast cancer chat"}))
    series = added(app)[0]
    assert series.discreet_name == "Tea & A Chat"
    assert series.key.startswith("tea-and-a-chat-0123abcd-")


def test_all_faults_of_a_plan_are_said_at_once(desk: FlaskClient, facts: dict[str, Any]) -> None:
    wrong = facts | {"venue": "", "end_time": "13:00", "every_months": "99", "programme": ""}
    said = pages.words(pages.send(desk, NEW, step="check", **wrong))
    for fault in ("Choose a venue", "The end must be after", "Choose a number from 1", "Choose a programme"):
        assert fault in said.split("Plan sessions")[0]
    assert "after the start." not in said


def test_no_programme_is_chosen_for_her(desk: FlaskClient) -> None:
    choices = desk.get(NEW).text.split('id="programme"')[1].split("</select>")[0]
    assert choices.split("<option ")[1].startswith('value="">Choose a programme')
    assert "selected" not in choices
