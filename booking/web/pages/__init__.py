"""The pages that belong to nobody else: the first one, help, privacy, and the health of the service."""

from flask import Blueprint, Flask

from booking.web.doors import open_room
from config import Settings

blueprint = Blueprint("pages", __name__)


def register(app: Flask, settings: Settings) -> None:
    """Open this blueprint's doors; the mailbox stays shut in production."""
    if not settings.production:
        from booking.web.pages import mailbox

        mailbox.register(app, settings)
    open_room(app, blueprint, "health", "support", "unsubscribing", "views")
