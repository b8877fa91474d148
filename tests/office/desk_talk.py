"""What happens at the desk, told for the tests: what Ada presses, and the rows after it."""

from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from booking.db import db
from booking.models import AuditEntry, Booking, Message


def take(desk: FlaskClient, person: int, session: int, deed: str = "book", **more: str) -> TestResponse:
    """Choose a place in the room of a date, and press a button."""
    said = {"choice": f"date-{session}-room", "deed": deed, **more}
    return desk.post(f"/office/desk/{person}", data=said, follow_redirects=True)


def change(desk: FlaskClient, person: int, booking: int, deed: str, **more: str) -> TestResponse:
    """Press a button beside one of her places."""
    there = f"/office/desk/{person}/bookings/{booking}"
    return desk.post(there, data={"deed": deed, **more}, follow_redirects=True)


def places(app: Flask, person: int) -> list[tuple[int, str, str]]:
    """Return her bookings: which, at what date they are, and how they stand."""
    with app.app_context():
        rows = db.session.scalars(select(Booking).where(Booking.person_id == person).order_by(Booking.id))
        return [(row.id, row.state.value, row.pool.value) for row in rows]


def letters(app: Flask, person: int) -> list[tuple[str, str, str]]:
    """Return what is written to her: kind, channel and state."""
    with app.app_context():
        rows = db.session.scalars(select(Message).where(Message.person_id == person).order_by(Message.id))
        return [(row.kind.value, row.channel.value, row.state.value) for row in rows]


def last_deed(app: Flask) -> tuple[int | None, str]:
    """Return who did the last thing that the audit knows of, and what it was."""
    with app.app_context():
        entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
        assert entry is not None
        return entry.actor_id, entry.action


def kept(app: Flask, booking: int) -> Any:
    """Return one booking as it is now."""
    with app.app_context():
        return db.session.get_one(Booking, booking)
