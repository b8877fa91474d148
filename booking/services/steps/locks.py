"""Taking rows in one order everywhere, before anything that decides is read."""

from collections.abc import Iterable

from sqlalchemy import func, select, update

from booking.db import db
from booking.models import Person, ScheduledSession
from booking.refusals import NotFound


def lock_people(ids: Iterable[int]) -> None:
    """Hold these people's rows until the transaction ends; people come before sessions.

    Refuses: an id that is nobody's.
    """
    _take_turns(Person, ids)


def lock_sessions(ids: Iterable[int]) -> None:
    """Hold these sessions' rows until the transaction ends.

    Refuses: an id that is no session's.
    """
    _take_turns(ScheduledSession, ids)


def lock_address(key: str) -> None:
    """Hold an email address until the transaction ends, before people; it has no row of its own."""
    # On SQLite the writing transaction is alone already.
    if db.session.get_bind().dialect.name == "postgresql":
        db.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))


def _take_turns(table: type[Person] | type[ScheduledSession], ids: Iterable[int]) -> None:
    # SQLite silently drops FOR UPDATE, so the lock is a small write on both databases.
    for row_id in sorted(set(ids)):
        taken = db.session.scalar(
            update(table).where(table.id == row_id).values(turns=table.turns + 1).returning(table.id),
            execution_options={"synchronize_session": False},
        )
        if taken is None:
            raise NotFound
