"""Finding a session: the list, one date, one series, and the public feeds."""

from flask import Blueprint, Flask

from config import Settings

blueprint = Blueprint("schedule", __name__)


def register(app: Flask, settings: Settings) -> None:
    """Open this blueprint's doors."""
    from booking.web.schedule import feeds, views  # noqa: F401  Importing them adds their routes.

    app.register_blueprint(blueprint)
