"""Counting how often something was tried, exactly, in a transaction of its own."""

from datetime import datetime, timedelta

from sqlalchemy import case, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from booking.db import db, transaction
from booking.models import ThrottleCount

_FORGET_AT_ONCE = 100


def count_try(key: str, lasts_seconds: int, tries: int, now: datetime) -> int:
    """Count tries under a key, and return how many there are in this window. Units: seconds of the window."""
    with transaction():
        hits = _add(key, tries, now + timedelta(seconds=lasts_seconds), now)
        _forget_what_is_over(now)
    return hits


def forget(key: str) -> None:
    """Begin one count anew."""
    with transaction():
        db.session.execute(delete(ThrottleCount).where(ThrottleCount.key == key))


def forget_all() -> int:
    """Begin every count anew, and return how many there were."""
    with transaction():
        gone = db.session.execute(delete(ThrottleCount).returning(ThrottleCount.key)).all()
    return len(gone)


def _add(key: str, tries: int, ends_at: datetime, now: datetime) -> int:
    """Add in one statement: two that count at the same moment must not read the same number."""
    row = {"key": key, "hits": tries, "expires_at": ends_at}
    insert = sqlite.insert if db.engine.dialect.name == "sqlite" else postgresql.insert
    over = ThrottleCount.expires_at <= now
    statement = insert(ThrottleCount).values(row)
    counted = statement.on_conflict_do_update(
        index_elements=[ThrottleCount.key],
        set_={
            "hits": case((over, tries), else_=ThrottleCount.hits + tries),
            "expires_at": case((over, ends_at), else_=ThrottleCount.expires_at),
        },
    ).returning(ThrottleCount.hits)
    return int(db.session.execute(counted).scalar_one())


def _forget_what_is_over(now: datetime) -> None:
    """Remove some old counts, last and without waiting: two that tidy must not wait for each other."""
    over = (
        select(ThrottleCount.key)
        .where(ThrottleCount.expires_at <= now)
        .order_by(ThrottleCount.key)
        .limit(_FORGET_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    keys = db.session.scalars(over).all()
    if keys:
        db.session.execute(delete(ThrottleCount).where(ThrottleCount.key.in_(keys)))
