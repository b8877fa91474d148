"""Keeping what a deed changed on dates and bookings, in the caller's transaction, to be able to undo it."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time
from enum import Enum
from typing import Any

from sqlalchemy import Column, delete, inspect, select

from booking.db import UtcDateTime, db
from booking.models import Booking, Message, ScheduledSession, SeasonDeed, SeasonStep, Series
from booking.models.kinds import SeasonDeedKind

# A deed with such a step came of a change of a whole series, and is not undone by itself.
SERIES = "series"
# What a step calls a row, and where it stands.
ROWS: dict[str, type[Any]] = {
    "session": ScheduledSession,
    "booking": Booking,
    "message": Message,
    SERIES: Series,
}
# Taking a lock counts it up; that is no change of the date.
_NO_FACTS = frozenset({"id", "turns"})
_READ: dict[Any, Callable[[str], Any]] = {
    datetime: datetime.fromisoformat,
    date: date.fromisoformat,
    time: time.fromisoformat,
}

Was = dict[tuple[str, int], dict[str, Any]]


def begin(kind: SeasonDeedKind, reason: str, actor_id: int | None, now: datetime) -> SeasonDeed:
    """Add a deed whose steps follow."""
    deed = SeasonDeed(kind=kind, reason=reason, done_at=now, done_by=actor_id)
    db.session.add(deed)
    db.session.flush()
    return deed


def forget(deed: SeasonDeed) -> None:
    """Take away a deed that came to nothing, with what was noted for it."""
    db.session.flush()
    db.session.execute(delete(SeasonStep).where(SeasonStep.deed_id == deed.id))
    db.session.delete(deed)


def as_they_are(rows: Mapping[str, Iterable[Any]]) -> Was:
    """Note every field of these rows before a deed changes some of them."""
    return {
        (kind, row.id): {name: getattr(row, name) for name in _columns(kind) if name not in _NO_FACTS}
        for kind, each in rows.items()
        for row in each
    }


def keep_what_changed(deed: SeasonDeed, was: Was) -> None:
    """Keep each field that is not any more what it was."""
    db.session.flush()
    for (kind, row_id), fields in was.items():
        row = db.session.get_one(ROWS[kind], row_id)
        for field, value in fields.items():
            if getattr(row, field) != value:
                keep(deed, kind, row_id, field, value)


def keep(deed: SeasonDeed, row_kind: str, row_id: int, field: str, was: Any) -> None:
    """Keep what one field of one row was."""
    words = "" if was is None else was.isoformat() if isinstance(was, date | time) else str(was)
    db.session.add(SeasonStep(deed_id=deed.id, row_kind=row_kind, row_id=row_id, field=field, was=words))


def kept(deed_id: int) -> dict[str, dict[int, dict[str, Any]]]:
    """Return what a deed changed: by kind of row and id, each field with what it was."""
    found: dict[str, dict[int, dict[str, Any]]] = {kind: {} for kind in ROWS}
    steps = db.session.scalars(
        select(SeasonStep).where(SeasonStep.deed_id == deed_id).order_by(SeasonStep.id)
    )
    for step in steps:
        value = _value(_columns(step.row_kind)[step.field], step.was)
        found[step.row_kind].setdefault(step.row_id, {})[step.field] = value
    return found


def put_back(row: Any, fields: Mapping[str, Any]) -> None:
    """Write what the fields of a row were."""
    for field, value in fields.items():
        setattr(row, field, value)


def _columns(kind: str) -> dict[str, Column[Any]]:
    return {name: prop.columns[0] for name, prop in inspect(ROWS[kind]).column_attrs.items()}


def _value(column: Column[Any], was: str) -> Any:
    """Read a value as its column holds it; only words may be empty."""
    kind = datetime if isinstance(column.type, UtcDateTime) else column.type.python_type
    if kind is str and not issubclass(kind, Enum):
        return was
    if was == "":
        return None
    if kind is bool:
        return was == str(True)
    read: Any = _READ.get(kind) or kind
    return read(was)
