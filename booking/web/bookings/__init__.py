"""Booking a place, My sessions, giving a place up, and the links in her letters."""

from flask import Blueprint, Flask

from config import Settings

blueprint = Blueprint("bookings", __name__)


def register(app: Flask, settings: Settings) -> None:
    """Open this blueprint's doors."""
    from booking.web.bookings import links, views  # noqa: F401  Importing them adds their routes.

    app.register_blueprint(blueprint)
