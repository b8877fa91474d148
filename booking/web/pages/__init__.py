"""The pages that belong to nobody else: the first one, help, privacy, and the health of the service."""

from importlib.util import find_spec

from flask import Blueprint, Flask

from config import Settings

blueprint = Blueprint("pages", __name__)


def register(app: Flask, settings: Settings) -> None:
    """Open this blueprint's doors; the mailbox stays shut where real letters are sent."""
    from booking.web.pages import health, views  # noqa: F401  Importing them is what adds their routes.

    if not settings.production and find_spec("booking.web.pages.mailbox"):
        from booking.web.pages import mailbox  # type: ignore[attr-defined,unused-ignore]

        mailbox.register(app, settings)
    app.register_blueprint(blueprint)
