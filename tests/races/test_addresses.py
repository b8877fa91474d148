"""Somebody signs in at an address in the very moment in which her record leaves it."""

import threading
import time
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import delete, select

from booking import clock
from booking.db import db, transaction
from booking.models import ContactPoint, SignIn
from booking.models.kinds import LinkPurpose
from booking.refusals import Refusal
from booking.rules.tokens import make_token
from booking.services import passwords, signin
from booking.services.steps import links
from booking.services.steps.locks import lock_people
from tests.support.builders import Builders
from tests.support.databases import SECRET_KEY
from tests.support.pages import rows

pytestmark = pytest.mark.race
# Long enough for the other to have read what was, and to stand before the lock.
MOMENT_SECONDS = 1.0


def meanwhile_leaving(app: Flask, ann: int, deed: Callable[[], object]) -> list[str]:
    """Do a deed while Ann's address is taken from her, and name the refusals it met."""
    refused: list[str] = []

    def do() -> None:
        with app.app_context():
            try:
                deed()
            except Refusal as refusal:
                refused.append(type(refusal).__name__)

    thread = threading.Thread(target=do)
    with app.app_context(), transaction():
        lock_people([ann])
        db.session.execute(delete(ContactPoint).where(ContactPoint.person_id == ann))
        thread.start()
        time.sleep(MOMENT_SECONDS)
    thread.join()
    return refused


def test_a_letter_to_the_address_she_left_opens_nothing(app: Flask, make: Builders) -> None:
    ann = make.person("Ann")
    with app.app_context(), transaction():
        link = links.make(LinkPurpose.SIGN_IN, "ann@example.org", "", clock.now())
        token = make_token(SECRET_KEY, "sign_in", link.id, link.nonce)

    def press() -> None:
        signin.open_link(token, LinkPurpose.SIGN_IN, None, clock.now())

    assert meanwhile_leaving(app, ann, press) == ["LinkNoLongerWorks"]
    assert rows(app, select(SignIn.id)) == []


def test_her_password_fits_no_more_at_the_address_she_left(app: Flask, make: Builders) -> None:
    ann = make.person("Ann")
    make.password(ann, "a kettle and three biscuits")

    def type_it() -> None:
        passwords.sign_in("ann@example.org", "a kettle and three biscuits", clock.now())

    assert meanwhile_leaving(app, ann, type_it) == ["WrongPassword"]
    assert rows(app, select(SignIn.id)) == []
