"""TODO"""

from flask import Flask

from config import Settings


def register(app: Flask, settings: Settings) -> None:
    """Open this blueprint's doors."""
