"""Somebody new in front of a session's page, the letter she gets, and the button behind it."""

from urllib.parse import urlsplit

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from booking import clock
from booking.db import db
from booking.messages.letters.links import proof_code, proof_url
from booking.models import Booking, EmailLink, Message
from booking.models.kinds import LinkPurpose, MessageKind, MessageState
from booking.services import delivery, holds
from tests.support.pages import rows, send

RUTH = {
    "full_name": "Ruth Ó Súilleabháin",
    "known_as": "Ruth",
    "email": "ruth@example.net",
    "phone": "",
    "who": "patient",
    "agrees": "y",
    "pool": "room",
}
BY_PHONE = RUTH | {"email": "", "phone": "07700 900123"}
STATES = select(Booking.state).order_by(Booking.id)
LETTERS = select(Message.kind).order_by(Message.id)


def hold(client: FlaskClient, session_id: int, **said: str) -> TestResponse:
    """Fill in the newcomer's form and press Confirm my place."""
    return send(client, f"/sessions/{session_id}/book", **(RUTH | said))


def link(app: Flask) -> str:
    """Say the path behind the newest letter that asks to confirm."""
    with app.app_context():
        return urlsplit(proof_url(_newest_link())).path


def code(app: Flask) -> str:
    """Say the code in the newest letter that asks to confirm."""
    with app.app_context():
        return proof_code(_newest_link())


def release(app: Flask) -> int:
    """Let the worker free what was not confirmed in time."""
    with app.app_context():
        return holds.release_holds(clock.now())


def hand_over(app: Flask) -> None:
    """Let the mail server take every letter that asks to confirm, now."""
    waiting = select(Message.id).where(
        Message.kind == MessageKind.CONFIRM_EMAIL, Message.state == MessageState.WAITING
    )
    for message_id in rows(app, waiting):
        with app.app_context():
            delivery.sent(message_id, clock.now())


def _newest_link() -> EmailLink:
    made = select(EmailLink).where(EmailLink.purpose == LinkPurpose.CONFIRM_EMAIL)
    return db.session.scalars(made.order_by(EmailLink.id.desc()).limit(1)).one()
