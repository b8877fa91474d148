"""Which letters to hosts and to the office are due and not laid yet: derived each round, never scheduled."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, exists, func, select

from booking import policy
from booking.db import db
from booking.models import (
    CoverRequest,
    Message,
    Person,
    PersonRole,
    ScheduledSession,
    SessionFacilitator,
    Task,
)
from booking.models.kinds import MessageKind, Role, SessionState, TaskKind
from booking.queries.host_dates import lacks_register, led_dates
from booking.rules.host_letters import (
    REGISTER_MISSING_AFTER,
    REGISTER_MISSING_UNTIL,
    Window,
    digest_window,
    register_window,
    rota_told_at,
    rota_window,
    tomorrow_windows,
)
from booking.rules.wall_time import to_local

_A_WEEK = timedelta(days=6)


@dataclass(frozen=True)
class DueLetter:
    """One letter to one person about a week or a day."""

    kind: MessageKind
    person: Person
    window: Window

    @property
    def key(self) -> str:
        """Return what makes it the same letter in every round."""
        return f"host:{self.person.id}:{self.kind}:{self.window.about_on}"


def due(now: datetime) -> list[DueLetter]:
    """Return the letters that are due now and that nobody has laid yet."""
    found = [*_rotas(now), *_digests(now)]
    for window in tomorrow_windows(now):
        ahead = and_(ScheduledSession.local_date == window.about_on, ScheduledSession.starts_at > now)
        found += _letters(MessageKind.TOMORROW, window, ahead)
    yesterday = register_window(now)
    if yesterday is not None:
        left = and_(ScheduledSession.local_date == yesterday.about_on, lacks_register(now))
        found += _letters(MessageKind.REGISTER_REMINDER, yesterday, left)
    return found


def registers_missing(now: datetime) -> Sequence[int]:
    """Return the dates whose register has been missing for days, and which no task names yet."""
    today = to_local(now).date()
    asked_for = exists().where(Task.kind == TaskKind.REGISTER_MISSING, Task.session_id == ScheduledSession.id)
    return db.session.scalars(
        select(ScheduledSession.id)
        .where(
            ScheduledSession.local_date <= today - REGISTER_MISSING_AFTER,
            ScheduledSession.local_date >= today - REGISTER_MISSING_UNTIL,
            lacks_register(now),
            ~asked_for,
        )
        .order_by(ScheduledSession.id)
    ).all()


def tasks_done(now: datetime) -> Sequence[int]:
    """Return the open tasks that are done: the register is complete, or the date has its host."""
    of_date = Task.session_id == ScheduledSession.id
    lacking = exists().where(of_date, lacks_register(now)).correlate(Task)
    wanted = (
        exists()
        .where(of_date, CoverRequest.session_id == ScheduledSession.id, is_wanted(now))
        .correlate(Task)
    )
    register_done = and_(Task.kind == TaskKind.REGISTER_MISSING, ~lacking)
    cover_done = and_(Task.kind == TaskKind.COVER_WANTED, ~wanted)
    return db.session.scalars(
        select(Task.id).where(Task.settled_at.is_(None), register_done | cover_done).order_by(Task.id)
    ).all()


def is_wanted(now: datetime) -> ColumnElement[bool]:
    """Return the condition, over request and date, that somebody still has to be found."""
    return and_(
        CoverRequest.covered_at.is_(None),
        CoverRequest.withdrawn_at.is_(None),
        ScheduledSession.state == SessionState.PUBLISHED,
        ScheduledSession.ends_at > now,
    )


def _rotas(now: datetime) -> list[DueLetter]:
    window = rota_window(now)
    if window is None:
        return []
    week = ScheduledSession.local_date.between(window.about_on, window.about_on + _A_WEEK)
    # Whom the office gave a date of this week on Tuesday was told so by a letter of its own.
    known = SessionFacilitator.added_at <= rota_told_at(window.about_on)
    return _letters(MessageKind.ROTA, window, and_(week, ScheduledSession.starts_at > now, known))


def _digests(now: datetime) -> list[DueLetter]:
    window = digest_window(now)
    if window is None:
        return []
    office = select(PersonRole.person_id).where(PersonRole.role == Role.ADMIN)
    asked = (
        select(Person)
        .where(Person.id.in_(office), Person.status.in_(policy.PROVEN))
        .where(~_is_laid(MessageKind.DIGEST, window))
        .order_by(Person.id)
    )
    return [DueLetter(MessageKind.DIGEST, person, window) for person in db.session.scalars(asked)]


def _letters(kind: MessageKind, window: Window, about: ColumnElement[bool]) -> list[DueLetter]:
    """Return one letter for each person who leads such a date."""
    asked: Select[Person, ScheduledSession] = led_dates().where(about, ~_is_laid(kind, window))
    people = {person.id: person for person, _scheduled in db.session.execute(asked)}
    return [DueLetter(kind, person, window) for person in people.values()]


def _is_laid(kind: MessageKind, window: Window) -> ColumnElement[bool]:
    """Ask by the person and not by the key: after a merge the letter of her other record was hers, too."""
    return exists().where(
        Message.person_id == Person.id, Message.kind == kind, Message.about_on == window.about_on
    )


def open_cover(now: datetime) -> int:
    """Count the dates for which somebody has to be found."""
    return (
        db.session.scalar(
            select(func.count(func.distinct(ScheduledSession.id)))
            .join(CoverRequest, CoverRequest.session_id == ScheduledSession.id)
            .where(is_wanted(now))
        )
        or 0
    )
