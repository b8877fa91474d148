"""The office's pages: what needs doing today, the schedule, people, and who came."""

from flask import Blueprint, Flask

from config import Settings

blueprint = Blueprint("office", __name__)


def register(app: Flask, settings: Settings) -> None:
    """Open this blueprint's doors."""
    # Importing them adds their routes.
    from booking.web.office import attendance, changes, people, planning, schedule, today  # noqa: F401

    app.register_blueprint(blueprint)
