"""Passwords, for those who want one: good ones, shown before they change, and told about by letter."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from booking.models import AuditEntry, ContactPoint, Message, Password, Person, SignIn
from booking.models.kinds import MessageKind, SignInHow
from booking.rules import passwords as rules
from booking.services import passwords
from tests.support.builders import Builders
from tests.support.pages import after, rows, send, words, write

GOOD = "tea at the seaside"
OTHER = "nine green bottles"
EASY = "This password is too easy to guess."
KEPT = select(Password.person_id, Password.hashed).order_by(Password.person_id)
LETTERS = select(Message.kind, Message.person_id, Message.recipient)


def long_ago(app: Flask) -> None:
    """Let every sign-in be older than the half hour in which a letter counts as the old password."""
    write(app, update(SignIn).values(how=SignInHow.PASSWORD))


def fits(app: Flask, person_id: int, password: str) -> bool:
    kept = dict(tuple(row) for row in rows(app, KEPT))
    return person_id in kept and rules.fits(kept[person_id], password)


def test_ann_sets_a_password_and_is_told_by_letter(app: Flask, client: FlaskClient, make: Builders) -> None:
    ann = make.person("Ann")
    page = after(make.sign_in(client, ann), send(client, "/me/password", password=GOOD))
    assert "Your password is saved." in page
    assert fits(app, ann, GOOD)
    assert rows(app, LETTERS) == [(MessageKind.PASSWORD_CHANGED, ann, "ann@example.org")]
    assert rows(app, select(AuditEntry.action, AuditEntry.subject)) == [("password set", f"person:{ann}")]


def test_it_is_kept_as_argon2id_and_nothing_else(app: Flask, client: FlaskClient, make: Builders) -> None:
    send(make.sign_in(client, make.person("Ann")), "/me/password", password=GOOD)
    ((_, kept),) = rows(app, KEPT)
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert rules.nobodys_hash()[:31] == kept[:31]


def test_changing_it_ends_her_other_sign_ins_and_leaves_this_one(
    app: Flask, client: FlaskClient, make: Builders
) -> None:
    ann, ben = make.person("Ann"), make.person("Ben")
    phone, bens = make.sign_in(app.test_client(), ann), make.sign_in(app.test_client(), ben)
    send(make.sign_in(client, ann), "/me/password", password=GOOD)
    answers = [browser.get("/me").status_code for browser in (client, phone, bens)]
    assert answers == [200, 303, 200]


@pytest.mark.parametrize("path", ["/me/password", "/me/password/remove"])
@pytest.mark.parametrize("present", [OTHER, "", "x" * 2_000, GOOD.upper()])
def test_the_present_password_is_asked_for(
    app: Flask, client: FlaskClient, make: Builders, path: str, present: str
) -> None:
    ann = make.person("Ann")
    make.password(ann, GOOD)
    make.sign_in(client, ann)
    long_ago(app)
    answer = send(client, path, present=present, password=OTHER)
    assert answer.status_code == 422
    assert fits(app, ann, GOOD)
    assert rows(app, LETTERS) == []


@pytest.mark.parametrize("path", ["/me/password", "/me/password/remove"])
def test_with_the_present_password_it_is_done(
    app: Flask, client: FlaskClient, make: Builders, path: str
) -> None:
    ann = make.person("Ann")
    make.password(ann, GOOD)
    make.sign_in(client, ann)
    long_ago(app)
    assert send(client, path, present=GOOD, password=OTHER).status_code == 303
    assert not fits(app, ann, GOOD)
    assert fits(app, ann, OTHER) == (path == "/me/password")
    assert len(rows(app, LETTERS)) == 1


@pytest.mark.parametrize(("minutes", "asked"), [(29, False), (30, True)])
def test_a_letter_read_within_half_an_hour_is_as_good_as_the_old_one(
    client: FlaskClient,
    make: Builders,
    now: datetime,
    clock_at: Callable[[datetime], datetime],
    minutes: int,
    asked: bool,
) -> None:
    ann = make.person("Ann")
    make.password(ann, GOOD)
    make.sign_in(client, ann)
    clock_at(now + timedelta(minutes=minutes))
    assert ('name="present"' in client.get("/me/password").text) == asked
    assert send(client, "/me/password", password=OTHER).status_code == (422 if asked else 303)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Enter a new password"),
        ("elevenchars", "Use 12 characters or more"),
        ("password1234", EASY),
        ("ann example 1", EASY),
        ("ann@example.org 1", EASY),
        ("Make 2nds Count", EASY),
        ("a" * 128, EASY),
        (GOOD + "x" * 128, "Use a password of 128 characters or fewer"),
        ("x" * 100_000, "Use a password of 128 characters or fewer"),
    ],
)
def test_what_is_no_good_password_is_said_at_the_field(
    app: Flask, client: FlaskClient, make: Builders, typed: str, said: str
) -> None:
    make.sign_in(client, make.person("Ann"))
    answer = send(client, "/me/password", password=typed)
    assert (answer.status_code, said in words(answer)) == (422, True)
    assert not typed or f'value="{typed}"' not in answer.text
    assert rows(app, KEPT) == []


@pytest.mark.parametrize(
    "typed",
    [
        "correct horse staple",
        " spaces count, both ends ",
        "пароль моей бабушки",
        "💜🫖🍰🌊🦋📚🎨🧶🪴🐝🌻🚲",
        "Tuesdays are for swimming, " * 4 + "and quiet afternoons",
    ],
)
def test_any_characters_make_a_good_password(
    app: Flask, client: FlaskClient, make: Builders, typed: str
) -> None:
    ann = make.person("Ann")
    send(make.sign_in(client, ann), "/me/password", password=typed)
    answer = send(app.test_client(), "/sign-in/password", email="ann@example.org", password=typed)
    assert answer.status_code == 303


def test_an_accent_is_the_same_on_every_keyboard(app: Flask, client: FlaskClient, make: Builders) -> None:
    send(make.sign_in(client, make.person("Ann")), "/me/password", password="café by the pier")
    answer = send(
        app.test_client(), "/sign-in/password", email="ann@example.org", password="cafe\u0301 by the pier"
    )
    assert answer.status_code == 303


def test_a_nul_is_refused(client: FlaskClient, make: Builders) -> None:
    make.sign_in(client, make.person("Ann"))
    assert send(client, "/me/password", password="tea at the\0seaside").status_code == 400


def test_a_password_of_somebody_else_at_her_address_is_refused_without_saying_why(
    app: Flask, client: FlaskClient, make: Builders
) -> None:
    ann, ben = make.person("Ann"), make.person("Ben", email="ann@example.org")
    make.password(ben, GOOD)
    answer = send(make.sign_in(client, ann), "/me/password", password=GOOD)
    assert (answer.status_code, EASY in words(answer)) == (422, True)
    assert send(client, "/me/password", password=OTHER).status_code == 303


def test_a_password_of_somebody_at_another_address_is_nobodys_business(
    client: FlaskClient, make: Builders
) -> None:
    make.password(make.person("Ben"), GOOD)
    make.sign_in(client, make.person("Ann"))
    assert send(client, "/me/password", password=GOOD).status_code == 303


def test_an_address_that_is_not_proven_tells_nothing_of_its_owner(
    app: Flask, client: FlaskClient, make: Builders
) -> None:
    ann, ben = make.person("Ann"), make.person("Ben")
    make.password(ben, GOOD)
    bens = {"key": "ben@example.org", "written": "ben@example.org", "proven_at": None}
    write(app, update(ContactPoint).where(ContactPoint.person_id == ann).values(**bens))
    assert send(make.sign_in(client, ann), "/me/password", password=GOOD).status_code == 303


def test_removing_it_twice_is_removing_it_once(app: Flask, client: FlaskClient, make: Builders) -> None:
    ann = make.person("Ann")
    make.password(ann, GOOD)
    make.sign_in(client, ann)
    for _ in range(2):
        assert send(client, "/me/password/remove").status_code == 303
    assert rows(app, KEPT) == []
    assert len(rows(app, LETTERS)) == 1
    assert "You have no password" in words(client.get("/me/password/remove"))


def test_pasting_is_allowed_and_browsers_know_the_field(client: FlaskClient, make: Builders) -> None:
    make.sign_in(client, make.person("Ann"))
    page = client.get("/me/password").text
    assert 'autocomplete="new-password"' in page
    assert "onpaste" not in page
    assert 'autocomplete="current-password"' in client.application.test_client().get("/sign-in/password").text


def test_a_sign_in_that_ended_in_the_meantime_changes_nothing(
    app: Flask, client: FlaskClient, make: Builders, now: datetime
) -> None:
    ann = make.person("Ann")
    make.sign_in(client, ann)
    (public_id,) = rows(app, select(SignIn.public_id))
    write(app, update(SignIn).values(ended_at=now))
    with app.app_context(), pytest.raises(passwords.asked.NotFound):
        passwords.set_password(ann, GOOD, "", public_id, now)
    assert rows(app, KEPT) == []


@pytest.mark.parametrize("whose", ["Ann", "Ben"])
def test_a_password_that_changed_while_this_one_was_hashed_stays(
    app: Flask, client: FlaskClient, make: Builders, monkeypatch: Any, whose: str
) -> None:
    people = {"Ann": make.person("Ann"), "Ben": make.person("Ben", email="ann@example.org")}
    make.sign_in(client, people["Ann"])
    hashed = rules.hashed

    def meanwhile(password: str) -> str:
        monkeypatch.setattr(rules, "hashed", hashed)
        make.password(people[whose], GOOD)
        return hashed(password)

    monkeypatch.setattr(rules, "hashed", meanwhile)
    assert send(client, "/me/password", password=GOOD).status_code == 422
    assert [row.person_id for row in rows(app, KEPT)] == [people[whose]]


def test_with_too_many_at_once_she_is_asked_to_come_back(client: FlaskClient, make: Builders) -> None:
    make.sign_in(client, make.person("Ann"))
    with busy():
        answer = send(client, "/me/password", password=GOOD)
    assert (answer.status_code, "try again in a minute" in words(answer)) == (503, True)
    assert send(client, "/me/password", password=GOOD).status_code == 303


def test_a_stranger_is_sent_to_sign_in(client: FlaskClient) -> None:
    for path in ("/me/password", "/me/password/remove", "/me/sign-ins"):
        assert client.get(path).location == f"/sign-in?next={path}"


def test_nobody_has_to_have_one(app: Flask, client: FlaskClient, make: Builders) -> None:
    make.sign_in(client, make.person("Ann"))
    assert "You don't need one" in words(client.get("/me/password"))
    assert rows(app, select(Person.id).join(Password)) == []


class busy:
    """Everybody who may wait for a turn to hash is there already."""

    def __enter__(self) -> None:
        self.taken = 0
        while passwords._LINE.acquire(blocking=False):
            self.taken += 1

    def __exit__(self, *fault: object) -> None:
        passwords._LINE.release()
        for _ in range(self.taken - 1):
            passwords._LINE.release()
