"""Forgetting what somebody answered about moving, inside a caller's transaction."""

from datetime import datetime

from sqlalchemy import delete

from booking.db import db
from booking.models import MovementCheckIn
from booking.models.kinds import TaskKind
from booking.services.steps.tasks import settle_about


def forget_check_in(person_id: int) -> bool:
    """Delete everything she ever answered; say whether there was anything."""
    gone = db.session.scalars(
        delete(MovementCheckIn).where(MovementCheckIn.person_id == person_id).returning(MovementCheckIn.id),
        execution_options={"synchronize_session": False},
    ).all()
    return bool(gone)


def call_no_longer_wanted(person_id: int, by: int | None, now: datetime) -> None:
    """Take the call about her answers off the office's list: she took back what it was about."""
    settle_about(TaskKind.MOVEMENT_CALL, person_id, by, now)
