"""Booking a place, My sessions, giving a place up, and the links in her letters."""

from flask import Blueprint, Flask

from booking.web.doors import open_room
from config import Settings

blueprint = Blueprint("bookings", __name__)


def register(app: Flask, settings: Settings) -> None:
    """Open this blueprint's doors."""
    open_room(
        app,
        blueprint,
        "booking",
        "calendar",
        "changing",
        "courses",
        "joining",
        "links",
        "not_today",
        "offers",
        "reminders",
        "several",
        "swaps",
        "views",
        "waiting",
    )
