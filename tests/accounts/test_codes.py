"""Six digits from the letter, typed where they were asked for: five tries, once, and only in that browser."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from booking import create_app
from booking.db import db
from booking.models import EmailLink, Message, Person, SignIn
from booking.models.kinds import LinkPurpose, PersonStatus, SignInHow
from booking.queries.signin import CODE_TRIES_A_DAY
from tests.accounts.test_register import ANN
from tests.support.builders import Builders
from tests.support.databases import SECRET_KEY, settings_for_tests
from tests.support.pages import after, rows, send, words, write

Code = Callable[..., str]
NO = "This code does not work. Check it, use the link in the letter, or ask for a new letter."
SIGN_INS = select(SignIn.person_id, SignIn.how).order_by(SignIn.id)
TRIES = select(EmailLink.code_tries).order_by(EmailLink.id)
SILENT = [PersonStatus.CLOSED, PersonStatus.DIED]


def ask(client: FlaskClient, address: str = "ann@example.org") -> None:
    assert send(client, "/sign-in", email=address).status_code == 303


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def other(app: Flask, client: FlaskClient) -> FlaskClient:
    """Return another browser that copied the first one's cookie: the same, as far as anybody can tell."""
    cookie, copied = client.get_cookie("booking"), app.test_client()
    assert cookie is not None
    copied.set_cookie("booking", cookie.value)
    return copied


def test_ann_signs_in_by_the_code_in_her_letter(
    app: Flask, client: FlaskClient, make: Builders, newest_code: Code
) -> None:
    ann = make.person("Ann")
    ask(client)
    answer = send(client, "/sign-in/sent", code=newest_code())
    assert "My sessions" in after(client, answer)
    assert rows(app, SIGN_INS) == [(ann, SignInHow.CODE)]


def test_ann_confirms_her_address_by_the_code(app: Flask, client: FlaskClient, newest_code: Code) -> None:
    send(client, "/register", **ANN)
    answer = send(client, "/register/sent", code=newest_code())
    assert "My sessions" in after(client, answer)
    assert rows(app, select(Person.status)) == [PersonStatus.ACTIVE]


@pytest.mark.parametrize("style", ["{0}{1}", " {0} {1} ", "{0}-{1}", "{0}\u2009{1}", "{0} – {1}"])
def test_spaces_and_dashes_are_forgiven(
    app: Flask, client: FlaskClient, make: Builders, newest_code: Code, style: str
) -> None:
    make.person("Ann")
    ask(client)
    code = newest_code()
    assert send(client, "/sign-in/sent", code=style.format(code[:3], code[3:])).status_code == 303


def test_a_phone_offers_the_code_and_its_digits(client: FlaskClient) -> None:
    assert 'name="code"' not in client.get("/sign-in/sent").text
    ask(client)
    page = client.get("/sign-in/sent").text
    assert 'inputmode="numeric"' in page
    assert 'autocomplete="one-time-code"' in page


@pytest.mark.parametrize(
    "typed", ["", "12345", "1234567", "abcdef", "１２３", "²³", "-1", "\u202e", "9" * 10_000]
)
def test_what_is_no_code_opens_nothing(app: Flask, client: FlaskClient, make: Builders, typed: str) -> None:
    make.person("Ann")
    ask(client)
    assert send(client, "/sign-in/sent", code=typed).status_code == 422
    assert rows(app, SIGN_INS) == []


def test_five_wrong_tries_and_the_code_is_dead_but_the_link_is_not(
    client: FlaskClient, app: Flask, make: Builders, newest_code: Code, newest_link: Code
) -> None:
    make.person("Ann")
    ask(client)
    answers = [send(client, "/sign-in/sent", code=wrong(newest_code())) for _ in range(6)]
    answers.append(send(client, "/sign-in/sent", code=newest_code()))
    assert {answer.status_code for answer in answers} == {422}
    assert all(NO in words(answer) for answer in answers)
    assert rows(app, TRIES) == [5]
    assert send(client, newest_link()).status_code == 303


def test_four_wrong_tries_leave_one(client: FlaskClient, make: Builders, newest_code: Code) -> None:
    make.person("Ann")
    ask(client)
    for _ in range(4):
        send(client, "/sign-in/sent", code=wrong(newest_code()))
    assert send(client, "/sign-in/sent", code=newest_code()).status_code == 303


def test_a_code_works_once(app: Flask, client: FlaskClient, make: Builders, newest_code: Code) -> None:
    make.person("Ann")
    ask(client)
    copied = other(app, client)
    assert send(client, "/sign-in/sent", code=newest_code()).status_code == 303
    again = send(copied, "/sign-in/sent", code=newest_code())
    assert (again.status_code, NO in words(again)) == (422, True)
    assert len(rows(app, SIGN_INS)) == 1


def test_a_code_is_used_up_with_its_link_and_the_link_with_its_code(
    app: Flask, client: FlaskClient, make: Builders, newest_code: Code, newest_link: Code
) -> None:
    make.person("Ann")
    ask(client)
    assert send(app.test_client(), newest_link()).status_code == 303
    assert send(client, "/sign-in/sent", code=newest_code()).status_code == 422
    ask(client)
    assert send(client, "/sign-in/sent", code=newest_code()).status_code == 303
    assert app.test_client().get(newest_link()).status_code == 410


def test_a_code_grows_old_with_its_link(
    client: FlaskClient,
    make: Builders,
    newest_code: Code,
    now: datetime,
    clock_at: Callable[[datetime], datetime],
) -> None:
    make.person("Ann")
    ask(client)
    clock_at(now + timedelta(hours=24))
    answer = send(client, "/sign-in/sent", code=newest_code())
    assert (answer.status_code, NO in words(answer)) == (422, True)


@pytest.mark.parametrize("how", ["nothing asked", "asked for Ben"])
def test_a_code_works_only_in_the_browser_that_asked(
    app: Flask, client: FlaskClient, make: Builders, newest_code: Code, how: str
) -> None:
    make.person("Ann"), make.person("Ben")
    elsewhere = app.test_client()
    if how == "asked for Ben":
        ask(elsewhere, "ben@example.org")
    ask(client)
    assert send(elsewhere, "/sign-in/sent", page="/sign-in", code=newest_code()).status_code == 422
    assert rows(app, SIGN_INS) == []


def test_the_code_of_another_purpose_or_key_opens_nothing(
    app: Flask, client: FlaskClient, make: Builders, newest_code: Code
) -> None:
    make.person("Ann")
    ask(client)
    never_sent = newest_code(key="a key that somebody else has made up")
    assert send(client, "/sign-in/sent", code=never_sent).status_code == 422
    write(app, update(EmailLink).values(purpose=LinkPurpose.CHANGE_EMAIL))
    assert send(client, "/sign-in/sent", code=newest_code()).status_code == 422
    assert rows(app, SIGN_INS) == []


def test_a_code_lives_through_a_change_of_key(
    app: Flask, client: FlaskClient, make: Builders, newest_code: Code, database_url: str
) -> None:
    make.person("Ann")
    ask(client)
    key = "a new key that is long enough to be one"
    settings = settings_for_tests(database_url, secret_key=key, secret_key_fallbacks=(SECRET_KEY,))
    changed = create_app(settings)
    # Cookies live through it too.
    assert send(other(changed, client), "/sign-in/sent", code=newest_code()).status_code == 303
    with changed.app_context():
        db.session.remove()
        db.engine.dispose()


def test_at_a_shared_address_she_says_who_she_is(
    app: Flask, client: FlaskClient, make: Builders, newest_code: Code
) -> None:
    make.person("Ann")
    ben = make.person("Ben", email="ann@example.org")
    ask(client)
    page = send(client, "/sign-in/sent", code=newest_code())
    assert (page.status_code, "Who are you?" in words(page)) == (200, True)
    assert rows(app, SIGN_INS) == []
    assert send(client, "/sign-in/sent", code=newest_code(), person=str(ben)).status_code == 303
    assert rows(app, SIGN_INS) == [(ben, SignInHow.CODE)]


@pytest.mark.parametrize("person", ["0", "-1", "99999999999999999999", "ann", "stranger"])
def test_at_a_shared_address_nobody_is_chosen_for_her(
    app: Flask, client: FlaskClient, make: Builders, newest_code: Code, person: str
) -> None:
    make.person("Ann"), make.person("Ben", email="ann@example.org")
    stranger = str(make.person("Gil"))
    ask(client)
    chosen = stranger if person == "stranger" else person
    answer = send(client, "/sign-in/sent", code=newest_code(), person=chosen)
    assert (answer.status_code, "Who are you?" in words(answer)) == (422, True)
    assert rows(app, SIGN_INS) == []


def test_a_wrong_code_tells_nobody_who_shares_the_address(
    client: FlaskClient, make: Builders, newest_code: Code
) -> None:
    ben = make.person("Ben")
    make.person("Bea", email="ben@example.org")
    ask(client, "ben@example.org")
    answer = send(client, "/sign-in/sent", code=wrong(newest_code()), person=str(ben))
    assert NO in words(answer)
    assert "Bea" not in answer.text


@pytest.mark.parametrize("status", SILENT)
def test_nothing_differs_for_one_who_died_or_left(
    app: Flask, client: FlaskClient, make: Builders, newest_code: Code, status: PersonStatus
) -> None:
    make.person("Ann", status=status)
    make.person("Ben")
    silent, answered = [], []
    for address, seen in (("ann@example.org", silent), ("ben@example.org", answered)):
        ask(client, address)
        seen.append(words(client.get("/sign-in/sent")).replace(address, ""))
        seen.append(words(send(client, "/sign-in/sent", code=wrong(newest_code()))).replace(address, ""))
    assert silent == answered
    assert len(rows(app, select(Message.id))) == 1


@pytest.mark.parametrize("status", SILENT)
def test_her_code_opens_nothing_once_she_has_died(
    app: Flask, client: FlaskClient, make: Builders, newest_code: Code, status: PersonStatus
) -> None:
    make.person("Ann")
    ask(client)
    write(app, update(Person).values(status=status))
    assert send(client, "/sign-in/sent", code=newest_code()).status_code == 422
    assert rows(app, SIGN_INS) == []


def test_of_many_letters_asked_from_everywhere_five_go_and_their_links_still_work(
    app: Flask, make: Builders, newest_code: Code, newest_link: Code
) -> None:
    make.person("Ann")
    ask(app.test_client())
    first = newest_link()
    browsers = [app.test_client() for _ in range(5)]
    for browser in browsers:
        ask(browser, "ANN@example.org")
    assert len(rows(app, select(Message.id))) == 5
    assert send(browsers[-1], "/sign-in/sent", code=newest_code()).status_code == 422
    assert send(app.test_client(), first).status_code == 303


def test_half_an_hour_later_letters_go_again(
    app: Flask,
    client: FlaskClient,
    make: Builders,
    now: datetime,
    clock_at: Callable[[datetime], datetime],
) -> None:
    make.person("Ann")
    for _ in range(7):
        ask(client)
    clock_at(now + timedelta(minutes=30))
    ask(client)
    assert len(rows(app, select(Message.id))) == 6


def test_after_fifty_wrong_tries_in_a_day_codes_rest_and_links_work(
    app: Flask, client: FlaskClient, make: Builders, newest_code: Code, newest_link: Code
) -> None:
    make.person("Ann")
    for _ in range(4):
        ask(client)
    write(app, update(EmailLink).where(EmailLink.id < 4).values(code_tries=CODE_TRIES_A_DAY // 3 + 1))
    assert send(client, "/sign-in/sent", code=newest_code()).status_code == 422
    assert send(client, newest_link()).status_code == 303
