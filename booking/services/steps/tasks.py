"""Asking a human to do something, inside a caller's transaction."""

from datetime import date, datetime

from sqlalchemy import select, update

from booking.db import db
from booking.models import Task
from booking.models.kinds import TaskKind


def ask(
    kind: TaskKind,
    now: datetime,
    *,
    person_id: int | None = None,
    for_person_id: int | None = None,
    booking_id: int | None = None,
    session_id: int | None = None,
    series_id: int | None = None,
    words: str = "",
    reply_to: str = "",
    due_on: date | None = None,
) -> int:
    """Add a task and return its id. `for_person_id` names the host whose task it is; None is the office."""
    task = Task(
        kind=kind,
        person_id=person_id,
        for_person_id=for_person_id,
        booking_id=booking_id,
        session_id=session_id,
        series_id=series_id,
        words=words,
        reply_to=reply_to,
        created_at=now,
        due_on=due_on,
    )
    db.session.add(task)
    db.session.flush()
    return task.id


def is_asked(kind: TaskKind, person_id: int) -> bool:
    """Say whether such a task about this person waits already."""
    open_ones = select(Task.id).where(
        Task.kind == kind, Task.person_id == person_id, Task.settled_at.is_(None)
    )
    return db.session.scalar(open_ones.limit(1)) is not None


def settle_about(kind: TaskKind, person_id: int, by: int | None, now: datetime) -> None:
    """Take every open task of a kind about a person off the list."""
    db.session.execute(
        update(Task)
        .where(Task.kind == kind, Task.person_id == person_id, Task.settled_at.is_(None))
        .values(settled_at=now, settled_by=by),
        execution_options={"synchronize_session": False},
    )
