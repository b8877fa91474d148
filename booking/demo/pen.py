"""Writing many rows at once, telling whoever waits how far it is."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sqlalchemy import insert

from booking.db import Base, db

Row = dict[str, Any]
_CHUNK = 500


class Pen:
    """Writes rows into the open transaction; `progress` is told how many are written, and of how many.

    Units: rows; how many there will be is known only roughly until the end.
    """

    def __init__(self, progress: Callable[[int, int], object]) -> None:
        self.progress = progress
        self.written = self.expected = 0

    def write(self, table: type[Base], rows: Sequence[Row]) -> None:
        """Insert rows."""
        for chunk in self._chunks(rows):
            db.session.execute(insert(table), chunk)

    def write_with_ids(self, table: type[Base], rows: Sequence[Row]) -> list[int]:
        """Insert rows and return the ids that the database gave them, in the same order."""
        returning = insert(table).returning(table.__table__.c.id, sort_by_parameter_order=True)
        return [made for chunk in self._chunks(rows) for made in db.session.scalars(returning, chunk)]

    def rest(self) -> None:
        """Say that everything is written."""
        self.progress(self.written, self.written)

    def _chunks(self, rows: Sequence[Row]) -> Iterator[list[Row]]:
        for start in range(0, len(rows), _CHUNK):
            chunk = list(rows[start : start + _CHUNK])
            yield chunk
            self.written += len(chunk)
            self.progress(self.written, max(self.expected, self.written))
