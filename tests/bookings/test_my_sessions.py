"""My sessions: when the next one is, and how to get in."""

from datetime import timedelta

from flask import Flask
from flask.testing import FlaskClient

from booking.models.kinds import BookingState, Mode, SessionState
from tests.support.builders import Builders
from tests.support.pages import words


def test_the_next_session_stands_first(client: FlaskClient, make: Builders) -> None:
    ann, fay = make.person("Ann"), make.facilitator("Fay")
    make.booking(make.session(make.series("Yoga"), starts_in=timedelta(days=20)), ann)
    make.booking(make.session(make.series("Chat"), starts_in=timedelta(days=1), led_by=(fay,)), ann)
    page = words(make.sign_in(client, ann).get("/my-sessions"))
    assert page.index("Next") < page.index("Chat") < page.index("Yoga")
    assert "Hosted by Fay" in page


def test_nothing_booked_is_said_kindly(client: FlaskClient, make: Builders) -> None:
    page = words(make.sign_in(client, make.person("Ann")).get("/my-sessions"))
    assert "Nothing booked at the moment" in page
    assert "Find a session" in page


def test_ann_sees_nobody_elses_places(client: FlaskClient, make: Builders) -> None:
    make.booking(make.session(make.series("Gentle yoga")), make.person("Ben"))
    page = words(make.sign_in(client, make.person("Ann")).get("/my-sessions"))
    assert "Gentle yoga" not in page


def test_a_place_given_up_is_gone_from_the_page(client: FlaskClient, make: Builders) -> None:
    ann = make.person("Ann")
    make.booking(make.session(make.series("Gentle yoga")), ann, state=BookingState.GIVEN_UP)
    assert "Gentle yoga" not in words(make.sign_in(client, ann).get("/my-sessions"))


def test_a_cancelled_session_stays_until_its_day_has_passed(client: FlaskClient, make: Builders) -> None:
    ann = make.person("Ann")
    off = make.session(state=SessionState.CANCELLED, public_reason="The hall is flooded.")
    make.booking(off, ann, state=BookingState.CANCELLED)
    page = words(make.sign_in(client, ann).get("/my-sessions"))
    assert "Cancelled" in page
    assert "The hall is flooded." in page
    assert "I can't come" not in page


def test_a_session_that_runs_now_says_so(client: FlaskClient, make: Builders) -> None:
    ann = make.person("Ann")
    make.booking(make.session(starts_in=timedelta(minutes=-10)), ann)
    page = words(make.sign_in(client, ann).get("/my-sessions"))
    assert "On now" in page
    assert "I can't come" in page


def test_what_was_lately_is_listed_without_a_button(client: FlaskClient, make: Builders) -> None:
    ann = make.person("Ann")
    make.booking(make.session(make.series("Chat"), starts_in=timedelta(days=-5)), ann)
    page = words(make.sign_in(client, ann).get("/my-sessions"))
    assert "Tuesday 17 November 2026: Chat" in page
    assert "I can't come" not in page


def test_the_page_holds_no_address_of_a_meeting(client: FlaskClient, make: Builders) -> None:
    ann = make.person("Ann")
    make.booking(make.session(make.series(mode=Mode.ONLINE), starts_in=timedelta(minutes=5)), ann)
    page = make.sign_in(client, ann).get("/my-sessions")
    assert "Join online" in words(page)
    assert "raw-secret" not in page.text


def test_nobody_keeps_a_copy_of_the_page(client: FlaskClient, make: Builders) -> None:
    page = make.sign_in(client, make.person("Ann")).get("/my-sessions")
    assert page.headers["Cache-Control"] == "no-store"


def test_a_stranger_is_sent_to_sign_in(app: Flask, client: FlaskClient) -> None:
    assert client.get("/my-sessions").location == "/sign-in?next=/my-sessions"
