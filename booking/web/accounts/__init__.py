"""Registering, signing in and out, and what somebody chooses for herself."""

from flask import Blueprint, Flask

from booking.web.accounts import login
from booking.web.doors import open_room
from config import Settings

blueprint = Blueprint("accounts", __name__)


def register(app: Flask, settings: Settings) -> None:
    """Open this blueprint's doors."""
    login.register(app)
    open_room(
        app,
        blueprint,
        "agreements",
        "codes",
        "contacts",
        "details",
        "links",
        "me",
        "movement",
        "news",
        "passwords",
        "reminders",
        "rights",
        "second_factor",
        "sign_ins",
        "views",
        "who_looked",
    )
