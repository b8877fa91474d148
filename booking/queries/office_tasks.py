"""What the office is asked to do, and what hosts still have to talk about: the most pressing first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from urllib.parse import quote

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import aliased

from booking import policy
from booking.db import db
from booking.models import (
    Booking,
    ContactPoint,
    DeedStep,
    Person,
    ReversibleDeed,
    ScheduledSession,
    Series,
    SessionFacilitator,
    Task,
)
from booking.models.kinds import BookingState, ContactKind, SessionState, TaskKind
from booking.queries import cover
from booking.queries.cover import CoverOfDate
from booking.refusals import Refusal
from booking.rules.addresses import clean_email, clean_phone
from booking.rules.wall_time import to_instant, to_local

MOST_SHOWN = 100
# A complaint's last week is worth a colour of its own.
SOON = timedelta(days=7)
_SEARCH_TAKES = 100


@dataclass(frozen=True)
class AskedPlace:
    """A place that somebody new asked for; `is_held` says whether it still waits for her.

    `waits` says that she asked for a turn on the waiting list: nothing is held, and no clock runs.
    """

    booking_id: int
    title: str
    at: datetime
    held_until: datetime | None
    is_held: bool
    waits: bool = False


@dataclass(frozen=True)
class Chore:
    """One task with the person it is about, and what a caller needs at hand."""

    task_id: int
    kind: TaskKind
    person_id: int | None
    full_name: str
    known_as: str
    phone: str
    email: str
    host_id: int | None
    host_name: str
    places: tuple[AskedPlace, ...]
    series_id: int | None
    series_title: str
    series_is_led: bool
    words: str
    reply_to: str
    created_on: date
    due_on: date | None
    days_left: int | None
    settled_at: datetime | None
    # The date it is about, with who asked for cover and who leads it.
    about: CoverOfDate | None = None

    @property
    def is_late(self) -> bool:
        """Say whether the day by which an answer was promised is over."""
        return self.days_left is not None and self.days_left < 0 and self.kind is not TaskKind.SERIES_ENDS

    @property
    def named(self) -> str:
        """Return the name in what somebody wrote about a death: the first line, as much as a search takes."""
        return self.words.partition("\n")[0][:_SEARCH_TAKES].strip()

    @property
    def reply_parts(self) -> list[tuple[str, str]]:
        """Return each part of where to answer, with the address that calls or writes to it, or nothing."""
        return [(part, _way_of(part)) for part in self.reply_to.split(", ")]

    @property
    def held_until(self) -> datetime | None:
        """Return until when the first of her places is held."""
        return min((place.held_until for place in self.places if place.held_until is not None), default=None)

    @property
    def needs_host(self) -> bool:
        """Say whether this asks the office for somebody to lead a series, and is about no person."""
        nobody = self.person_id is None and self.host_id is None
        return self.kind is TaskKind.SPEAK_WITH_OFFICE and nobody and bool(self.series_title)


def to_do(now: datetime, kinds: Sequence[TaskKind] = tuple(TaskKind)) -> list[Chore]:
    """Return the open tasks, the office's own and the hosts': a held place first, then by day and age."""
    chores = _to_call(_chores(Task.settled_at.is_(None) & Task.kind.in_(kinds), now))
    return sorted(chores, key=lambda chore: _pressing(chore, now))


def settled_today(now: datetime) -> list[Chore]:
    """Return the tasks that somebody did today, the latest first: a slip can still be put right."""
    began = to_instant(to_local(now).date(), time())
    # What a death settled, or the record of one that was a mistake, nobody did: nothing is to be put back.
    by_a_deed = (
        select(DeedStep.id)
        .join(ReversibleDeed, ReversibleDeed.id == DeedStep.deed_id)
        .where(DeedStep.row_kind == "task", DeedStep.row_id == Task.id)
        .where(Task.settled_at.in_((ReversibleDeed.done_at, ReversibleDeed.undone_at)))
    )
    chores = _chores((Task.settled_at >= began) & ~by_a_deed.correlate(Task).exists(), now)
    return sorted(chores, key=lambda chore: (chore.settled_at or now, chore.task_id), reverse=True)


def about(person_id: int, now: datetime, kinds: Sequence[TaskKind] = tuple(TaskKind)) -> list[Chore]:
    """Return the open tasks about one person, the most pressing first."""
    hers = Task.kind.in_(kinds) & (Task.person_id == person_id)
    chores = _to_call(_chores(Task.settled_at.is_(None) & hers, now))
    return sorted(chores, key=lambda chore: _pressing(chore, now))


def chore(task_id: int, now: datetime) -> Chore | None:
    """Return one task, open or settled, or None for what is nobody's."""
    return next(iter(_chores(Task.id == task_id, now)), None)


def _to_call(chores: list[Chore]) -> list[Chore]:
    """Leave out calls that no place waits for any more: the date was cancelled, or she is on it otherwise."""
    return [one for one in chores if one.kind is not TaskKind.WELCOME_CALL or one.places]


def _pressing(chore: Chore, now: datetime) -> tuple[datetime, date, int]:
    far = now + timedelta(days=10_000)
    return (chore.held_until or far, chore.due_on or chore.created_on + timedelta(days=3), chore.task_id)


def _chores(which: ColumnElement[bool], now: datetime) -> list[Chore]:
    about_whom, host = aliased(Person), aliased(Person)
    rows = db.session.execute(
        select(Task, about_whom, host.known_as, Series.title, _is_led(now))
        .outerjoin(about_whom, about_whom.id == Task.person_id)
        .outerjoin(host, host.id == Task.for_person_id)
        .outerjoin(Series, Series.id == Task.series_id)
        .where(which, or_(Task.person_id.is_(None), about_whom.id.is_not(None)))
        .order_by(Task.settled_at.desc(), Task.created_at, Task.id)
        .limit(MOST_SHOWN)
    ).all()
    ids = [whom for row in rows if (whom := _to_reach(row[0])) is not None]
    phones, emails = _written(ids, ContactKind.PHONE), _written(ids, ContactKind.EMAIL)
    newcomers = [row[0].person_id or 0 for row in rows if row[0].kind is TaskKind.CALL_NEWCOMER]
    called = [row[0].person_id or 0 for row in rows if row[0].kind is TaskKind.WELCOME_CALL]
    dates = cover.of_dates([row[0].session_id for row in rows if row[0].session_id is not None], now)
    at_hand = _AtHand(
        phones, emails, _places(newcomers, now), _kept(called, now), dates, to_local(now).date()
    )
    return [_chore(*row, at_hand) for row in rows]


@dataclass(frozen=True)
class _AtHand:
    """What is read once for all the tasks of a page."""

    phones: dict[int, str]
    emails: dict[int, str]
    places: dict[int, list[AskedPlace]]
    # By person and series: the places that wait for a welcome call.
    kept: dict[tuple[int, int], list[AskedPlace]]
    dates: dict[int, CoverOfDate]
    today: date


def _chore(
    task: Task,
    person: Person | None,
    host: str | None,
    series_title: str | None,
    series_is_led: bool,
    at_hand: _AtHand,
) -> Chore:
    whom = _to_reach(task) or 0
    places = at_hand.places.get(whom, []) if task.kind is TaskKind.CALL_NEWCOMER else []
    if task.kind is TaskKind.WELCOME_CALL:
        places = at_hand.kept.get((whom, task.series_id or 0), [])
    return Chore(
        task_id=task.id,
        kind=task.kind,
        person_id=task.person_id,
        full_name=person.full_name if person is not None else "",
        known_as=person.known_as if person is not None else "",
        phone=at_hand.phones.get(whom, ""),
        email=at_hand.emails.get(whom, ""),
        host_id=task.for_person_id,
        host_name=host or "",
        places=tuple(places),
        series_id=task.series_id,
        series_title=series_title or "",
        series_is_led=series_is_led,
        words=task.words,
        reply_to=task.reply_to,
        created_on=to_local(task.created_at).date(),
        due_on=task.due_on,
        days_left=(task.due_on - at_hand.today).days if task.due_on is not None else None,
        settled_at=task.settled_at,
        about=at_hand.dates.get(task.session_id or 0),
    )


def _to_reach(task: Task) -> int | None:
    """Return whom the office calls: the host it is to speak with, else whom the task is about."""
    return task.for_person_id if task.kind is TaskKind.SPEAK_WITH_OFFICE else task.person_id


def _is_led(now: datetime) -> ColumnElement[bool]:
    """Return the condition that somebody still leads a date to come of a task's series."""
    leading = (
        select(SessionFacilitator.id)
        .join(ScheduledSession, ScheduledSession.id == SessionFacilitator.session_id)
        .join(Person, Person.id == SessionFacilitator.person_id)
        .where(ScheduledSession.series_id == Task.series_id, ScheduledSession.starts_at > now)
        .where(policy.may_lead())
    )
    return leading.correlate(Task).exists()


def _way_of(part: str) -> str:
    """Return the link that writes to an address or calls a number, or nothing for any other words."""
    for scheme, clean in (("mailto:", clean_email), ("tel:", clean_phone)):
        try:
            # Quoted, so that a question mark in an address adds nothing to the letter.
            return scheme + quote(clean(part).replace(" ", ""), safe="@+")
        except Refusal:
            continue
    return ""


def _written(person_ids: Sequence[int], kind: ContactKind) -> dict[int, str]:
    rows = db.session.execute(
        select(ContactPoint.person_id, ContactPoint.written)
        .where(ContactPoint.person_id.in_(person_ids), ContactPoint.kind == kind)
        .order_by(ContactPoint.is_preferred, ContactPoint.id.desc())
    )
    # The last one read wins: the preferred one comes last.
    return dict(rows.all())


def _places(person_ids: Sequence[int], now: datetime) -> dict[int, list[AskedPlace]]:
    """Return, by person, the places she asked for that can still be hers, the earliest session first."""
    rows = db.session.execute(
        select(Booking, ScheduledSession.starts_at, Series.title)
        .join(ScheduledSession, ScheduledSession.id == Booking.session_id)
        .join(Series, Series.id == ScheduledSession.series_id)
        .where(
            Booking.person_id.in_(person_ids),
            Booking.state.in_((BookingState.HELD, BookingState.EXPIRED)) | _still_waits(now),
            ScheduledSession.state == SessionState.PUBLISHED,
            ScheduledSession.ends_at > now,
        )
        .order_by(ScheduledSession.starts_at, Booking.id)
    )
    found: dict[int, list[AskedPlace]] = {}
    for booking, starts_at, title in rows:
        is_held = booking.state is BookingState.HELD
        until = booking.held_until if is_held else None
        found.setdefault(booking.person_id or 0, []).append(
            AskedPlace(booking.id, title, starts_at, until, is_held, booking.state is BookingState.WAITING)
        )
    return found


def _still_waits(now: datetime) -> ColumnElement[bool]:
    """Return the condition that a turn on a waiting list may still become a place."""
    return (Booking.state == BookingState.WAITING) & (ScheduledSession.starts_at > now)


def _kept(person_ids: Sequence[int], now: datetime) -> dict[tuple[int, int], list[AskedPlace]]:
    """Return, by person and series, the places that wait for a welcome call, the earliest first."""
    rows = db.session.execute(
        select(Booking.id, Booking.person_id, Series.id, ScheduledSession.starts_at, Series.title)
        .join(ScheduledSession, ScheduledSession.id == Booking.session_id)
        .join(Series, Series.id == ScheduledSession.series_id)
        .where(
            Booking.person_id.in_(person_ids),
            Booking.state == BookingState.PROVISIONAL,
            ScheduledSession.state == SessionState.PUBLISHED,
            ScheduledSession.ends_at > now,
        )
        .order_by(ScheduledSession.starts_at, Booking.id)
    )
    found: dict[tuple[int, int], list[AskedPlace]] = {}
    for booking_id, person_id, series_id, starts_at, title in rows:
        place = AskedPlace(booking_id, title, starts_at, None, False)
        found.setdefault((person_id or 0, series_id), []).append(place)
    return found
