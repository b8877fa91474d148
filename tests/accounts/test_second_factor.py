"""The second factor: shown once for each half minute, and nobody opens the office with a mailbox alone."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from booking.db import db
from booking.models import AuditEntry, RecoveryCode, SecondFactor, SignIn
from booking.models.kinds import PersonStatus, Role
from booking.rules import one_time
from tests.house.rows import everything
from tests.support.builders import Builders
from tests.support.databases import SECRET_KEY
from tests.support.pages import after, rows, send, words

SHOW, SET_UP, RECOVER = "/second-factor", "/me/second-factor", "/second-factor/recovery-code"
FITS_NOT = "That code does not fit, or was used already"
Clock = Callable[[datetime], datetime]


@pytest.fixture
def ada(make: Builders, client: FlaskClient) -> int:
    """Ada, signed in by a link, with an app on her phone that she has not shown yet."""
    ada = make.admin()
    make.second_factor(ada)
    make.sign_in(client, ada, second_factor=False)
    return ada


def key_on(client: FlaskClient, page: str = SET_UP) -> str:
    """Read the key of the set-up page, as somebody would who can't scan."""
    said = words(client.get(page))
    return said.split("Or type this key into the app: ")[1][:39].replace(" ", "")


def codes_on(page: str) -> list[str]:
    return [word for word in page.split() if word.count("-") == 2 and len(word) == 14]


def test_ada_shows_her_code_and_is_where_she_wanted(client: FlaskClient, make: Builders, ada: int) -> None:
    asked = client.get("/office/people")
    assert asked.location == "/second-factor?next=/office/people"
    answer = send(client, asked.location, code=make.code(ada))
    assert answer.location == "/office/people"
    assert client.get("/office/people").status_code == 200


@pytest.mark.parametrize("typed", ["", "123", "abcdef", "☕" * 6, "9" * 60, "000000\r\nX: 1"])
def test_what_does_not_fit_opens_nothing(client: FlaskClient, ada: int, typed: str) -> None:
    answer = send(client, SHOW, code=typed)
    assert answer.status_code == 422
    assert client.get("/office").status_code == 303


def test_a_code_is_taken_once(
    client: FlaskClient, make: Builders, ada: int, now: datetime, clock_at: Clock
) -> None:
    code, thief = make.code(ada), make.sign_in(client.application.test_client(), ada, second_factor=False)
    assert send(client, SHOW, code=code).status_code == 303
    assert FITS_NOT in words(send(thief, SHOW, code=code))
    clock_at(now + timedelta(seconds=30))
    assert FITS_NOT in words(send(thief, SHOW, code=code))
    assert send(thief, SHOW, code=make.code(ada)).status_code == 303


def test_gils_code_is_not_adas(client: FlaskClient, make: Builders, ada: int) -> None:
    gil = make.admin("Gil")
    make.second_factor(gil)
    assert FITS_NOT in words(send(client, SHOW, code=make.code(gil)))


def test_the_code_of_a_phone_that_is_half_a_minute_off_is_taken(
    client: FlaskClient, make: Builders, ada: int
) -> None:
    assert FITS_NOT in words(send(client, SHOW, code=make.code(ada, steps=-2)))
    assert send(client, SHOW, code=make.code(ada, steps=-1)).status_code == 303
    assert send(client, SHOW, code=make.code(ada, steps=1)).status_code == 303
    assert FITS_NOT in words(send(client, SHOW, code=make.code(ada)))


def test_a_copied_cookie_is_not_raised_with_hers(
    app: Flask, client: FlaskClient, make: Builders, ada: int, now: datetime, clock_at: Clock
) -> None:
    with client.session_transaction() as cookie:
        copied = dict(cookie)
    send(client, SHOW, code=make.code(ada))
    thief = app.test_client()
    with thief.session_transaction() as cookie:
        cookie.update(copied)
    assert thief.get("/office").status_code == 303
    clock_at(now + timedelta(minutes=1))
    assert thief.get("/me").location.startswith("/sign-in")
    assert client.get("/office").status_code == 200


def test_showing_it_does_not_make_the_sign_in_last_longer(
    app: Flask, client: FlaskClient, make: Builders, ada: int, now: datetime, clock_at: Clock
) -> None:
    clock_at(now + timedelta(days=29))
    send(client, SHOW, code=make.code(ada))
    assert client.get("/office").status_code == 200
    clock_at(now + timedelta(days=30, seconds=1))
    assert client.get("/me").location.startswith("/sign-in")


@pytest.mark.parametrize("wanted", ["https://evil.example", "//evil.example", "/\\evil.example", ""])
def test_it_leads_nowhere_outside(client: FlaskClient, make: Builders, ada: int, wanted: str) -> None:
    assert send(client, f"{SHOW}?next={wanted}", code=make.code(ada)).location == "/office"


# Setting it up ------------------------------------------------------------------------------------


def test_an_admin_without_an_app_is_led_to_set_one_up(client: FlaskClient, make: Builders) -> None:
    make.sign_in(client, make.admin(), second_factor=False)
    page = client.get("/office", follow_redirects=True)
    assert page.request.full_path == "/me/second-factor?next=/office"
    assert "Set up an authenticator app" in words(page)
    assert "<svg" in page.text


def test_setting_it_up_shows_ten_codes_once_and_opens_the_office(
    app: Flask, client: FlaskClient, make: Builders, now: datetime
) -> None:
    ada = make.admin()
    make.sign_in(client, ada, second_factor=False)
    code = one_time.code_at(key_on(client), one_time.step_at(now))
    answer = send(client, f"{SET_UP}?next=/office/people", code=code)
    assert len(set(codes_on(words(answer)))) == 10
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert 'href="/office/people"' in answer.text
    assert client.get("/office").status_code == 200
    assert rows(app, select(SecondFactor.confirmed_at)) == [now]
    assert rows(app, select(AuditEntry.action, AuditEntry.actor_id)) == [("second factor set up", ada)]


def test_a_wrong_code_sets_nothing_up_and_keeps_the_picture(
    app: Flask, client: FlaskClient, make: Builders
) -> None:
    make.sign_in(client, make.admin(), second_factor=False)
    key = key_on(client)
    answer = send(client, SET_UP, code="000000")
    assert answer.status_code == 422
    assert one_time.in_groups(key) in words(answer)
    assert key_on(client) == key
    assert rows(app, select(SecondFactor.id)) == []


def test_another_browser_is_shown_another_key(app: Flask, make: Builders) -> None:
    ada = make.admin()
    mine, thiefs = (make.sign_in(app.test_client(), ada, second_factor=False) for _ in range(2))
    assert key_on(mine) != key_on(thiefs)


def test_pressing_twice_sets_one_app_up(
    app: Flask, client: FlaskClient, make: Builders, now: datetime
) -> None:
    make.sign_in(client, make.admin(), second_factor=False)
    code = one_time.code_at(key_on(client), one_time.step_at(now))
    assert send(client, SET_UP, code=code).status_code == 200
    assert "Your app is set up" in after(client, send(client, SET_UP, code=code))
    assert len(rows(app, select(SecondFactor.id))) == 1


def test_the_code_that_set_it_up_is_not_taken_again(
    client: FlaskClient, make: Builders, now: datetime
) -> None:
    make.sign_in(client, make.admin(), second_factor=False)
    code = one_time.code_at(key_on(client), one_time.step_at(now))
    send(client, SET_UP, code=code)
    assert FITS_NOT in words(send(client, SHOW, code=code))


@pytest.mark.parametrize("path", [SHOW, SET_UP, RECOVER, f"{SET_UP}/another"])
def test_a_patient_has_no_such_pages(client: FlaskClient, make: Builders, path: str) -> None:
    make.sign_in(client, make.person("Ann"))
    assert client.get(path).status_code == 404
    assert send(client, path, page="/me/reminders", code="123456").status_code == 404


def test_a_host_may_set_one_up_and_stop_using_it(
    app: Flask, client: FlaskClient, make: Builders, now: datetime
) -> None:
    make.sign_in(client, make.facilitator(), second_factor=False)
    assert client.get("/host").status_code == 200
    send(client, SET_UP, code=one_time.code_at(key_on(client), one_time.step_at(now)))
    assert "Stop using the app" in words(client.get(SET_UP))
    answer = send(client, f"{SET_UP}/remove", page=SET_UP)
    assert "You sign in without an authenticator app now" in after(client, answer)
    assert rows(app, select(SecondFactor.id)) == rows(app, select(RecoveryCode.id)) == []
    assert rows(app, select(SignIn.second_factor_at).where(SignIn.second_factor_at.is_not(None))) == []


def test_the_office_does_not_go_without(app: Flask, client: FlaskClient, make: Builders, ada: int) -> None:
    send(client, SHOW, code=make.code(ada))
    answer = send(client, f"{SET_UP}/remove", page=SET_UP)
    assert "so it stays" in after(client, answer)
    assert len(rows(app, select(SecondFactor.id))) == 1


# Changing it --------------------------------------------------------------------------------------


@pytest.mark.parametrize("deed", ["another", "recovery-codes", "remove"])
def test_nothing_is_changed_before_it_was_shown(
    app: Flask, client: FlaskClient, make: Builders, ada: int, now: datetime, clock_at: Clock, deed: str
) -> None:
    before = rows(app, select(SecondFactor.nonce)), rows(app, select(RecoveryCode.nonce))
    send(client, SHOW, code=make.code(ada))
    clock_at(now + timedelta(minutes=15))
    assert client.get("/office").status_code == 200
    answer = send(client, f"{SET_UP}/{deed}", page="/me/reminders", code="123456")
    assert answer.status_code == 303
    assert (rows(app, select(SecondFactor.nonce)), rows(app, select(RecoveryCode.nonce))) == before


def test_another_phone_takes_the_place_of_the_first(
    app: Flask, client: FlaskClient, make: Builders, ada: int, now: datetime
) -> None:
    other = make.sign_in(app.test_client(), ada)
    send(client, SHOW, code=make.code(ada))
    old = make.code(ada, steps=1)
    key = key_on(client, f"{SET_UP}/another")
    answer = send(client, f"{SET_UP}/another", code=one_time.code_at(key, one_time.step_at(now)))
    assert len(codes_on(words(answer))) == 10
    assert client.get("/office").status_code == 200
    assert other.get("/me").location.startswith("/sign-in")
    assert FITS_NOT in words(send(client, SHOW, code=old))


def test_ten_new_codes_end_the_earlier_ones(client: FlaskClient, make: Builders) -> None:
    ada = make.admin()
    old = make.second_factor(ada)
    make.sign_in(client, ada)
    new = codes_on(words(send(client, f"{SET_UP}/recovery-codes", page=SET_UP)))
    assert len(set(new)) == 10
    assert "not one of your recovery codes" in words(send(client, RECOVER, code=old[0]))
    assert send(client, RECOVER, code=new[0]).status_code == 303


# Without the phone --------------------------------------------------------------------------------


def test_a_recovery_code_opens_once(app: Flask, client: FlaskClient, make: Builders) -> None:
    ada = make.admin()
    codes = make.second_factor(ada)
    make.sign_in(client, ada, second_factor=False)
    answer = send(client, f"{RECOVER}?next=/office/people", code=codes[3].upper().replace("-", " "))
    assert "You have 9 recovery codes left" in after(client, answer)
    again = make.sign_in(app.test_client(), ada, second_factor=False)
    assert "used already" in words(send(again, RECOVER, code=codes[3]))
    assert send(again, RECOVER, code=codes[4]).status_code == 303
    assert rows(app, select(AuditEntry.action)) == ["recovery code used"] * 2


def test_nobody_elses_recovery_code_opens(client: FlaskClient, make: Builders, ada: int) -> None:
    gils = make.second_factor(make.admin("Gil"))
    assert send(client, RECOVER, code=gils[0]).status_code == 422
    assert client.get("/office").status_code == 303


# At the door --------------------------------------------------------------------------------------


def test_the_office_asks_again_after_ten_hours(
    client: FlaskClient, make: Builders, ada: int, now: datetime, clock_at: Clock
) -> None:
    send(client, SHOW, code=make.code(ada))
    clock_at(now + timedelta(hours=9, minutes=59))
    assert client.get("/office").status_code == 200
    clock_at(now + timedelta(hours=10))
    assert client.get("/office").location == "/second-factor?next=/office"
    assert client.get("/me").status_code == 200


def test_showing_it_in_one_browser_opens_no_other(
    app: Flask, client: FlaskClient, make: Builders, ada: int
) -> None:
    other = make.sign_in(app.test_client(), ada, second_factor=False)
    send(client, SHOW, code=make.code(ada))
    assert client.get("/office").status_code == 200
    assert other.get("/office").status_code == 303


def test_a_host_who_chose_one_is_asked_once_in_each_sign_in(
    client: FlaskClient, make: Builders, now: datetime, clock_at: Clock
) -> None:
    fay = make.facilitator()
    make.second_factor(fay)
    make.sign_in(client, fay, second_factor=False)
    assert client.get("/host").location == "/second-factor?next=/host"
    send(client, SHOW, code=make.code(fay))
    clock_at(now + timedelta(days=20))
    assert client.get("/host").status_code == 200


def test_a_record_that_does_not_open_shows_nothing(app: Flask, client: FlaskClient, make: Builders) -> None:
    gil = make.admin("Gil", status=PersonStatus.CLOSED)
    make.second_factor(gil)
    make.sign_in(client, gil, second_factor=False)
    assert client.get(SHOW).location.startswith("/sign-in")


def test_a_role_given_later_opens_nothing_with_an_app_that_is_gone(
    app: Flask, client: FlaskClient, make: Builders, now: datetime
) -> None:
    fay, ada = make.facilitator(), make.admin()
    make.second_factor(fay)
    make.sign_in(client, fay)
    send(client, f"{SET_UP}/remove", page=SET_UP)
    desk = make.sign_in(app.test_client(), ada)
    send(desk, f"/office/people/{fay}/roles", role=Role.ADMIN.value, deed="give")
    assert client.get("/office").location == "/second-factor?next=/office"


@pytest.mark.rate_limits
def test_wrong_tries_are_few_whatever_the_sign_in_and_lock_out_nobody_who_is_in(
    app: Flask, client: FlaskClient, make: Builders, ada: int
) -> None:
    send(client, SHOW, code=make.code(ada))
    tries = []
    for _ in range(6):
        thief = make.sign_in(app.test_client(), ada, second_factor=False)
        tries += [send(thief, SHOW, code="000000").status_code for _ in range(2)]
    assert tries == [422] * 9 + [429] * 3
    assert client.get("/office").status_code == 200
    assert send(client, SHOW, code=make.code(ada, steps=1)).status_code == 303


@pytest.mark.rate_limits
def test_a_recovery_code_opens_while_somebody_else_is_guessing(app: Flask, make: Builders) -> None:
    ada = make.admin()
    codes = make.second_factor(ada)
    thief, mine = (make.sign_in(app.test_client(), ada, second_factor=False) for _ in range(2))
    assert [send(thief, RECOVER, code="x").status_code for _ in range(11)][-1] == 429
    assert send(mine, RECOVER, code=codes[0]).status_code == 303


def test_an_old_secret_keeps_the_app_working(app: Flask, client: FlaskClient, make: Builders) -> None:
    ada = make.admin()
    codes = make.second_factor(ada)
    make.sign_in(client, ada, second_factor=False)
    code, old = make.code(ada), app.extensions["booking.settings"]
    changed = replace(old, secret_key="n" * 40, secret_key_fallbacks=(old.secret_key,))
    app.extensions["booking.settings"] = changed
    assert send(client, SHOW, code=code).status_code == 303
    assert send(client, RECOVER, code=codes[0]).status_code == 303


def test_nothing_that_opens_is_kept(app: Flask, make: Builders) -> None:
    ada = make.admin()
    codes = make.second_factor(ada)
    with app.app_context(), db.engine.connect() as connection:
        kept = str(everything(connection))
    nonce = rows(app, select(SecondFactor.nonce))[0]
    assert nonce in kept
    assert one_time.setup_key(SECRET_KEY, ada, nonce) not in kept
    assert not any(code in kept or code.replace("-", "") in kept for code in codes)
