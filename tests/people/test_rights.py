"""What somebody may ask of what is kept about her: a copy of everything, and an answer to a complaint."""

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from booking.models import AuditEntry, Task
from booking.models.kinds import TaskKind
from tests.support.builders import Builders
from tests.support.pages import after, rows, send, words

COMPLAINTS = select(Task.kind, Task.person_id, Task.words, Task.due_on).order_by(Task.id)


@pytest.fixture(autouse=True)
def now(clock_at: Callable[[str], datetime]) -> datetime:
    return clock_at("2026-08-06T12:00+01:00")


def test_ann_takes_a_copy_of_everything(client: FlaskClient, make: Builders) -> None:
    ann = make.person("Ann", access_needs="I lip-read.")
    make.booking(make.session(), ann)
    answer = send(make.sign_in(client, ann), "/me/download")
    kept = json.loads(answer.data)["everything_about_you"]
    assert kept["you"][0]["access_needs"] == "I lip-read."
    assert kept["contacts"][0]["written"] == "ann@example.org"
    assert kept["bookings"][0]["session"] == "Tea & A Chat Manchester"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="my-details.json"'
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_page_says_the_same_in_words(client: FlaskClient, make: Builders) -> None:
    ann = make.person("Ann", access_needs="I lip-read.")
    make.booking(make.session(), ann)
    page = words(make.sign_in(client, ann).get("/me/download"))
    for fact in ("I lip-read.", "ann@example.org", "Tea & A Chat Manchester", "You have a place"):
        assert fact in page
    assert "Sunday 16 August 2026, midday" in page


def test_a_place_of_last_week_is_one_she_had(client: FlaskClient, make: Builders) -> None:
    ann = make.person("Ann")
    make.booking(make.session(starts_in=timedelta(days=-7)), ann)
    page = words(make.sign_in(client, ann).get("/me/download"))
    assert "You had a place" in page
    assert "You have a place" not in page


def test_nobody_else_stands_in_her_copy(app: Flask, client: FlaskClient, make: Builders) -> None:
    ann, ben, fay = make.person("Ann"), make.person("Ben"), make.facilitator("Fay")
    session = make.session(led_by=(fay,))
    make.booking(session, ann, booked_by=make.admin("Ada"))
    make.booking(session, ben)
    make.booking(session, None, walk_in_name="Stella", attendance="walked_in")
    browser = make.sign_in(client, ann)
    said = send(browser, "/me/download").text + words(browser.get("/me/download"))
    assert not any(name in said for name in ("Ben", "Fay", "Ada", "Stella"))


def test_taking_a_copy_is_noted_and_looking_is_not(app: Flask, client: FlaskClient, make: Builders) -> None:
    ann = make.person("Ann")
    make.sign_in(client, ann).get("/me/download")
    assert rows(app, select(AuditEntry.id)) == []
    send(client, "/me/download")
    entry = select(AuditEntry.actor_id, AuditEntry.action, AuditEntry.subject, AuditEntry.fields)
    assert rows(app, entry) == [(ann, "downloaded everything", f"person:{ann}", "")]


@pytest.mark.parametrize("path", ["/me/download", "/me/close", "/me/complain"])
def test_a_stranger_is_asked_to_sign_in(client: FlaskClient, path: str) -> None:
    for answer in (client.get(path), client.post(path)):
        assert answer.status_code in (303, 400)
        assert "/sign-in" in answer.headers.get("Location", "/sign-in")


def test_ann_complains_and_sees_by_when_she_is_answered(
    app: Flask, client: FlaskClient, make: Builders
) -> None:
    ann = make.person("Ann")
    page = after(make.sign_in(client, ann), send(client, "/me/complain", words="A letter went to my son."))
    assert "Received on Thursday 6 August 2026. We answer by Saturday 5 September 2026." in page
    assert rows(app, COMPLAINTS) == [(TaskKind.COMPLAINT, ann, "A letter went to my son.", date(2026, 9, 5))]
    assert "answer by Saturday 5 September 2026" in words(client.get("/me"))


def test_the_thirty_days_are_counted_from_the_day_in_london(
    app: Flask, client: FlaskClient, make: Builders, clock_at: Callable[[str], datetime]
) -> None:
    ann = make.person("Ann")
    clock_at("2026-08-06T23:30+00:00")
    send(make.sign_in(client, ann), "/me/complain", words="At half past midnight.")
    assert rows(app, select(Task.due_on)) == [date(2026, 9, 6)]


def test_pressing_twice_is_one_complaint(app: Flask, client: FlaskClient, make: Builders) -> None:
    make.sign_in(client, make.person("Ann"))
    for said in ("Once.", "Once.", "Another thing."):
        send(client, "/me/complain", words=said)
    assert rows(app, select(Task.words).order_by(Task.id)) == ["Once.", "Another thing."]


@pytest.mark.parametrize("typed", ["", "   \n", "a" * 2001])
def test_a_complaint_that_can_not_be_kept_is_said_kindly(
    app: Flask, client: FlaskClient, make: Builders, typed: str
) -> None:
    make.sign_in(client, make.person("Ann"))
    answer = send(client, "/me/complain", words=typed)
    assert answer.status_code == 422
    assert "There is a problem" in words(answer)
    assert typed.strip() in answer.text
    assert rows(app, COMPLAINTS) == []


def test_a_complaint_with_a_sign_that_no_keyboard_has_is_not_kept(
    app: Flask, client: FlaskClient, make: Builders
) -> None:
    make.sign_in(client, make.person("Ann"))
    assert send(client, "/me/complain", words="My\x00 letter").status_code == 400
    assert rows(app, select(Task.words)) == []


def test_her_complaint_is_not_shown_to_ben(client: FlaskClient, app: Flask, make: Builders) -> None:
    send(make.sign_in(client, make.person("Ann")), "/me/complain", words="It is mine.")
    ben = make.sign_in(app.test_client(), make.person("Ben"))
    assert "Received on" not in words(ben.get("/me/complain"))
    assert "It is mine." not in send(ben, "/me/download", page="/me/complain").text


@pytest.mark.rate_limits
def test_complaints_are_throttled_by_who_sends_them(app: Flask, client: FlaskClient, make: Builders) -> None:
    make.sign_in(client, make.person("Ann"))
    answers = [send(client, "/me/complain", words=f"Number {n}").status_code for n in range(11)]
    assert answers == [303] * 10 + [429]
