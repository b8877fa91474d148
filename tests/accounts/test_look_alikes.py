"""An address that only looks like somebody's opens nothing of hers."""

import pytest
from flask import Flask
from sqlalchemy import select

from booking import clock
from booking.db import db
from booking.models import ContactPoint, EmailLink, MailboxLetter, Message
from booking.models.kinds import LinkPurpose
from booking.queries.signin import working_link
from booking.rules.addresses import same_mailbox
from booking.services import signin
from tests.accounts.test_register import ANN
from tests.support.builders import Builders
from tests.support.pages import rows, send, words

LOOK_ALIKES = ["groß@example.org", "ｇross@example.org", "groſs@example.org"]


@pytest.mark.parametrize("typed", LOOK_ALIKES)
def test_a_letter_goes_to_the_mailbox_that_was_proven(app: Flask, make: Builders, typed: str) -> None:
    make.person("Vic", email="Gross@example.org")
    with app.app_context():
        signin.ask_for_link(typed, "", clock.now())
    assert rows(app, select(Message.recipient)) == ["Gross@example.org"]
    assert rows(app, select(EmailLink.address)) == ["Gross@example.org"]


@pytest.mark.parametrize("typed", LOOK_ALIKES)
def test_registering_under_a_look_alike_writes_to_whoever_is_known(
    app: Flask, make: Builders, typed: str
) -> None:
    make.person("Vic", email="gross@example.org")
    send(app.test_client(), "/register", **(ANN | {"email": typed}))
    assert rows(app, select(Message.recipient)) == ["gross@example.org"]


def test_an_older_letter_to_a_look_alike_offers_nobody_else(app: Flask, make: Builders) -> None:
    send(app.test_client(), "/register", **(ANN | {"email": "groß@example.org"}))
    make.person("Vic", email="gross@example.org")
    page = app.test_client().get(_link(app))
    assert "Vic" not in words(page)
    assert send(app.test_client(), _link(app)).status_code == 303
    # What was proven is the mailbox of the letter, and nothing that only looks like it.
    proven = select(ContactPoint.written).where(ContactPoint.proven_at.is_not(None))
    assert set(rows(app, proven)) == {"groß@example.org", "gross@example.org"}


def test_only_case_leads_to_the_same_mailbox() -> None:
    assert same_mailbox("Ann.Bell@Example.org", "ann.bell@example.ORG")
    assert same_mailbox("Zoë@example.org", "Zoë@example.org")
    assert not any(same_mailbox("gross@example.org", other) for other in LOOK_ALIKES)
    assert not same_mailbox("ann@example.org", "ann@example.com")


def test_another_spelling_of_her_own_address_has_to_be_proven_too(app: Flask, make: Builders) -> None:
    vic = make.sign_in(app.test_client(), make.person("Vic", email="gross@example.org"))
    send(vic, "/me/contacts", email="groß@example.org", phone="", post="")
    assert rows(app, select(ContactPoint.written)) == ["gross@example.org"]
    assert rows(app, select(MailboxLetter.id)) == []


def _link(app: Flask) -> str:
    from booking.messages.letters.links import proof_url

    with app.app_context():
        link = db.session.scalars(select(EmailLink).order_by(EmailLink.id)).first()
        assert link is not None
        path = "/" + proof_url(link).split("/", 3)[3]
        assert working_link(path.rsplit("/", 1)[1], LinkPurpose.CONFIRM_EMAIL, clock.now()) is not None
        return path
