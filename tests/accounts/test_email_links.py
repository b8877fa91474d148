"""Links in letters: they open a page, a button acts, once, for a while, for one thing."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from booking import create_app
from booking.db import db
from booking.models import ContactPoint, Message, Person, SignIn
from booking.models.kinds import LinkPurpose, PersonStatus
from tests.accounts.test_register import ANN
from tests.support.builders import Builders
from tests.support.databases import SECRET_KEY, settings_for_tests
from tests.support.pages import after, csrf_token, rows, send, words, write

Path = Callable[..., str]
STATUS = select(Person.status).order_by(Person.id)


def test_ann_confirms_her_address_and_is_in(app: Flask, client: FlaskClient, newest_link: Path) -> None:
    send(client, "/register", **ANN)
    answer = send(client, newest_link())
    assert "My sessions" in after(client, answer)
    assert rows(app, STATUS) == [PersonStatus.ACTIVE]
    assert None not in rows(app, select(ContactPoint.proven_at))


def test_a_scanner_that_opens_the_link_uses_nothing_up(
    app: Flask, client: FlaskClient, newest_link: Path
) -> None:
    send(client, "/register", **ANN)
    for _ in range(3):
        assert "Hello Ann" in words(client.get(newest_link()))
        assert client.head(newest_link()).status_code == 200
    assert rows(app, STATUS) == [PersonStatus.UNPROVEN]
    assert rows(app, select(SignIn.id)) == []
    assert send(client, newest_link()).status_code == 303


def test_a_link_works_once(app: Flask, client: FlaskClient, newest_link: Path) -> None:
    send(client, "/register", **ANN)
    form = {"csrf_token": csrf_token(client.get(newest_link()))}
    first = client.post(newest_link(), data=form)
    again = send(app.test_client(), newest_link(), page="/sign-in")
    assert (first.status_code, again.status_code) == (303, 410)
    assert app.test_client().get(newest_link()).status_code == 410
    assert len(rows(app, select(SignIn.id))) == 1


def test_a_used_link_keeps_where_she_wanted_to_go(app: Flask, client: FlaskClient, newest_link: Path) -> None:
    send(client, "/register", **ANN, next="/sessions/7")
    send(client, newest_link())
    page = app.test_client().get(newest_link())
    assert 'href="/sign-in?next=/sessions/7"' in page.text
    tampered = app.test_client().get(newest_link()[:-4] + "AAAA")
    assert "/sessions/7" not in tampered.text


def test_who_is_in_already_finds_her_sessions_behind_a_used_link(
    client: FlaskClient, newest_link: Path
) -> None:
    send(client, "/register", **ANN)
    send(client, newest_link())
    page = client.get(newest_link())
    assert "You are signed in already" in words(page)
    assert 'href="/my-sessions"' in page.text


@pytest.mark.parametrize(("purpose", "hours"), [("register", 48), ("sign-in", 24)])
def test_a_link_gets_too_old(
    client: FlaskClient,
    make: Builders,
    newest_link: Path,
    now: datetime,
    clock_at: Callable[[datetime], datetime],
    purpose: str,
    hours: int,
) -> None:
    send(client, f"/{purpose}", **ANN)
    make.person("Ann")
    clock_at(now + timedelta(hours=hours, seconds=-1))
    assert client.get(newest_link()).status_code == 200
    clock_at(now + timedelta(hours=hours))
    assert "This link no longer works" in words(client.get(newest_link()))
    assert send(client, newest_link(), page="/register").status_code == 410


@pytest.mark.parametrize("wrong", ["tampered", "other key", "purpose swapped", "cut off", "garbage"])
def test_a_link_that_was_never_sent_opens_nothing(
    app: Flask, client: FlaskClient, newest_link: Path, wrong: str
) -> None:
    send(client, "/register", **ANN)
    good = newest_link()
    tried = {
        "tampered": good[:-1] + ("A" if good[-1] != "A" else "B"),
        "other key": newest_link(key="a key that somebody else has made up"),
        "purpose swapped": newest_link(purpose=LinkPurpose.SIGN_IN),
        "cut off": good[:-5],
        "garbage": "/confirm/%00%0A%F0%9F%92%9C",
    }
    assert client.get(tried[wrong]).status_code in (400, 410)
    assert send(client, tried[wrong], page="/sign-in").status_code in (400, 410)
    assert rows(app, STATUS) == [PersonStatus.UNPROVEN]


def test_the_token_of_one_purpose_does_not_open_the_other(client: FlaskClient, newest_link: Path) -> None:
    send(client, "/register", **ANN)
    swapped = newest_link().replace("/confirm/", "/sign-in/")
    assert client.get(swapped).status_code == 410


@pytest.mark.parametrize(("fallbacks", "status"), [((SECRET_KEY,), 200), ((), 410)])
def test_an_old_link_lives_through_a_change_of_key(
    client: FlaskClient, newest_link: Path, database_url: str, fallbacks: tuple[str, ...], status: int
) -> None:
    send(client, "/register", **ANN)
    key = "a new key that is long enough to be one"
    changed = create_app(settings_for_tests(database_url, secret_key=key, secret_key_fallbacks=fallbacks))
    assert changed.test_client().get(newest_link()).status_code == status
    with changed.app_context():
        db.session.remove()
        db.engine.dispose()


def test_somebody_at_a_known_address_says_who_she_is(
    app: Flask, client: FlaskClient, make: Builders, newest_link: Path
) -> None:
    ben = make.person("Ben", email="ann@example.org")
    send(client, "/register", **ANN)
    page = words(client.get(newest_link()))
    send(client, newest_link(), person=str(ben))
    assert "Who are you?" in page
    assert "Ann (new here)" in page
    assert rows(app, select(SignIn.person_id)) == [ben]
    assert rows(app, STATUS) == [PersonStatus.ACTIVE, PersonStatus.UNPROVEN]


def test_somebody_else_at_a_known_address_is_new(
    app: Flask, client: FlaskClient, make: Builders, newest_link: Path
) -> None:
    ben = make.person("Ben", email="ann@example.org")
    send(client, "/register", **ANN)
    send(client, newest_link(), person=str(ben + 1))
    assert rows(app, select(SignIn.person_id)) == [ben + 1]
    assert rows(app, STATUS) == [PersonStatus.ACTIVE, PersonStatus.ACTIVE]


@pytest.mark.parametrize("person", ["", "0", "-1", "99999999999999999999", "ann", "stranger"])
def test_at_a_shared_address_nobody_is_chosen_for_her(
    app: Flask, client: FlaskClient, make: Builders, newest_link: Path, person: str
) -> None:
    make.person("Ann")
    make.person("Ben", email="ann@example.org")
    stranger = make.person("Gil")
    send(client, "/sign-in", email="ann@example.org")
    answer = send(client, newest_link(), person=str(stranger) if person == "stranger" else person)
    assert answer.status_code == 422
    assert "Who are you?" in words(answer)
    assert rows(app, select(SignIn.id)) == []


def test_what_a_stranger_typed_is_no_choice_for_those_who_are_known(
    client: FlaskClient, make: Builders, newest_link: Path
) -> None:
    make.person("Ben", email="ann@example.org")
    send(client, "/register", **(ANN | {"known_as": "Mallory"}))
    send(client, "/sign-in", email="ann@example.org")
    assert "Mallory" not in words(client.get(newest_link()))


@pytest.mark.parametrize("status", [PersonStatus.CLOSED, PersonStatus.DIED])
def test_a_record_that_does_not_open_any_more(
    app: Flask, client: FlaskClient, make: Builders, newest_link: Path, status: PersonStatus
) -> None:
    make.person("Ann")
    send(client, "/sign-in", email="ann@example.org")
    write(app, update(Person).values(status=status))
    assert send(client, newest_link(), page="/register").status_code == 410
    assert rows(app, select(SignIn.id)) == []
    assert send(client, "/sign-in", email="ann@example.org").status_code == 303
    assert len(rows(app, select(Message.id))) == 1


def test_she_goes_on_to_the_session_she_was_looking_at(
    client: FlaskClient, make: Builders, newest_link: Path
) -> None:
    send(client, "/register", next="/sessions/7/book", **ANN)
    assert send(client, newest_link()).location == "/sessions/7/book"


def test_she_comes_back_to_the_course_she_wanted_to_book(
    client: FlaskClient, make: Builders, newest_link: Path
) -> None:
    make.person("Ann")
    send(client, "/sign-in", email="ann@example.org", next="/courses/3/book")
    assert send(client, newest_link()).location == "/courses/3/book"


@pytest.mark.parametrize("away", ["//evil.example", "https://evil.example", "/\\evil.example", "/\t/evil"])
def test_no_link_leads_away_from_here(
    client: FlaskClient, make: Builders, newest_link: Path, away: str
) -> None:
    make.person("Ann")
    send(client, "/sign-in", email="ann@example.org", next=away)
    assert send(client, newest_link()).location == "/my-sessions"


def test_pages_behind_links_are_kept_by_nobody(client: FlaskClient, newest_link: Path) -> None:
    send(client, "/register", **ANN)
    page = client.get(newest_link())
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
