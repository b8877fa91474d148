"""My details: what she chooses for herself, and for nobody else."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from booking.models import AuditEntry, Person
from tests.support.builders import Builders
from tests.support.pages import after, rows, send, words

REMINDERS = select(Person.remind_two_days, Person.remind_that_morning).order_by(Person.id)
CHOICES = [
    ("two_days", (True, False), "2 days before, at 10am"),
    ("that_morning", (False, True), "That morning, at 8am"),
    ("both", (True, True), "Both"),
    ("none", (False, False), "No reminders"),
]


def test_ann_sees_her_own_details(client: FlaskClient, make: Builders) -> None:
    make.person("Ben")
    page = words(make.sign_in(client, make.person("Ann", access_needs="I lip-read.")).get("/me"))
    for fact in ("Ann Example", "ann@example.org", "I lip-read.", "2 days before, at 10am"):
        assert fact in page
    assert "Ben" not in page


@pytest.mark.parametrize(("when", "kept", "said"), CHOICES)
def test_ann_chooses_her_reminders(
    app: Flask, client: FlaskClient, make: Builders, when: str, kept: tuple[bool, bool], said: str
) -> None:
    make.sign_in(client, make.person("Ann"))
    page = after(client, send(client, "/me/reminders", when=when))
    assert "Your reminders are saved." in page
    assert said in page
    assert rows(app, REMINDERS) == [kept]


@pytest.mark.parametrize("when", ["", "sometimes", "BOTH"])
def test_a_choice_that_is_none_is_said_at_the_field(
    app: Flask, client: FlaskClient, make: Builders, when: str
) -> None:
    make.sign_in(client, make.person("Ann"))
    assert send(client, "/me/reminders", when=when).status_code == 422
    assert rows(app, REMINDERS) == [(True, False)]


def test_what_helps_her_is_kept_tidily(app: Flask, client: FlaskClient, make: Builders) -> None:
    make.sign_in(client, make.person("Ann"))
    send(client, "/me/access-needs", needs="  I lip-read.\r\n\r\n\r\nNear the <door>, please.\u202e ")
    assert rows(app, select(Person.access_needs)) == ["I lip-read.\n\nNear the <door>, please."]
    assert "Near the <door>, please." in words(client.get("/me"))


def test_too_long_a_text_is_said_at_the_field(app: Flask, client: FlaskClient, make: Builders) -> None:
    make.sign_in(client, make.person("Ann"))
    answer = send(client, "/me/access-needs", needs="a" * 501)
    assert (answer.status_code, "500 characters or fewer" in words(answer)) == (422, True)
    assert rows(app, select(Person.access_needs)) == [""]


def test_what_helped_her_can_be_taken_back(app: Flask, client: FlaskClient, make: Builders) -> None:
    make.sign_in(client, make.person("Ann", access_needs="I lip-read."))
    send(client, "/me/access-needs", needs="")
    assert rows(app, select(Person.access_needs)) == [""]


def test_changing_her_details_changes_nobody_elses(app: Flask, client: FlaskClient, make: Builders) -> None:
    ann, _ = make.person("Ann"), make.person("Ben")
    send(make.sign_in(client, ann), "/me/reminders", when="none", person_id="2", person="2")
    assert rows(app, REMINDERS) == [(False, False), (True, False)]


def test_a_change_stands_in_the_audit_without_its_words(
    app: Flask, client: FlaskClient, make: Builders
) -> None:
    ann = make.person("Ann")
    send(make.sign_in(client, ann), "/me/access-needs", needs="I use a wheelchair.")
    entry = select(AuditEntry.actor_id, AuditEntry.action, AuditEntry.subject, AuditEntry.fields)
    assert rows(app, entry) == [(ann, "details changed", f"person:{ann}", "access needs")]


@pytest.mark.parametrize("path", ["/me", "/me/reminders", "/me/access-needs"])
def test_a_stranger_is_sent_to_sign_in(client: FlaskClient, path: str) -> None:
    assert client.get(path).location == f"/sign-in?next={path}"
    assert send(client, path, page="/sign-in").status_code in (303, 405)
