"""Registering, signing in and out, and what somebody chooses for herself."""

from flask import Blueprint, Flask

from booking.web.accounts import login
from config import Settings

blueprint = Blueprint("accounts", __name__)


def register(app: Flask, settings: Settings) -> None:
    """Open this blueprint's doors."""
    from booking.web.accounts import links, me, views  # noqa: F401  Importing them adds their routes.

    login.register(app)
    app.register_blueprint(blueprint)
