"""The office lists what others run: added once, changed by whoever saw it last, hidden and shown again."""

from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from booking.models import AuditEntry, Listing
from booking.models.kinds import ListingKind
from tests.office.season import Season
from tests.support.builders import Builders
from tests.support.pages import after, rows, send, words

NEW = "/office/listings/new"
PAGE = "/office/listings/1"
NOTED = select(AuditEntry.action, AuditEntry.actor_id, AuditEntry.subject, AuditEntry.fields)
RETREAT: dict[str, Any] = {
    "kind": "retreat",
    "title": "A quiet weekend",
    "run_by": "Lakeside Friends",
    "url": "https://lakeside.example.org/weekend?a=1&b=2",
    "starts_on": ["4", "12", "2026"],
    "ends_on": ["6", "12", "2026"],
    "when_words": "from 3pm",
    "place": "Windermere",
    "nation": "England",
    "description": "Walks and rest.",
}


def as_shown(desk: FlaskClient) -> str:
    """The mark of what the form knew."""
    return desk.get(PAGE).text.split('name="seen"')[1].split('value="')[1].split('"')[0]


def test_a_listing_is_added_once_and_noted(app: Flask, desk: FlaskClient, season: Season) -> None:
    for _twice in range(2):
        assert "Listed. Everybody can find it now." in after(desk, send(desk, NEW, **RETREAT))
    (listing,) = rows(app, select(Listing))
    assert (listing.kind, listing.title, listing.url) == (
        ListingKind.RETREAT,
        "A quiet weekend",
        RETREAT["url"],
    )
    assert (listing.starts_on, listing.ends_on) == (date(2026, 12, 4), date(2026, 12, 6))
    assert rows(app, NOTED) == [("listing added", season.ada, "listing:1", "")]
    assert "A quiet weekend" in words(app.test_client().get("/sessions/elsewhere"))


def test_one_day_needs_no_last_day(app: Flask, desk: FlaskClient) -> None:
    send(desk, NEW, **RETREAT | {"ends_on": ["", "", ""]})
    assert rows(app, select(Listing.ends_on)) == [date(2026, 12, 4)]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"title": " "}, "Enter the title"),
        ({"run_by": ""}, "Say who runs it"),
        ({"kind": "course"}, "Not a valid choice"),
        ({"nation": ""}, "Choose a nation"),
        ({"nation": "France"}, "Not a valid choice"),
        ({"url": "javascript:alert(1)"}, "Enter a web address that begins with https://"),
        ({"url": "lakeside.example.org"}, "Enter a web address that begins with https://"),
        ({"url": "https://lakeside.org@evil.example"}, "Enter a web address that begins with https://"),
        ({"url": "https://"}, "Enter a web address that begins with https://"),
        ({"starts_on": ["31", "2", "2027"]}, "Enter a date such as"),
        ({"starts_on": ["1", "1", "3026"]}, "Enter a year between 2000 and 2100"),
        ({"ends_on": ["3", "12", "2026"]}, "The last day must not be before the first"),
        ({"ends_on": ["3", "12", "2099"]}, "The last day must be within two years of the first"),
        ({"starts_on": ["1", "9", "2026"], "ends_on": ["2", "9", "2026"]}, "This is over already"),
        ({"title": "W" * 201}, "Must be 200 characters or fewer"),
    ],
)
def test_what_does_not_fit_is_said_and_nothing_typed_is_lost(
    app: Flask, desk: FlaskClient, wrong: dict[str, Any], said: str
) -> None:
    answer = send(desk, NEW, **RETREAT | wrong)
    assert answer.status_code == 422
    assert said in words(answer)
    assert "Walks and rest." in answer.text
    assert rows(app, select(Listing)) == []


def test_a_listing_is_changed_and_the_fields_are_noted(app: Flask, desk: FlaskClient, season: Season) -> None:
    send(desk, NEW, **RETREAT)
    changed = RETREAT | {"title": "A quiet week", "place": "", "seen": as_shown(desk)}
    assert "Saved." in after(desk, send(desk, PAGE, **changed))
    assert rows(app, select(Listing.title)) == ["A quiet week"]
    assert rows(app, NOTED)[1:] == [("listing changed", season.ada, "listing:1", "place, title")]


def test_saving_the_same_again_changes_nothing(app: Flask, desk: FlaskClient) -> None:
    send(desk, NEW, **RETREAT)
    before = rows(app, select(Listing.changed_at))
    send(desk, PAGE, **RETREAT, seen=as_shown(desk))
    assert rows(app, select(Listing.changed_at)) == before
    assert len(rows(app, NOTED)) == 1


@pytest.mark.parametrize("seen", ["2026-01-01T00:00:00+00:00", "soon", ""])
def test_a_form_that_somebody_else_was_quicker_than_does_not_act(
    app: Flask, desk: FlaskClient, seen: str
) -> None:
    send(desk, NEW, **RETREAT)
    mine = RETREAT | {"title": "Mine"}
    answer = send(desk, PAGE, **mine, seen=seen)
    assert (answer.status_code, rows(app, select(Listing.title))) == (422, ["A quiet weekend"])
    assert "Somebody changed this while you had the page open" in words(answer)
    shown_now = answer.text.split('name="seen"')[1].split('value="')[1].split('"')[0]
    send(desk, PAGE, **mine, seen=shown_now)
    assert rows(app, select(Listing.title)) == ["Mine"]


def test_it_is_hidden_and_shown_again_and_twice_is_once(app: Flask, desk: FlaskClient) -> None:
    send(desk, NEW, **RETREAT)
    for shown, is_there in (("no", False), ("no", False), ("yes", True), ("yes", True)):
        after(desk, send(desk, f"{PAGE}/show", page="/office/listings", shown=shown))
        assert ("A quiet weekend" in app.test_client().get("/sessions/elsewhere").text) is is_there
    assert [action for action, *_ in rows(app, NOTED)] == ["listing added", "listing hidden", "listing shown"]


def test_what_is_not_there_is_404(desk: FlaskClient) -> None:
    assert desk.get(PAGE).status_code == 404
    assert send(desk, PAGE, page=NEW, **RETREAT).status_code == 404
    assert send(desk, f"{PAGE}/show", page=NEW, shown="no").status_code == 404


def test_nobody_outside_the_office_lists_anything(app: Flask, make: Builders, season: Season) -> None:
    make.listing(date(2026, 12, 4))
    for person in (season.ann, make.facilitator("Gil"), make.safeguarding("Sal")):
        client = make.sign_in(app.test_client(), person)
        assert {client.get(path).status_code for path in ("/office/listings", NEW, PAGE)} == {404}
    assert app.test_client().get("/office/listings").status_code == 303
