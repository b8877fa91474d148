"""Flask-Login, wrapped: the cookie names a sign-in record, and the record is the truth."""

from dataclasses import asdict

from flask import Flask, session, url_for
from flask_login import LoginManager, login_user, logout_user

from booking import clock
from booking.queries import signin as asked
from booking.web.doors import visitor as here
from booking.web.visitor import Visitor


def register(app: Flask) -> None:
    """Let every request know who is signed in."""
    manager = LoginManager()
    # The record on the server is checked at each request; fingerprints of browsers would add nothing.
    manager.session_protection = None
    manager.user_loader(load_visitor)
    # Its own context for templates would ask the database again on the page that says it is away.
    manager.init_app(app, add_context_processor=False)


def load_visitor(public_id: str) -> Visitor | None:
    """Return who a sign-in record speaks for, today."""
    found = asked.signed_in(public_id, clock.now())
    if found is None:
        return None
    return Visitor(**asdict(found), sign_in_public_id=public_id)


def start(public_id: str) -> None:
    """Sign this browser in; whatever an earlier visitor left in the cookie is forgotten first."""
    session.clear()
    visitor = load_visitor(public_id)
    if visitor is not None:
        session.permanent = True
        login_user(visitor)


def carry_on(public_id: str) -> None:
    """Go on with this browser's sign-in under its new id; forms that are open in it stay good."""
    session["_user_id"] = public_id


def end() -> None:
    """Forget who was signed in on this browser."""
    logout_user()
    session.clear()


def first_page() -> str:
    """Lead each to what she comes for: the office to today, a host to her sessions, the lead to people."""
    visitor = here()
    if visitor.is_admin:
        return url_for("office.today")
    if visitor.is_facilitator:
        return url_for("hosting.mine")
    return url_for("office.people") if visitor.is_safeguarding else url_for("bookings.mine")
