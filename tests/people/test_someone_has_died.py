"""Anybody may tell us that someone has died: a human reads it, and nothing happens by itself."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from booking.models import AuditEntry, Message, Person, Task
from booking.models.kinds import PersonStatus, TaskKind
from tests.support import pages
from tests.support.builders import Builders

PATH = "/someone-has-died"


def test_what_a_stranger_writes_becomes_a_task_and_nothing_else(
    app: Flask, client: FlaskClient, make: Builders
) -> None:
    ann = make.person("Ann", full_name="Ann O'Neill")
    told = {"who": "Ann O'Neill", "words": "She came on Wednesdays.", "from_name": "Gran", "reply_to": "01"}
    assert "Thank you for telling us" in pages.after(client, pages.send(client, PATH, **told))
    row = select(Task.kind, Task.person_id, Task.for_person_id, Task.words, Task.reply_to)
    words = "Ann O'Neill\nShe came on Wednesdays."
    assert pages.rows(app, row) == [(TaskKind.DEATH_REPORTED, None, None, words, "Gran, 01")]
    assert pages.rows(app, select(Person.status).where(Person.id == ann)) == [PersonStatus.ACTIVE]
    assert pages.rows(app, select(Message.id)) + pages.rows(app, select(AuditEntry.id)) == []


def test_the_answer_is_the_same_whether_we_know_the_person_or_not(
    client: FlaskClient, make: Builders
) -> None:
    make.person("Ann")
    known, unknown = (pages.send(client, PATH, who=who) for who in ("Ann Example", "Nobody At All"))
    assert (known.status_code, known.location) == (unknown.status_code, unknown.location)
    assert known.text == unknown.text


def test_only_the_name_is_needed_and_its_lack_is_said_kindly(app: Flask, client: FlaskClient) -> None:
    page = pages.send(client, PATH, who=" ", words="She liked tulips.")
    assert page.status_code == 422
    assert "Tell us the name of the person who has died" in pages.words(page)
    assert "She liked tulips." in page.text
    assert pages.rows(app, select(Task.id)) == []
    assert pages.send(client, PATH, who="Ann").status_code == 303


@pytest.mark.parametrize(
    "odd", ["<script>alert(1)</script>", "=1+1", "x" * 5000, "\u202eAnn", "Ann\r\nBcc: x@y.org", "☕", "' --"]
)
def test_odd_words_break_nothing(app: Flask, client: FlaskClient, make: Builders, odd: str) -> None:
    page = pages.send(client, PATH, who=odd, words=odd, from_name=odd, reply_to=odd)
    assert page.status_code in (303, 422)
    desk = make.sign_in(app.test_client(), make.admin())
    assert "<script>alert" not in desk.get("/office/tasks").text
    assert pages.rows(app, select(func.count(Task.id))) == [int(page.status_code == 303)]


@pytest.mark.rate_limits
def test_it_can_be_sent_often_but_not_without_end(client: FlaskClient) -> None:
    answers = {pages.send(client, PATH, who="Ann").status_code for _ in range(21)}
    assert answers == {303, 429}


def test_the_page_is_found_from_help_and_privacy(client: FlaskClient) -> None:
    for page in ("/help", "/privacy"):
        assert f'href="{PATH}"' in client.get(page).text


def test_the_office_reads_it_with_a_way_to_find_the_person(
    app: Flask, client: FlaskClient, make: Builders
) -> None:
    pages.send(client, PATH, who="Ann O'Neill", from_name="Gran", reply_to="gran@example.org")
    said = pages.words(make.sign_in(app.test_client(), make.admin()).get("/office"))
    assert "Somebody wrote that a person has died" in said
    assert "Ann O'Neill Reply to: Gran, gran@example.org" in said
    assert "Find the person" in said
