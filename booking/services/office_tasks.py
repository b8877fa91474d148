"""The office's list of tasks: each one is taken off once, and a slip of the finger is put right that day."""

from datetime import datetime

from sqlalchemy import update

from booking.db import db, transaction
from booking.models import Task
from booking.models.kinds import TaskKind
from booking.refusals import NotFound, TaskNotSettledToday, TaskSettled
from booking.rules.wall_time import to_local
from booking.services.steps.audit import note
from booking.services.steps.locks import lock_people

# These end with a deed of their own: a place confirmed, a record closed, a yes said again.
WITH_A_DEED = (TaskKind.CALL_NEWCOMER, TaskKind.CONSENT_WITHDRAWN, TaskKind.WELCOME_CALL)


def settle_task(task_id: int, actor_id: int, now: datetime) -> None:
    """Take a task off the list.

    Refuses: a task that ends with a deed of its own, and one that somebody else has just settled.
    """
    with transaction():
        _held(task_id)
        taken = db.session.scalar(
            update(Task)
            .where(Task.id == task_id, Task.settled_at.is_(None))
            .values(settled_at=now, settled_by=actor_id)
            .returning(Task.id),
            execution_options={"synchronize_session": False},
        )
        if taken is None:
            raise TaskSettled
        note(now, actor_id, "task settled", f"task:{task_id}")


def reopen_task(task_id: int, actor_id: int, now: datetime) -> None:
    """Put a task that was settled today back on the list.

    Refuses: a task that ends with a deed of its own, and one that was not settled today.
    """
    with transaction():
        task = _held(task_id)
        if task.settled_at is None or to_local(task.settled_at).date() != to_local(now).date():
            raise TaskNotSettledToday
        task.settled_at, task.settled_by = None, None
        note(now, actor_id, "task put back", f"task:{task_id}")


def _held(task_id: int) -> Task:
    """Hold the person whom a task is about, as has died and closing do, and read the task again."""
    task = db.session.get(Task, task_id)
    if task is None or task.kind in WITH_A_DEED:
        raise NotFound
    if task.person_id is not None:
        lock_people([task.person_id])
        db.session.refresh(task)
    return task
