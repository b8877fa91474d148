"""The pages of those who lead sessions: their dates, who is coming, who came."""

from flask import Blueprint, Flask

from booking.web.doors import open_room
from config import Settings

blueprint = Blueprint("hosting", __name__)


def register(app: Flask, settings: Settings) -> None:
    """Open this blueprint's doors."""
    open_room(app, blueprint, "announcements", "cover", "views")
