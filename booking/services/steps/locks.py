"""Taking rows in one order everywhere, before anything that decides is read."""

from collections.abc import Iterable

from sqlalchemy import func, select, update
from sqlalchemy.orm import aliased

from booking.db import db
from booking.models import Person, ScheduledSession, Series
from booking.models.kinds import Enrol
from booking.refusals import NotFound

# SQLite takes some thirty thousand values in one statement.
_AT_ONCE = 1000


def lock_people(ids: Iterable[int]) -> None:
    """Hold these people's rows until the transaction ends; people come before sessions.

    Refuses: an id that is nobody's.
    """
    _take_turns(Person, ids)


def lock_sessions(ids: Iterable[int]) -> None:
    """Hold these sessions' rows until the transaction ends; of a course every week with each of them.

    Whoever frees one week of a course can offer the whole of it at once, and nobody takes another meanwhile.
    Refuses: an id that is no session's.
    """
    meant = set(ids)
    _take_turns(ScheduledSession, meant | _weeks_beside(meant))


def lock_address(key: str) -> None:
    """Hold an email address until the transaction ends, before people; it has no row of its own."""
    # On SQLite the writing transaction is alone already.
    if db.session.get_bind().dialect.name == "postgresql":
        db.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))


def _weeks_beside(ids: set[int]) -> set[int]:
    """Return every week of the courses to which some of these dates belong."""
    week, found, meant = aliased(ScheduledSession), set[int](), sorted(ids)
    for first in range(0, len(meant), _AT_ONCE):
        asked = (
            select(ScheduledSession.id)
            .join(Series, Series.id == ScheduledSession.series_id)
            .join(week, week.series_id == Series.id)
            .where(Series.enrol == Enrol.COURSE, week.id.in_(meant[first : first + _AT_ONCE]))
        )
        found.update(db.session.scalars(asked))
    return found


def _take_turns(table: type[Person] | type[ScheduledSession], ids: Iterable[int]) -> None:
    """Take the rows in the order of their ids, in a few statements for any number of them."""
    meant = sorted(set(ids))
    for first in range(0, len(meant), _AT_ONCE):
        batch = meant[first : first + _AT_ONCE]
        if len(batch) > 1 and db.session.get_bind().dialect.name == "postgresql":
            # An update alone would take its rows in any order, and two of them could wait for each other.
            in_order = (
                select(table.id).where(table.id.in_(batch)).order_by(table.id).with_for_update(key_share=True)
            )
            db.session.execute(in_order)
        # SQLite silently drops FOR UPDATE, so the lock is a small write on both databases.
        taken = db.session.scalars(
            update(table).where(table.id.in_(batch)).values(turns=table.turns + 1).returning(table.id),
            execution_options={"synchronize_session": False},
        )
        if len(taken.all()) < len(batch):
            raise NotFound
