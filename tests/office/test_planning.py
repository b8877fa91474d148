"""Planning: the next six dates are seen before anything is saved, and once is once."""

import html
from datetime import date, time
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from booking.models import AuditEntry, ScheduledSession, Series, SeriesChange, Venue
from booking.models.kinds import Access, Audience, Companions, Mode, SessionState
from tests.office.season import Season
from tests.support import pages
from tests.support.builders import Builders

NEW = "/office/schedule/new"


@pytest.fixture
def facts(app: Flask, season: Season) -> dict[str, Any]:
    """Tea & A Chat Leeds in six answers, on the last Wednesday of the month from December on."""
    venue = pages.rows(app, select(Venue.id))[0]
    return {
        "programme": "Tea & A Chat",
        "title": "Tea & A Chat Leeds",
        "venue": str(venue),
        "starts_on": ["30", "12", "2026"],
        "start_time": "13:30",
        "repeat": "monthly",
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
    assert "Wednesday 26 May 2027 And so on" in said
    assert added(app) == []


def test_a_bank_holiday_of_the_venues_nation_is_flagged(desk: FlaskClient, facts: dict[str, Any]) -> None:
    facts |= {"starts_on": ["26", "3", "2027"], "repeat": "weekly", "nation": "Scotland"}
    assert "Friday 26 March 2027 Good Friday" in pages.words(pages.send(desk, NEW, step="check", **facts))


def test_six_answers_make_a_series_that_is_usual_for_its_programme(
    app: Flask, desk: FlaskClient, facts: dict[str, Any]
) -> None:
    pages.send(desk, NEW, step="save", **facts)
    series = added(app)[0]
    assert (series.rule, series.end_time, series.nation) == (
        "FREQ=MONTHLY;BYDAY=-1WE",
        time(15, 30),
        "England",
    )
    assert (series.mode, series.places_room, series.places_online) == (Mode.IN_PERSON, 16, 0)
    assert (series.audience, series.companions) == (Audience.PATIENTS, Companions.FIRST_VISIT)
    assert (series.state, series.waiting_list) == (SessionState.PUBLISHED, True)


def test_a_wellbeing_class_is_as_long_and_as_large_as_classes_are(
    app: Flask, desk: FlaskClient, facts: dict[str, Any]
) -> None:
    online = {"programme": "Wellbeing classes", "venue": "", "meeting_url": "https://meet.example.org/1"}
    pages.send(desk, NEW, step="save", **(facts | online))
    series = added(app)[0]
    assert (series.mode, series.venue_id, series.nation) == (Mode.ONLINE, None, "UK")
    assert (series.end_time, series.places_room, series.places_online) == (time(14, 30), 0, 20)
    assert (series.companions, series.movement_check) == (Companions.NEVER, False)


def test_a_series_is_saved_with_its_hosts(
    app: Flask, desk: FlaskClient, make: Builders, facts: dict[str, Any]
) -> None:
    facts |= {"hosts": str(make.facilitator()), "second_host": str(make.facilitator("Gil"))}
    answer = pages.send(desk, NEW, step="save", **facts)
    said = pages.after(desk, answer)
    assert "“Tea & A Chat Leeds” is in the schedule." in said
    assert "Led by Fay, Gil" in said


def test_one_single_session_is_one_date(app: Flask, desk: FlaskClient, facts: dict[str, Any]) -> None:
    pages.send(desk, NEW, step="save", **(facts | {"repeat": "once", "places_room": "no limit"}))
    asked = select(ScheduledSession).where(ScheduledSession.series_id == added(app)[0].id)
    (only,) = pages.rows(app, asked)
    assert (only.local_date, only.places_room) == (date(2026, 12, 30), None)


def test_a_venue_and_an_address_make_two_ways_to_come(
    app: Flask, desk: FlaskClient, facts: dict[str, Any]
) -> None:
    both = {"meeting_url": "https://meet.example.org/1", "places_online": "no limit", "places_room": "9"}
    pages.send(desk, NEW, step="save", **(facts | both))
    series = added(app)[0]
    assert (series.mode, series.places_room, series.places_online) == (Mode.HYBRID, 9, None)


def test_a_new_venue_keeps_what_is_known_of_it(app: Flask, desk: FlaskClient, facts: dict[str, Any]) -> None:
    facts |= {
        "venue": "new",
        "venue_name": "Leeds Library",
        "venue_nation": "Wales",
        "venue_address": "The Headrow",
        "step_free": "yes",
    }
    pages.send(desk, NEW, step="save", **facts)
    (venue,) = pages.rows(app, select(Venue).where(Venue.name == "Leeds Library"))
    assert (venue.nation, venue.address) == ("Wales", "The Headrow")
    assert (venue.step_free, venue.parking) == (Access.YES, Access.NOT_KNOWN)


def test_a_new_venue_is_in_the_nation_of_the_town_in_its_name(
    app: Flask, desk: FlaskClient, facts: dict[str, Any]
) -> None:
    facts |= {"venue": "new", "venue_name": "Church hall, Cardiff"}
    assert "Wales" in pages.words(pages.send(desk, NEW, step="check", **facts))
    pages.send(desk, NEW, step="save", **facts)
    (venue,) = pages.rows(app, select(Venue).where(Venue.name == "Church hall, Cardiff"))
    assert (venue.nation, added(app)[0].nation) == ("Wales", "Wales")


def test_a_flagged_date_is_left_out_with_its_reason(
    app: Flask, desk: FlaskClient, facts: dict[str, Any]
) -> None:
    facts |= {"clash-2026-12-30": "skip", "why-2026-12-30": "The café is closed"}
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
        ({"programme": "Hosts only", "audience": "anyone"}, "Choose “Hosts and tutors only”"),
        ({"title": "x" * 10_000}, "characters"),
        ({"starts_on": ["31", "2", "2027"]}, "Enter a date such as 1 3 2027"),
        ({"starts_on": ["1", "1", "9999"]}, "Enter a year between 2000 and 2100"),
        ({"starts_on": ["1", "1", "2020"], "repeat": "once"}, "still to come"),
        ({"start_time": "25:99"}, "Enter a time"),
        ({"start_time": ""}, "Enter when it starts"),
        ({"end_time": "13:00"}, "The end must be after the start"),
        ({"starts_on": ["31", "10", "2027"], "start_time": "01:30"}, "31 October 2027"),
        ({"places_room": "9" * 5_000}, "whole number"),
        ({"places_room": "-1"}, "whole number"),
        ({"places_room": "0"}, "from 1 to"),
        ({"places_room": "99999"}, "to 10,000"),
        ({"venue": ""}, "Choose a venue, or enter the meeting address"),
        ({"venue": "new"}, "Enter the name of the new venue"),
        ({"venue": "new", "venue_name": "Hall"}, "Choose the nation of the new venue"),
        ({"venue": "999"}, "Not a valid choice"),
        ({"repeat": ""}, "Choose how often it repeats"),
        ({"repeat": "daily"}, "Not a valid choice"),
        ({"nth": "5"}, "Not a valid choice"),
        ({"weekdays": ["0", "1"]}, "Choose one day of the week"),
        ({"weekdays": ["7"]}, "valid choice"),
        ({"every": "99"}, "Choose a number from 1 to 52"),
        ({"every": "13"}, "Choose a number from 1 to 12"),
        ({"repeat": "dates"}, "Enter the dates, one on a line"),
        ({"repeat": "dates", "dates": "5 January 2027\nsoon"}, "“soon” is not a date"),
        ({"count": "3", "until": ["1", "6", "2027"]}, "not both"),
        ({"until": ["1", "6", "2020"]}, "ends before it starts"),
        ({"discreet_name": "Breast cancer chat"}, "discreet name holds a health word"),
        ({"meeting_url": "javascript:alert(1)"}, "begins with https://"),
        ({"enrol": "telepathy"}, "Not a valid choice"),
        ({"suits": ["everybody"]}, "valid choice"),
        ({"closes_minutes_before": "soon"}, "Enter a whole number"),
    ],
)
def test_what_does_not_fit_is_said_at_its_field(
    app: Flask, desk: FlaskClient, facts: dict[str, Any], wrong: dict[str, Any], words: str
) -> None:
    page = pages.send(desk, NEW, step="save", **(facts | wrong))
    assert page.status_code == 422
    assert words in html.unescape(page.text)
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
    wrong = facts | {"venue": "", "end_time": "13:00", "every": "99", "programme": ""}
    said = pages.words(pages.send(desk, NEW, step="check", **wrong))
    for fault in ("Choose a venue", "The end must be after", "Choose a number from 1", "Choose a programme"):
        assert fault in said.split("Plan sessions")[0]
    assert "after the start." not in said


def test_no_programme_is_chosen_for_her(desk: FlaskClient) -> None:
    choices = desk.get(NEW).text.split('id="programme"')[1].split("</select>")[0]
    assert choices.split("<option ")[1].startswith('value="">Choose a programme')
    assert "selected" not in choices
