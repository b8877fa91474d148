"""HTTP: read the request, ask, answer."""

from flask import Flask

from config import Settings


def register(app: Flask, settings: Settings) -> None:
    """Open the doors of the house."""
