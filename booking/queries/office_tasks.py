"""What the office is asked to do, and what hosts still have to talk about: the most pressing first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import aliased

from booking.db import db
from booking.models import Booking, ContactPoint, Person, ScheduledSession, Series, Task
from booking.models.kinds import BookingState, ContactKind, TaskKind
from booking.rules.wall_time import to_instant, to_local

MOST_SHOWN = 100
# A complaint's last week is worth a colour of its own.
SOON = timedelta(days=7)


@dataclass(frozen=True)
class Chore:
    """One task with the person it is about, and what a caller needs at hand."""

    task_id: int
    kind: TaskKind
    person_id: int | None
    full_name: str
    known_as: str
    phone: str
    host_id: int | None
    host_name: str
    session_title: str
    session_at: datetime | None
    held_until: datetime | None
    is_held: bool
    series_title: str
    words: str
    reply_to: str
    created_on: date
    due_on: date | None
    days_left: int | None
    settled_at: datetime | None

    @property
    def is_late(self) -> bool:
        """Say whether the day by which an answer was promised is over."""
        return self.days_left is not None and self.days_left < 0


def to_do(now: datetime, kinds: Sequence[TaskKind] = tuple(TaskKind)) -> list[Chore]:
    """Return the open tasks, the office's own and the hosts': a held place first, then by day and age."""
    chores = _chores(Task.settled_at.is_(None) & Task.kind.in_(kinds), now)
    return sorted(chores, key=lambda chore: _pressing(chore, now))


def settled_today(now: datetime) -> list[Chore]:
    """Return the tasks that came off the list today, the latest first: a slip can still be put right."""
    began = to_instant(to_local(now).date(), time())
    chores = _chores(Task.settled_at >= began, now)
    return sorted(chores, key=lambda chore: (chore.settled_at or now, chore.task_id), reverse=True)


def about(person_id: int, now: datetime, kinds: Sequence[TaskKind] = tuple(TaskKind)) -> list[Chore]:
    """Return the open tasks about one person, the most pressing first."""
    chores = _chores(Task.settled_at.is_(None) & Task.kind.in_(kinds) & (Task.person_id == person_id), now)
    return sorted(chores, key=lambda chore: _pressing(chore, now))


def chore(task_id: int, now: datetime) -> Chore | None:
    """Return one task, open or settled, or None for what is nobody's."""
    return next(iter(_chores(Task.id == task_id, now)), None)


def _pressing(chore: Chore, now: datetime) -> tuple[datetime, date, int]:
    far = now + timedelta(days=10_000)
    return (chore.held_until or far, chore.due_on or chore.created_on + timedelta(days=3), chore.task_id)


def _chores(which: ColumnElement[bool], now: datetime) -> list[Chore]:
    about_whom, host = aliased(Person), aliased(Person)
    own_series, of_session = aliased(Series), aliased(Series)
    rows = db.session.execute(
        select(Task, about_whom, host.known_as, Booking, ScheduledSession, of_session.title, own_series.title)
        .outerjoin(about_whom, about_whom.id == Task.person_id)
        .outerjoin(host, host.id == Task.for_person_id)
        .outerjoin(Booking, Booking.id == Task.booking_id)
        .outerjoin(ScheduledSession, ScheduledSession.id == Booking.session_id)
        .outerjoin(of_session, of_session.id == ScheduledSession.series_id)
        .outerjoin(own_series, own_series.id == Task.series_id)
        .where(which, or_(Task.person_id.is_(None), about_whom.id.is_not(None)))
        .order_by(Task.settled_at.desc(), Task.created_at, Task.id)
        .limit(MOST_SHOWN)
    ).all()
    phones = _phones([row[0].person_id for row in rows if row[0].person_id is not None])
    return [_chore(*row, phones=phones, today=to_local(now).date()) for row in rows]


def _chore(
    task: Task,
    person: Person | None,
    host: str | None,
    booking: Booking | None,
    scheduled: ScheduledSession | None,
    session_title: str | None,
    series_title: str | None,
    *,
    phones: dict[int, str],
    today: date,
) -> Chore:
    return Chore(
        task_id=task.id,
        kind=task.kind,
        person_id=task.person_id,
        full_name=person.full_name if person is not None else "",
        known_as=person.known_as if person is not None else "",
        phone=phones.get(task.person_id or 0, ""),
        host_id=task.for_person_id,
        host_name=host or "",
        session_title=session_title or "",
        session_at=scheduled.starts_at if scheduled is not None else None,
        held_until=booking.held_until if booking is not None else None,
        is_held=booking is not None and booking.state is BookingState.HELD,
        series_title=series_title or "",
        words=task.words,
        reply_to=task.reply_to,
        created_on=to_local(task.created_at).date(),
        due_on=task.due_on,
        days_left=(task.due_on - today).days if task.due_on is not None else None,
        settled_at=task.settled_at,
    )


def _phones(person_ids: Sequence[int]) -> dict[int, str]:
    rows = db.session.execute(
        select(ContactPoint.person_id, ContactPoint.written)
        .where(ContactPoint.person_id.in_(person_ids), ContactPoint.kind == ContactKind.PHONE)
        .order_by(ContactPoint.is_preferred, ContactPoint.id.desc())
    )
    # The last one read wins: the preferred number comes last.
    return dict(rows.all())
