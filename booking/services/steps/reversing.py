"""Keeping what a deed changed, inside the caller's transaction, so that the deed can be taken back."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import select

from booking.db import db
from booking.models import DeedStep, ReversibleDeed
from booking.models.kinds import DeedKind

Was = StrEnum | datetime | bool | int | str | None


def begin(
    kind: DeedKind, person_id: int, actor_id: int, now: datetime, other_person_id: int | None = None
) -> ReversibleDeed:
    """Add a deed whose steps follow."""
    deed = ReversibleDeed(
        kind=kind, person_id=person_id, other_person_id=other_person_id, done_at=now, done_by=actor_id
    )
    db.session.add(deed)
    db.session.flush()
    return deed


def keep(deed: ReversibleDeed, row_kind: str, row_id: int, field: str, was: Was) -> None:
    """Keep what one field of one row was: an id, an instant or a word of state, never anything about her."""
    db.session.add(DeedStep(deed_id=deed.id, row_kind=row_kind, row_id=row_id, field=field, was=_word(was)))


def steps_of(deed: ReversibleDeed) -> list[DeedStep]:
    """Return what a deed changed, in the order in which it did."""
    return list(db.session.scalars(select(DeedStep).where(DeedStep.deed_id == deed.id).order_by(DeedStep.id)))


def _word(was: Was) -> str:
    if was is None:
        return ""
    return was.isoformat() if isinstance(was, datetime) else str(was)
