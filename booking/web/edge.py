"""The edge of the house: what happens to every request before and after its view."""

from flask import Flask

from booking.web.doors import keep_shut
from config import Settings


def register(app: Flask, settings: Settings) -> None:
    """Put the guards around every request."""
    app.before_request(keep_shut)
