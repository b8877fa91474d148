"""What a host says she has done."""

from datetime import datetime

from sqlalchemy import select

from booking.db import db, transaction
from booking.models import Task
from booking.models.kinds import TaskKind
from booking.refusals import NotFound
from booking.services.steps.audit import note


def settle(task_id: int, person_id: int, now: datetime) -> None:
    """Take a talk with the office off this host's list; twice is once.

    Refuses: a task that is not hers, like one that does not exist.
    """
    with transaction():
        task = db.session.scalar(
            select(Task)
            .where(
                Task.id == task_id,
                Task.for_person_id == person_id,
                Task.kind == TaskKind.SPEAK_WITH_OFFICE,
            )
            .with_for_update()
        )
        if task is None:
            raise NotFound
        if task.settled_at is None:
            task.settled_at, task.settled_by = now, person_id
            note(now, person_id, "task settled", f"task:{task_id}")
