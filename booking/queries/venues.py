"""Where people can meet, for whoever plans a session."""

from sqlalchemy import func, select

from booking.db import db
from booking.models import Venue


def all_venues() -> list[Venue]:
    """Return every venue, by name."""
    return list(db.session.scalars(select(Venue).order_by(func.lower(Venue.name), Venue.id)))
