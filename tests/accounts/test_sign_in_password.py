"""Signing in with a password: every no is the same no, costs the same work, and locks nobody out."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select, update

from booking.db import db
from booking.models import Password, Person, SignIn
from booking.models.kinds import PersonStatus, SignInHow
from booking.rules import passwords as rules
from booking.services import passwords
from tests.accounts.test_passwords import GOOD, OTHER, busy
from tests.support.builders import Builders
from tests.support.pages import after, rows, send, words, write

SIGN_INS = select(SignIn.person_id, SignIn.how).order_by(SignIn.id)
NO = "The email address or the password is not right."


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every hash that was tried, in order; trying goes on as ever."""
    seen: list[str] = []
    verify = PasswordHasher.verify

    def noted(self: Any, kept: str, password: str) -> bool:
        seen.append(kept)
        return bool(verify(self, kept, password))

    monkeypatch.setattr(PasswordHasher, "verify", noted)
    return seen


@pytest.fixture
def asked(app: Flask) -> Iterator[list[str]]:
    """Every statement that the database was asked, without its values."""
    seen: list[str] = []
    with app.app_context():
        engine = db.engine

    def note(conn: Any, cursor: Any, statement: str, *rest: Any) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


def attempt(client: FlaskClient, email: str = "ann@example.org", password: str = GOOD, **more: Any) -> Any:
    return send(client, "/sign-in/password", email=email, password=password, **more)


def test_ann_signs_in_with_her_password(app: Flask, client: FlaskClient, make: Builders) -> None:
    ann = make.person("Ann")
    make.password(ann, GOOD)
    assert "My sessions" in after(client, attempt(client, " ANN@Example.org "))
    assert rows(app, SIGN_INS) == [(ann, SignInHow.PASSWORD)]


def test_she_goes_on_to_where_she_was_and_nowhere_else(app: Flask, make: Builders) -> None:
    make.password(make.person("Ann"), GOOD)
    assert attempt(app.test_client(), next="/sessions/7/book").location == "/sessions/7/book"
    for away in ("//evil.example", "https://evil.example", "/\\evil.example"):
        assert attempt(app.test_client(), next=away).location == "/my-sessions"


def test_at_a_shared_address_the_one_whose_password_fits_is_in(app: Flask, make: Builders) -> None:
    ann, ben = make.person("Ann"), make.person("Ben", email="ann@example.org")
    make.password(ann, GOOD)
    make.password(ben, OTHER)
    for password in (OTHER, GOOD):
        assert attempt(app.test_client(), password=password).status_code == 303
    assert [row.person_id for row in rows(app, SIGN_INS)] == [ben, ann]


def test_where_it_fits_two_it_opens_neither(app: Flask, client: FlaskClient, make: Builders) -> None:
    for person in (make.person("Ann"), make.person("Ben", email="ann@example.org")):
        make.password(person, GOOD)
    assert attempt(client).status_code == 422
    assert rows(app, SIGN_INS) == []


CASES = ["wrong", "unknown", "none", "died", "closed", "merged", "not proven"]


def set_up(app: Flask, make: Builders, case: str) -> None:
    ben = make.person("Ben", email="nobody@example.org" if case == "unknown" else "ann@example.org")
    if case != "none":
        make.password(ben, OTHER if case == "wrong" else GOOD)
    if case in ("died", "closed", "merged"):
        write(app, update(Person).values(status=PersonStatus(case)))
    if case == "not proven":
        write(app, db.text("UPDATE contact_point SET proven_at = NULL"))  # type: ignore[arg-type]


def test_every_no_is_alike_in_words_status_and_work(
    app: Flask, make: Builders, tried: list[str], asked: list[str], database_url: str
) -> None:
    seen = set()
    for case in CASES:
        write(app, db.text("DELETE FROM password"))  # type: ignore[arg-type]
        write(app, db.text("DELETE FROM contact_point"))  # type: ignore[arg-type]
        set_up(app, make, case)
        client = app.test_client()
        client.get("/sign-in/password")
        tried.clear(), asked.clear()
        answer = attempt(client)
        seen.add((words(answer), answer.status_code, len(tried), tuple(asked)))
    ((said, status, hashes, _),) = seen
    assert (NO in said, status, hashes) == (True, 422, 2)
    assert rows(app, SIGN_INS) == []


@pytest.mark.parametrize(("how_many", "hashes"), [(0, 2), (1, 2), (2, 2), (3, 3)])
def test_at_least_two_are_tried_and_each_costs_the_same(
    app: Flask, client: FlaskClient, make: Builders, tried: list[str], how_many: int, hashes: int
) -> None:
    for number in range(how_many):
        make.password(make.person(f"P{number}", email="ann@example.org"), f"{GOOD} {number}")
    attempt(client, password=f"{GOOD} 0" if how_many == 3 else "something else entirely")
    assert len(tried) == hashes
    assert {kept.rpartition("$")[0].rpartition("$")[0] for kept in tried} == {
        "$argon2id$v=19$m=19456,t=2,p=1"
    }


@pytest.mark.parametrize("password", ["", "x" * 2_000, "💜" * 500])
def test_what_can_be_nobodys_password_is_refused_like_a_wrong_one(
    client: FlaskClient, make: Builders, password: str
) -> None:
    make.password(make.person("Ann"), GOOD)
    assert attempt(client, password=password).status_code == 422


@pytest.mark.parametrize(
    "email", ["", "ann", "ann@example.org, ben@example.org", "ann@example.org\nBcc: x@y.org"]
)
def test_what_is_no_address_is_said_at_the_field(client: FlaskClient, email: str) -> None:
    answer = attempt(client, email)
    assert answer.status_code == 422
    assert NO not in words(answer)


def test_the_address_stays_and_the_password_does_not(client: FlaskClient, make: Builders) -> None:
    page = attempt(client).text
    assert 'value="ann@example.org"' in page
    assert GOOD not in page


def test_no_hash_is_made_while_a_transaction_is_open(
    app: Flask, client: FlaskClient, make: Builders, monkeypatch: pytest.MonkeyPatch
) -> None:
    make.password(make.person("Ann"), GOOD)
    open_ones = []
    for name in ("fits", "hashed"):
        real = getattr(rules, name)
        monkeypatch.setattr(
            rules,
            name,
            lambda *args, real=real: open_ones.append(db.session().in_transaction()) or real(*args),
        )
    assert attempt(client).status_code == 303
    assert send(client, "/me/password", present=GOOD, password=OTHER).status_code == 303
    assert open_ones
    assert not any(open_ones)


def test_an_old_hash_is_made_anew_when_she_signs_in(app: Flask, client: FlaskClient, make: Builders) -> None:
    make.password(make.person("Ann"), GOOD)
    cheap = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash(GOOD)
    write(app, update(Password).values(hashed=cheap))
    assert attempt(client).status_code == 303
    (kept,) = rows(app, select(Password.hashed))
    assert not rules.is_outdated(kept)
    assert rules.fits(kept, GOOD)


@pytest.mark.parametrize("meanwhile", ["died", "changed"])
def test_who_died_or_changed_it_while_it_was_tried_does_not_get_in(
    app: Flask, client: FlaskClient, make: Builders, monkeypatch: pytest.MonkeyPatch, meanwhile: str
) -> None:
    make.password(make.person("Ann"), GOOD)
    fits = rules.fits

    def then(kept: str, password: str) -> bool:
        write(app, update(Person).values(status=PersonStatus.DIED)) if meanwhile == "died" else write(
            app, update(Password).values(hashed=rules.hashed(OTHER))
        )
        return fits(kept, password)

    monkeypatch.setattr(rules, "fits", then)
    assert attempt(client).status_code == 422
    assert rows(app, SIGN_INS) == []


def test_a_storm_is_asked_to_wait_and_everybody_else_is_served(
    app: Flask, client: FlaskClient, make: Builders
) -> None:
    make.password(make.person("Ann"), GOOD)
    with busy():
        answer = attempt(client)
        assert client.get("/sessions").status_code == 200
    assert (answer.status_code, 'value="ann@example.org"' in answer.text) == (503, True)
    assert GOOD not in answer.text
    assert attempt(client).status_code == 303


def test_so_many_may_hash_and_wait_that_threads_are_left_for_others() -> None:
    assert passwords.HASH_AT_ONCE == 2
    assert passwords.HASH_AT_ONCE + passwords.WAIT_IN_LINE < 8


def test_a_new_sign_in_forgets_who_was_here_before(client: FlaskClient, make: Builders, app: Flask) -> None:
    make.password(make.person("Ann"), GOOD)
    with client.session_transaction() as cookie:
        cookie["planted"] = "by somebody else"
    attempt(client)
    with client.session_transaction() as cookie:
        assert "planted" not in cookie
        assert len(cookie["_user_id"]) > 40


def test_who_is_signed_in_already_is_led_on(client: FlaskClient, make: Builders) -> None:
    make.sign_in(client, make.person("Ann"))
    assert client.get("/sign-in/password").location == "/my-sessions"


@pytest.mark.rate_limits
def test_ten_tries_an_hour_from_one_network_and_she_gets_in_from_elsewhere(
    app: Flask,
    client: FlaskClient,
    make: Builders,
    now: datetime,
    clock_at: Callable[[datetime], datetime],
) -> None:
    make.password(make.person("Ann"), GOOD)
    answers = [attempt(client, "Ann@example.org", OTHER).status_code for _ in range(11)]
    assert answers == [422] * 10 + [429]
    assert attempt(client).status_code == 429
    elsewhere = app.test_client()
    elsewhere.environ_base["REMOTE_ADDR"] = "192.0.2.7"
    assert attempt(elsewhere).status_code == 303
    clock_at(now + timedelta(hours=1, seconds=1))
    assert attempt(client).status_code == 303
