"""Where every floor reads the settings that `config.py` made, without knowing about requests."""

from typing import cast

from flask import current_app

from config import Settings


def settings() -> Settings:
    """Return the settings this application was created with."""
    return cast(Settings, current_app.extensions["booking.settings"])
