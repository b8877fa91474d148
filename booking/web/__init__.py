"""HTTP: read the request, ask, answer."""

from flask import Flask

from config import Settings


def register(app: Flask, settings: Settings) -> None:
    """Open the doors of the house: the edge first, then each blueprint."""
    from booking.web import accounts, bookings, edge, hosting, office, pages, schedule

    edge.register(app, settings)
    for room in (pages, accounts, schedule, bookings, hosting, office):
        room.register(app, settings)
