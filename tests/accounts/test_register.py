"""Registering: few questions, one letter, and nothing that tells an outsider who is known here."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from booking.models import AuditEntry, Consent, ContactPoint, Message, Person, Task
from booking.models.kinds import ContactKind, MessageKind, MessageState, PersonStatus, TaskKind
from booking.rules.wordings import current_version
from tests.support.builders import Builders
from tests.support.pages import after, rows, send, words, write

ANN = {
    "full_name": "Ann Ó Súilleabháin-O'Brien",
    "known_as": "Ann",
    "email": "ann@example.org",
    "who": "patient",
    "agrees": "y",
}
LETTERS = select(Message.kind, Message.recipient).order_by(Message.id)
PEOPLE = select(Person.known_as, Person.status).order_by(Person.id)
WRONG = [
    ("full_name", "", "Enter your full name"),
    ("full_name", "A" * 10_000, "Must be 200 characters or fewer"),
    ("full_name", " \u200b ", "Enter your full name"),
    ("known_as", "A" * 101, "Must be 100 characters or fewer"),
    ("email", "", "Enter your email address or a phone number"),
    ("email", "ann@", "Enter an email address in the correct format"),
    ("email", "ann@example.org, ben@example.org", "Enter an email address in the correct format"),
    ("email", "ann@example.org\nBcc: ben@example.org", "Enter an email address in the correct format"),
    ("phone", "12", "Enter a phone number, like"),
    ("who", "doctor", "Not a valid choice"),
    ("who", "", "Choose which of these you are"),
    ("agrees", "", "Tick the box if you agree"),
    ("agrees", "false", "Tick the box if you agree"),
]


def test_ann_registers_and_is_asked_to_look_for_a_letter(app: Flask, client: FlaskClient) -> None:
    answer = send(client, "/register", **ANN)
    assert "Check your email" in after(client, answer)
    assert rows(app, PEOPLE) == [("Ann", PersonStatus.UNPROVEN)]
    assert rows(app, LETTERS) == [(MessageKind.CONFIRM_EMAIL, "ann@example.org")]
    assert rows(app, select(ContactPoint.written, ContactPoint.proven_at)) == [("ann@example.org", None)]


def test_her_consent_is_written_down(app: Flask, client: FlaskClient, now: datetime) -> None:
    send(client, "/register", **ANN)
    consent = select(Consent.purpose, Consent.wording_version, Consent.given_at, Consent.how)
    assert rows(app, consent) == [("keep_details", current_version("keep_details"), now, "web")]
    assert sorted(rows(app, select(AuditEntry.action))) == ["agreed", "registered"]


def test_without_a_name_she_likes_it_is_her_first_name(app: Flask, client: FlaskClient) -> None:
    send(client, "/register", **(ANN | {"known_as": " "}))
    assert rows(app, select(Person.known_as)) == ["Ann"]


@pytest.mark.parametrize(("field", "typed", "said"), WRONG)
def test_what_does_not_fit_is_said_at_the_field(
    app: Flask, client: FlaskClient, field: str, typed: str, said: str
) -> None:
    answer = send(client, "/register", **(ANN | {field: typed}))
    assert answer.status_code == 422
    assert said in words(answer)
    assert 'aria-describedby="' in answer.text
    assert rows(app, PEOPLE) == []
    assert rows(app, LETTERS) == []


def test_what_she_typed_is_still_there_after_a_mistake(client: FlaskClient) -> None:
    answer = send(client, "/register", **(ANN | {"email": "ann@", "full_name": "<b>Ann</b>"}))
    assert 'value="ann@"' in answer.text
    assert "&lt;b&gt;Ann&lt;/b&gt;" in answer.text
    assert "<b>Ann" not in answer.text


def test_pressing_register_twice_makes_one_person_and_one_letter(app: Flask, client: FlaskClient) -> None:
    for _ in range(2):
        assert send(client, "/register", **ANN).status_code == 303
    assert len(rows(app, PEOPLE)) == 1
    assert len(rows(app, LETTERS)) == 1


@pytest.mark.parametrize(("minutes", "letters"), [(59, 1), (61, 2)])
def test_an_hour_after_the_letter_went_another_may_follow(
    app: Flask,
    client: FlaskClient,
    now: datetime,
    clock_at: Callable[[datetime], datetime],
    minutes: int,
    letters: int,
) -> None:
    send(client, "/register", **ANN)
    write(app, update(Message).values(state=MessageState.SENT, sent_at=now))
    clock_at(now + timedelta(minutes=minutes))
    send(client, "/register", **(ANN | {"email": "ANN@Example.org"}))
    assert len(rows(app, PEOPLE)) == 1
    assert len(rows(app, LETTERS)) == letters


def test_while_the_first_letter_waits_no_second_one_is_made(
    app: Flask, client: FlaskClient, now: datetime, clock_at: Callable[[datetime], datetime]
) -> None:
    send(client, "/register", **ANN)
    clock_at(now + timedelta(hours=5))
    send(client, "/register", **ANN)
    assert len(rows(app, LETTERS)) == 1


def test_with_a_phone_alone_the_office_is_asked_to_call(app: Flask, client: FlaskClient) -> None:
    answer = send(client, "/register", **(ANN | {"email": "", "phone": "07700 900123"}))
    send(client, "/register", **(ANN | {"email": "", "phone": "+44 7700 900 123"}))
    page = after(client, answer)
    assert "We will call you" in page
    assert "07700 900123" in page
    assert rows(app, LETTERS) == []
    assert rows(app, select(ContactPoint.key, ContactPoint.kind)) == [("+447700900123", ContactKind.PHONE)]
    assert rows(app, select(Task.kind)) == [TaskKind.CALL_NEWCOMER]


def test_with_both_she_is_written_to(app: Flask, client: FlaskClient) -> None:
    send(client, "/register", **(ANN | {"phone": "07700 900123"}))
    assert len(rows(app, LETTERS)) == 1
    assert rows(app, select(Task.kind)) == []
    assert [row.kind for row in rows(app, select(ContactPoint.kind, ContactPoint.id))] == ["email", "phone"]


def test_a_known_address_is_answered_like_an_unknown_one(
    app: Flask, client: FlaskClient, make: Builders
) -> None:
    make.person("Ben")
    known = send(client, "/register", **(ANN | {"email": "ben@example.org"}))
    unknown = send(client, "/register", **ANN)
    assert (known.status_code, known.location) == (unknown.status_code, unknown.location)
    assert known.data == unknown.data
    kinds = [row.kind for row in rows(app, LETTERS)]
    assert kinds == [MessageKind.CONFIRM_EMAIL] * 2


def test_two_people_share_an_address(app: Flask, client: FlaskClient) -> None:
    send(client, "/register", **ANN)
    send(client, "/register", **(ANN | {"full_name": "Ben Example", "known_as": "Ben"}))
    assert [row.known_as for row in rows(app, PEOPLE)] == ["Ann", "Ben"]
    assert len(rows(app, LETTERS)) == 2


def test_who_is_signed_in_does_not_register(client: FlaskClient, make: Builders) -> None:
    make.sign_in(client, make.person("Ann"))
    assert client.get("/register").location == "/my-sessions"


@pytest.mark.rate_limits
def test_too_many_tries_are_paused_and_nobody_else_is_locked_out(app: Flask, client: FlaskClient) -> None:
    answers = [send(client, "/register", **ANN).status_code for _ in range(6)]
    elsewhere = app.test_client()
    elsewhere.environ_base["REMOTE_ADDR"] = "192.0.2.7"
    assert answers == [303] * 5 + [429]
    assert send(elsewhere, "/register", **ANN).status_code == 303
