"""The office's pages: what needs doing today, the schedule, people, and who came."""

from flask import Blueprint, Flask

from booking.web.doors import open_room
from config import Settings

blueprint = Blueprint("office", __name__)


def register(app: Flask, settings: Settings) -> None:
    """Open this blueprint's doors."""
    open_room(
        app,
        blueprint,
        "announcements",
        "attendance",
        "calling_off",
        "care",
        "changes",
        "copying",
        "corrections",
        "deciding",
        "demand",
        "desk",
        "died",
        "feed",
        "listings",
        "merging",
        "messages",
        "people",
        "planner",
        "planning",
        "reminders",
        "roles",
        "schedule",
        "series",
        "series_changes",
        "spoken",
        "support",
        "tasks",
        "timetables",
        "today",
        "told",
        "venues",
        "walk_ins",
        "waiting",
        "welcome_calls",
        "wordings",
    )
