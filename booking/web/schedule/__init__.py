"""Finding a session: the list, one date, one series, and the public feeds."""

from flask import Blueprint, Flask

from booking.web.doors import open_room
from config import Settings

blueprint = Blueprint("schedule", __name__)


def register(app: Flask, settings: Settings) -> None:
    """Open this blueprint's doors."""
    open_room(app, blueprint, "door", "feeds", "fitting", "months", "near", "theirs", "views")
