"""Whoever's second step was changed hears of it, so that somebody whose doing it was not can call us."""

from datetime import datetime, timedelta

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from booking.models import Message
from booking.models.kinds import MessageKind
from booking.rules import one_time
from booking.services import second_factor as deeds
from tests.accounts.test_second_factor import RECOVER, SET_UP, Clock, codes_on, key_on
from tests.support.builders import Builders
from tests.support.pages import rows, send, words

LETTERS = select(Message.person_id, Message.recipient).where(Message.kind == MessageKind.FACTOR_CHANGED)


def test_a_letter_says_that_an_app_was_set_up_replaced_and_removed(
    app: Flask, client: FlaskClient, make: Builders, now: datetime, clock_at: Clock
) -> None:
    fay = make.facilitator()
    make.sign_in(client, fay)
    send(client, SET_UP, code=one_time.code_at(key_on(client), one_time.step_at(now)))
    assert rows(app, LETTERS) == [(fay, "fay@example.org")]
    later = clock_at(now + timedelta(minutes=2))
    another = "/me/second-factor/another"
    send(client, another, code=one_time.code_at(key_on(client, another), one_time.step_at(later)))
    assert len(rows(app, LETTERS)) == 2
    clock_at(now + timedelta(minutes=3))
    send(client, "/me/second-factor/remove", page=SET_UP)
    assert len(rows(app, LETTERS)) == 3


def test_a_letter_says_that_a_recovery_code_was_used(
    app: Flask, client: FlaskClient, make: Builders, now: datetime, clock_at: Clock
) -> None:
    ada = make.admin()
    make.sign_in(client, ada, second_factor=False)
    made = send(client, SET_UP, code=one_time.code_at(key_on(client), one_time.step_at(now)))
    code = codes_on(words(made))[0]
    clock_at(now + timedelta(minutes=1))
    again = make.sign_in(app.test_client(), ada, second_factor=False)
    send(again, RECOVER, code="nothing-that-fits")
    assert len(rows(app, LETTERS)) == 1
    send(again, RECOVER, code=code)
    assert rows(app, LETTERS) == [(ada, "ada@example.org")] * 2


def test_a_letter_says_that_somebody_else_reset_it(app: Flask, make: Builders, now: datetime) -> None:
    gil, ada = make.admin("Gil"), make.admin()
    make.second_factor(gil)
    with app.app_context():
        deeds.reset(gil, ada, now)
    assert rows(app, LETTERS) == [(gil, "gil@example.org")]
