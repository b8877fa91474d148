"""What the office asks one host to do; never whom or what it is about."""

from dataclasses import dataclass

from sqlalchemy import select

from booking.db import db
from booking.models import Series, Task
from booking.models.kinds import TaskKind


@dataclass(frozen=True)
class HostTask:
    """A talk with the office about one of her series."""

    task_id: int
    title: str


def tasks_of(person_id: int) -> list[HostTask]:
    """Return the talks that wait for this host, the oldest first."""
    rows = db.session.execute(
        select(Task.id, Series.title)
        .outerjoin(Series, Series.id == Task.series_id)
        .where(
            Task.for_person_id == person_id,
            Task.kind == TaskKind.SPEAK_WITH_OFFICE,
            Task.settled_at.is_(None),
        )
        .order_by(Task.created_at, Task.id)
    )
    return [HostTask(task_id, title or "") for task_id, title in rows]
