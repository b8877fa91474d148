"""The commands of the contract."""

from flask import Flask


def register(app: Flask) -> None:
    """Give the application its commands."""
