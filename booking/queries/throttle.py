"""How often something was tried lately."""

from datetime import datetime

from sqlalchemy import select

from booking.db import db
from booking.models import ThrottleCount


def tries(key: str, now: datetime) -> int:
    """Return how often a key was counted in the window that is open now."""
    asked = select(ThrottleCount.hits).where(ThrottleCount.key == key, ThrottleCount.expires_at > now)
    return db.session.scalar(asked) or 0


def ends_at(key: str, now: datetime) -> datetime | None:
    """Return when the open window of a key ends; None when there is none."""
    asked = select(ThrottleCount.expires_at).where(ThrottleCount.key == key, ThrottleCount.expires_at > now)
    return db.session.scalar(asked)
