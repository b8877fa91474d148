"""One address is one account however it is written, and two are refused in every form that takes one."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from booking.models import Message, Person, SignIn
from tests.accounts.test_passwords import GOOD
from tests.accounts.test_register import ANN
from tests.support.builders import Builders
from tests.support.pages import rows, send

FORMS: dict[str, dict[str, Any]] = {
    "/register": ANN,
    "/sign-in": {},
    "/sign-in/password": {"password": GOOD},
}
TWO = [
    "ann@example.org, ben@example.org",
    "ann@example.org;ben@example.org",
    "ann@example.org ben@example.org",
    "ann＠example.org，ben@example.org",
    "Ann <ann@example.org>",
    "ann@example.org\r\nBcc: ben@example.org",
    "ann@example.org%0ABcc:ben@example.org@",
]
SAME = ["ANN@EXAMPLE.ORG", " ann@Example.org\t", "ａｎｎ@example.org", "ann@ｅxample.org"]


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize("two", TWO)
def test_two_addresses_in_one_field_are_refused(app: Flask, client: FlaskClient, path: str, two: str) -> None:
    assert send(client, path, **(FORMS[path] | {"email": two})).status_code == 422
    assert rows(app, select(Message.id)) == []


@pytest.mark.parametrize("written", SAME)
def test_every_spelling_is_the_same_person(
    app: Flask, client: FlaskClient, make: Builders, written: str
) -> None:
    ann = make.person("Ann")
    make.password(ann, GOOD)
    send(client, "/sign-in", email=written)
    assert rows(app, select(Message.person_id)) == [ann]
    assert send(client, "/sign-in/password", email=written, password=GOOD).status_code == 303
    assert rows(app, select(SignIn.person_id)) == [ann]
    assert len(rows(app, select(Person.id))) == 1
