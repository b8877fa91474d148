"""My details say how things stand: a password, a pause, and a record on its way to being closed."""

from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient

from booking import clock
from booking.models.kinds import ConsentPurpose
from booking.services import consent, pauses
from tests.support.builders import Builders
from tests.support.pages import after, send, words

KEEP = ConsentPurpose.KEEP_DETAILS
TAKE_BACK = "/me/agreements/keep_details/withdraw"
UNDER_WAY = "Closing your record is under way."


def agreed(app: Flask, client: FlaskClient, make: Builders, **known: str) -> int:
    ann = make.person("Ann", **known)
    with app.app_context():
        consent.agree(ann, KEEP, clock.now())
    make.sign_in(client, ann)
    return ann


@pytest.mark.parametrize(
    ("known", "said"),
    [
        ({"phone": "07700 900123"}, "Somebody from the office calls you first, on 07700 900123"),
        ({"email": "ann@example.org"}, "Somebody from the office writes to you first, at ann@example.org"),
    ],
)
def test_taking_the_first_yes_back_says_truly_how_the_office_reaches_her(
    app: Flask, client: FlaskClient, make: Builders, known: dict[str, str], said: str
) -> None:
    agreed(app, client, make, **known)
    page = words(client.get(TAKE_BACK))
    assert said in page
    assert ("Give us a phone number first" in page) == ("phone" not in known)
    page = after(client, send(client, TAKE_BACK))
    assert UNDER_WAY in page
    assert said in page


def test_she_sees_how_to_stop_it_and_stops_it(app: Flask, client: FlaskClient, make: Builders) -> None:
    agreed(app, client, make, email="ann@example.org")
    assert UNDER_WAY not in words(client.get("/me"))
    send(client, TAKE_BACK)
    for path in ("/me", "/me/agreements"):
        assert UNDER_WAY in words(client.get(path))
        assert 'href="/me/agreements/keep_details">Keep my record' in client.get(path).text
    send(client, "/me/agreements/keep_details", answer="agree")
    assert UNDER_WAY not in words(client.get("/me")) + words(client.get("/me/agreements"))


def test_somebody_who_never_agreed_on_a_page_is_not_told_of_closing(
    client: FlaskClient, make: Builders
) -> None:
    make.sign_in(client, make.person("Ann"))
    assert UNDER_WAY not in words(client.get("/me"))


def test_a_pause_says_until_when_and_has_one_button(app: Flask, client: FlaskClient, make: Builders) -> None:
    ann = make.person("Ann", email="ann@example.org")
    make.sign_in(client, ann)
    assert "Paused" not in words(client.get("/me/pause"))
    with app.app_context():
        pauses.pause(ann, date(2031, 2, 3), ann, clock.now())
    page = words(client.get("/me/pause"))
    assert "Paused until Monday 3 February 2031" in page
    assert "calls you" not in page
    assert page.count("End the pause") == 1
    send(client, "/me/pause/end", page="/me/pause")
    assert "Paused" not in words(client.get("/me/pause"))


def test_a_day_that_is_none_is_answered_with_one_to_come(client: FlaskClient, make: Builders) -> None:
    make.sign_in(client, make.person("Ann"))
    answer = send(client, "/me/pause", until=["31", "2", "2031"])
    assert f"such as 1 3 {clock.now().year + 1}" in words(answer)


def test_the_row_of_the_password_says_that_one_is_set(client: FlaskClient, make: Builders) -> None:
    ann = make.person("Ann")
    make.sign_in(client, ann)
    assert "A password Only if you would like one" in words(client.get("/me"))
    make.password(ann, "a long walk by the sea")
    assert "A password Set Change your password" in words(client.get("/me"))


def test_every_link_of_my_details_says_where_it_leads(client: FlaskClient, make: Builders) -> None:
    make.sign_in(client, make.person("Ann"))
    assert "Open how to close your account" in words(client.get("/me"))
    assert 'govuk-visually-hidden"> </span>' not in client.get("/me").text
