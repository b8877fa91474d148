"""The page of one date and of a series: facts in one order, and a kind word for each state."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from booking.models import ScheduledSession, Series
from booking.models.kinds import Access, Audience, Companions, Enrol, Mode, SessionState, Who
from booking.services.schedule import LoadReport
from tests.schedule.lines import line, season
from tests.support.builders import Builders
from tests.support.pages import rows, words, write

SAMPLE = Path(__file__).parents[2] / "booking" / "demo" / "season.csv"
SECRET = "Host has a bad knee"
ON = date(2026, 11, 25)


def test_facts_stand_in_the_same_order(client: FlaskClient, make: Builders) -> None:
    chat = make.session(on=ON, led_by=(make.facilitator("Fay"),))
    page = words(client.get(f"/sessions/{chat}"))
    labels = ["What ", "When ", "Where ", "Your host ", "How to join ", "How to cancel "]
    places = [page.index(label) for label in labels]
    assert places == sorted(places)
    assert "Wednesday 25 November 2026, 1:30pm to 5pm" in page


def test_access_is_yes_no_or_honestly_not_known(client: FlaskClient, make: Builders) -> None:
    hall = make.venue("Hall", step_free=Access.YES, parking=Access.NO)
    page = words(client.get(f"/sessions/{make.session(make.series(venue_id=hall), on=ON)}"))
    for said in ("Step-free way in Yes", "Parking No", "Hearing loop Not known", "Quiet corner Not known"):
        assert said in page


def test_online_has_no_way_in_to_tell_and_never_its_raw_address(client: FlaskClient, make: Builders) -> None:
    page = client.get(f"/sessions/{make.session(make.series(mode=Mode.ONLINE), on=ON)}")
    assert "Step-free" not in page.text
    assert "raw-secret" not in page.text
    assert "By a link on My sessions" in words(page)


@pytest.mark.parametrize(
    ("series", "facts", "said", "not_said"),
    [
        ({}, {}, "Book a place", "Sorry"),
        ({}, {"places_room": 1}, "Sorry, every place is taken.", "Book a place"),
        (
            {},
            {"state": SessionState.CANCELLED, "public_reason": "snow"},
            "has been cancelled. Snow.",
            "How to join",
        ),
        ({}, {"public_reason": "longer today"}, "This date is different. Longer today.", "Sorry"),
        ({"enrol": Enrol.COURSE}, {}, "One week of a course This is week 1 of 1.", "Book a place"),
        ({"welcome_call": True}, {}, "Book a place We have a short chat with everybody", "Sorry"),
        ({"movement_check": True}, {}, "Book a place Afterwards we ask", "Ask the office"),
        ({"audience": Audience.PATIENTS}, {}, "Who it is for People who live with", "Anybody"),
        ({"companions": Companions.ALWAYS}, {}, "Bringing somebody Somebody can come with you.", "Sorry"),
    ],
)
def test_every_state_has_its_own_words(
    client: FlaskClient,
    make: Builders,
    series: dict[str, object],
    facts: dict[str, object],
    said: str,
    not_said: str,
) -> None:
    chat = make.session(make.series(**series), on=ON, **facts)
    make.booking(chat, make.person("Ann"))
    page = words(client.get(f"/sessions/{chat}"))
    assert said in page
    assert not_said not in page


@pytest.mark.parametrize(
    ("starts_in", "said"),
    [(timedelta(hours=-3), "This session is over."), (timedelta(minutes=-5), "This session has started")],
)
def test_what_has_begun_can_be_read_but_not_booked(
    client: FlaskClient, make: Builders, starts_in: timedelta, said: str
) -> None:
    page = words(client.get(f"/sessions/{make.session(starts_in=starts_in)}"))
    assert said in page
    assert "Book a place" not in page


def test_full_offers_other_dates(client: FlaskClient, make: Builders) -> None:
    series = make.series(places_room=1)
    full = make.session(series, on=ON)
    make.session(series, on=date(2026, 12, 30))
    make.booking(full, make.person("Ben"))
    page = words(client.get(f"/sessions/{full}"))
    assert "Other dates" in page
    assert "Wednesday 30 December 2026" in page


def test_somebody_who_comes_along_is_told_kindly_whom_a_group_is_for(app: Flask, make: Builders) -> None:
    chat = make.session(make.series(audience=Audience.PATIENTS), on=ON)
    carer = make.sign_in(app.test_client(), make.person("Cat", who=Who.WITH_SOMEONE))
    ann = make.sign_in(app.test_client(), make.person("Ann"))
    assert "There are other sessions that welcome friends" in words(carer.get(f"/sessions/{chat}"))
    assert "Book a place" in words(ann.get(f"/sessions/{chat}"))


def test_ann_who_has_a_place_finds_the_way_to_it(client: FlaskClient, make: Builders) -> None:
    chat, ann = make.session(on=ON), make.person("Ann")
    make.booking(chat, ann)
    page = words(make.sign_in(client, ann).get(f"/sessions/{chat}"))
    assert "You have a place" in page
    assert "View my place" in page


@pytest.mark.parametrize("path", ["/sessions/{}", "/series/hosts"])
def test_what_is_for_hosts_does_not_exist_for_others(app: Flask, make: Builders, path: str) -> None:
    chat = make.session(make.series(key="hosts", audience=Audience.FACILITATORS), on=ON)
    codes = [
        make.sign_in(app.test_client(), who).get(path.format(chat)).status_code
        for who in (make.facilitator("Fay"), make.person("Ann"), make.admin())
    ]
    assert codes == [200, 404, 404]
    assert app.test_client().get(path.format(chat)).status_code == 404


@pytest.mark.parametrize("path", ["/sessions/{}", "/series/quiet"])
def test_drafts_do_not_exist_for_anybody(client: FlaskClient, make: Builders, path: str) -> None:
    chat = make.session(make.series(key="quiet", state=SessionState.DRAFT), on=ON)
    assert client.get(path.format(chat)).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/sessions/-1",
        "/sessions/0",
        "/sessions/2147483647",
        "/sessions/2147483648",
        "/sessions/99999999999999999999999999",
        "/sessions/abc",
        "/series/nothing",
        "/series/" + "x" * 5000,
        "/series/%F0%9F%8D%B5",
        "/series/%E2%80%AE",
    ],
)
def test_what_does_not_exist_is_404(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_a_series_says_how_it_repeats_and_what_is_left_out(
    client: FlaskClient, load: Callable[..., LoadReport]
) -> None:
    load(season(line(changes="2026-12-30 skip: back in January")))
    page = words(client.get("/series/manchester"))
    assert "Last Wednesday of the month, 1:30pm to 5pm" in page
    assert "No session on Wednesday 30 December 2026 . Back in January." in page.replace("2026.", "2026 .")


def test_a_series_without_dates_says_so(client: FlaskClient, make: Builders) -> None:
    make.series(key="ended")
    assert "No dates to come" in words(client.get("/series/ended"))


def test_what_somebody_wrote_is_never_markup(client: FlaskClient, make: Builders) -> None:
    nasty = '<script>alert("x")</script>'
    chat = make.session(make.series(nasty, key="nasty", description=nasty), on=ON, public_reason=nasty)
    for path in ("/sessions", f"/sessions/{chat}", "/series/nasty"):
        assert "<script>alert" not in client.get(path).text


def test_notes_evidence_and_raw_links_reach_no_public_page(
    app: Flask, client: FlaskClient, load: Callable[..., LoadReport]
) -> None:
    load(SAMPLE.read_text(encoding="utf-8"))
    write(app, update(Series).values(office_notes=SECRET, grant_tag="Funder X"))
    paths = ["/sessions", "/sessions.json", "/sessions.ics"]
    paths += [f"/series/{key}" for key in rows(app, select(Series.key).where(Series.key != "host-catch-up"))]
    first = select(ScheduledSession.id).where(ScheduledSession.local_date < date(2026, 12, 3))
    paths += [f"/sessions/{each}" for each in rows(app, first)]
    for path in paths:
        text = client.get(path).text
        assert not [
            told for told in (SECRET, "Funder X", "meet.example.org", "documented") if told in text
        ], path


def test_a_moved_date_is_said_on_its_series_with_its_reason(
    app: Flask, client: FlaskClient, make: Builders
) -> None:
    series = make.series("Tea Leeds", key="leeds")
    make.session(series, on=date(2027, 1, 6), rule_date=date(2026, 12, 30), public_reason="the hall is shut")
    said = words(client.get("/series/leeds"))
    moved = "Wednesday 30 December 2026 is moved to Wednesday 6 January 2027."
    assert f"{moved} The hall is shut." in said
