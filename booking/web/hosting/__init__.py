"""The pages of those who lead sessions: their dates, who is coming, who came."""

from flask import Blueprint, Flask

from config import Settings

blueprint = Blueprint("hosting", __name__)


def register(app: Flask, settings: Settings) -> None:
    """Open this blueprint's doors."""
    from booking.web.hosting import views  # noqa: F401  # Importing the views puts them on the blueprint.

    app.register_blueprint(blueprint)
