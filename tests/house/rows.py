"""Rows in every table, whatever tables there will be, and a look at all of them."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Column, Connection, Table

from booking.db import Base, UtcDateTime

_NOON = datetime.fromisoformat("2026-03-04T12:00:00+00:00")
# Where a check or a rule wants more than any value of the type.
_FITTING: dict[str, Any] = {
    "ends_at": datetime.fromisoformat("2026-03-04T13:00:00+00:00"),
    "zone": "Europe/London",
    "remind_hour": 10,
    "morning_hour": 8,
}
_EXAMPLES: tuple[tuple[type, Callable[[Column[Any]], Any]], ...] = (
    (sa.Enum, lambda column: column.type.enum_class(column.type.enums[0])),  # type: ignore[attr-defined]
    (sa.Boolean, lambda column: True),
    (sa.Integer, lambda column: 1),
    (UtcDateTime, lambda column: _NOON),
    (sa.Date, lambda column: date(2026, 3, 4)),
    (sa.Time, lambda column: time(12)),
    (sa.Float, lambda column: 53.5),
    (sa.LargeBinary, lambda column: b"x"),
    (sa.String, lambda column: column.name[:20]),
)


def fill(connection: Connection) -> None:
    """Put a row into every table that has none."""
    for table in Base.metadata.sorted_tables:
        if connection.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first() is None:
            connection.execute(table.insert().values(dict(_values(table, connection))))


def everything(connection: Connection) -> dict[str, list[str]]:
    """Return every row of every table, so that two moments can be compared."""
    return {
        table.name: [
            repr(tuple(row)) for row in connection.execute(sa.select(table).order_by(*table.primary_key))
        ]
        for table in Base.metadata.sorted_tables
    }


def _values(table: Table, connection: Connection) -> Iterator[tuple[str, Any]]:
    for column in table.columns:
        if column.primary_key and isinstance(column.type, sa.Integer):
            continue
        if any(key.column.table is table for key in column.foreign_keys):
            # The first row of a table has no other one to point to.
            yield column.name, None
            continue
        yield column.name, _reference(column, connection) or _FITTING.get(column.name) or _example(column)


def _reference(column: Column[Any], connection: Connection) -> Any:
    for key in column.foreign_keys:
        return connection.scalar(sa.select(sa.func.min(key.column)))
    return None


def _example(column: Column[Any]) -> Any:
    return next(make(column) for kind, make in _EXAMPLES if isinstance(column.type, kind))
