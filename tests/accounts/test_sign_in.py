"""Signing in by an emailed link, staying for 30 days, and being out when she says so."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from booking.models import Message, Person, SignIn
from booking.models.kinds import MessageKind, PersonStatus
from tests.support.builders import Builders
from tests.support.pages import after, rows, send, words, write


def test_ann_signs_in_by_the_link_in_her_letter(
    app: Flask, client: FlaskClient, make: Builders, newest_link: Callable[..., str]
) -> None:
    ann = make.person("Ann")
    asked = send(client, "/sign-in", email=" Ann@Example.ORG ")
    answer = send(client, newest_link())
    assert "Check your email" in after(client, asked)
    assert client.get(answer.location).status_code == 200
    assert rows(app, select(SignIn.person_id)) == [ann]


def test_known_and_unknown_addresses_are_answered_alike(
    app: Flask, client: FlaskClient, make: Builders
) -> None:
    ann = make.person("Ann")
    known = send(client, "/sign-in", email="ann@example.org")
    unknown = send(client, "/sign-in", email="nobody@example.org")
    assert (known.status_code, known.location, known.data) == (303, unknown.location, unknown.data)
    letters = select(Message.kind, Message.person_id, Message.recipient).order_by(Message.id)
    assert rows(app, letters) == [
        (MessageKind.SIGN_IN, ann, "ann@example.org"),
        (MessageKind.SIGN_IN, None, "nobody@example.org"),
    ]


def test_a_link_for_an_unknown_address_opens_nothing(
    client: FlaskClient, newest_link: Callable[..., str]
) -> None:
    send(client, "/sign-in", email="nobody@example.org")
    assert client.get(newest_link()).status_code == 410


def test_signing_out_ends_it_on_the_server(app: Flask, client: FlaskClient, make: Builders) -> None:
    make.sign_in(client, make.person("Ann"))
    cookie = client.get_cookie("booking")
    assert cookie is not None
    assert "You are signed out." in after(client, send(client, "/sign-out"))
    copied = app.test_client()
    copied.set_cookie("booking", cookie.value)
    assert copied.get("/my-sessions").location == "/sign-in?next=/my-sessions"


def test_opening_the_page_signs_nobody_out(client: FlaskClient, make: Builders) -> None:
    make.sign_in(client, make.person("Ann"))
    assert "You are signed in as Ann." in words(client.get("/sign-out"))
    assert client.get("/my-sessions").status_code == 200


def test_signing_out_twice_is_signing_out_once(client: FlaskClient, make: Builders) -> None:
    make.sign_in(client, make.person("Ann"))
    send(client, "/sign-out")
    assert send(client, "/sign-out", page="/sign-in").status_code == 303


def test_signing_out_on_the_phone_leaves_the_laptop_alone(
    app: Flask, client: FlaskClient, make: Builders
) -> None:
    ann = make.person("Ann")
    laptop = make.sign_in(app.test_client(), ann)
    send(make.sign_in(client, ann), "/sign-out")
    assert client.get("/me").status_code == 303
    assert laptop.get("/me").status_code == 200


def test_she_stays_signed_in_for_30_days_and_no_longer(
    client: FlaskClient, make: Builders, now: datetime, clock_at: Callable[[datetime], datetime]
) -> None:
    make.sign_in(client, make.person("Ann"))
    clock_at(now + timedelta(days=30, seconds=-1))
    assert client.get("/me").status_code == 200
    clock_at(now + timedelta(days=30))
    assert client.get("/me").status_code == 303


@pytest.mark.parametrize("status", [PersonStatus.CLOSED, PersonStatus.DIED, PersonStatus.MERGED])
def test_a_record_that_closes_is_out_at_the_next_page(
    app: Flask, client: FlaskClient, make: Builders, status: PersonStatus
) -> None:
    make.sign_in(client, make.person("Ann"))
    write(app, update(Person).values(status=status))
    assert client.get("/me").status_code == 303


def test_a_paused_person_signs_in(app: Flask, client: FlaskClient, make: Builders) -> None:
    make.sign_in(client, make.person("Ann", status=PersonStatus.PAUSED))
    assert client.get("/my-sessions").status_code == 200


def test_a_made_up_cookie_opens_nothing(client: FlaskClient, make: Builders) -> None:
    make.person("Ann")
    with client.session_transaction() as cookie:
        cookie["_user_id"] = "1"
    assert client.get("/me").status_code == 303


def test_a_new_sign_in_forgets_who_was_here_before(
    client: FlaskClient, make: Builders, newest_link: Callable[..., str]
) -> None:
    make.person("Ann")
    send(client, "/sign-in", email="ann@example.org")
    make.sign_in(client, make.person("Ben"))
    send(client, newest_link())
    assert "Ann Example" in words(client.get("/me"))


@pytest.mark.parametrize("address", ["", "ann", "ann@example.org\r\nBcc: x@example.org", "@", "a" * 10_000])
def test_what_is_no_address_is_said_at_the_field(app: Flask, client: FlaskClient, address: str) -> None:
    answer = send(client, "/sign-in", email=address)
    assert answer.status_code == 422
    assert rows(app, select(Message.id)) == []


@pytest.mark.rate_limits
def test_many_letters_to_one_address_are_paused(app: Flask, client: FlaskClient, make: Builders) -> None:
    make.person("Ann")
    spellings = ["ann@example.org", "ANN@example.org", " ann@example.org"] * 2
    answers = [send(client, "/sign-in", email=address).status_code for address in spellings]
    assert answers == [303] * 5 + [429]
    assert len(rows(app, select(Message.id))) == 5
