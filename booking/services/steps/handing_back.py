"""Rows that a merge moved and that may have to go back: replacing one must not lose what is another's."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from booking import policy
from booking.db import db
from booking.models import DeedStep, ReversibleDeed
from booking.models.kinds import DeedKind

# By which column a row shows its age. SQLite gives the id of a deleted newest row to the next one, so that
# an id alone does not say that a row is still the one which was moved.
_AGE = {
    "booking": "created_at",
    "consent": "given_at",
    "contact": "created_at",
    "cover": "asked_at",
    "emergency": "saved_at",
    "enrolment": "created_at",
    "equality": "saved_at",
    "link": "created_at",
    "message": "created_at",
    "movement": "answered_at",
    "person": "created_at",
    "role": "given_at",
    "session host": "added_at",
    "task": "created_at",
}
# What has no age is known by what it is about, which is kept as a step of its own.
ABOUT = {"series host": "series_id"}


def is_as_old(deed: ReversibleDeed, kind: str, row: Any, about: str = "") -> bool:
    """Say whether a row was there when the deed was done; one that is younger only has its id."""
    if kind in ABOUT:
        return str(getattr(row, ABOUT[kind])) == about
    return bool(getattr(row, _AGE[kind]) <= deed.done_at)


def let_go(kind: str, row: Any, now: datetime) -> None:
    """Take a row of hers away: what a merge brought goes back while that can be undone, the rest is deleted.

    The caller holds the person's row, and with it every merge into it and every undoing.
    """
    home = _home_of(kind, row, now)
    if home is None:
        db.session.delete(row)
    else:
        row.person_id = home
    # Some kinds exist once for each person: the old one has to be gone before a new one comes.
    db.session.flush()


def _home_of(kind: str, row: Any, now: datetime) -> int | None:
    asked = (
        select(DeedStep, ReversibleDeed)
        .join(ReversibleDeed, ReversibleDeed.id == DeedStep.deed_id)
        .where(
            DeedStep.row_kind == kind,
            DeedStep.row_id == row.id,
            DeedStep.field == "person_id",
            ReversibleDeed.kind == DeedKind.MERGED,
            ReversibleDeed.person_id == row.person_id,
            ReversibleDeed.undone_at.is_(None),
        )
        .order_by(DeedStep.id.desc())
    )
    for step, deed in db.session.execute(asked):
        if policy.may_be_taken_back(deed, now) and is_as_old(deed, kind, row):
            return int(step.was)
    return None
