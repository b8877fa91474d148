"""What the office looks at first: what needs somebody today, and what is planned."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from booking import policy
from booking.db import db
from booking.models import (
    Booking,
    Message,
    Person,
    ScheduledSession,
    Series,
    SessionFacilitator,
)
from booking.models.kinds import (
    KEPT,
    LIVE,
    TAKING,
    Attendance,
    BookingState,
    Channel,
    ContactKind,
    MessageKind,
    MessageState,
    PersonStatus,
    Pool,
    SessionState,
)
from booking.queries.bookings import names_of_leaders
from booking.refusals import NotFound
from booking.rules.wall_time import to_local

WAITS_LONG = timedelta(minutes=15)
# A register older than that is completed from memory or never, and a long list hides the new ones.
_REGISTERS_LATELY = timedelta(weeks=8)
_FAILED_LATELY = timedelta(days=30)
_MOST_SHOWN = 20


@dataclass(frozen=True)
class MissingRegister:
    """A date that is over, with places of which the register says nothing."""

    session_id: int
    title: str
    local_date: date
    not_recorded: int
    led_by: tuple[str, ...]


@dataclass(frozen=True)
class TroubledLetter:
    """A letter that failed or waits long; `why` is a word of our own or a code of the mail server."""

    message_id: int
    kind: MessageKind
    state: MessageState
    person_id: int | None
    known_as: str | None
    due_at: datetime
    attempts: int
    why: str


@dataclass(frozen=True)
class Some:
    """The first few of a list, and how many there are."""

    total: int
    rows: tuple[Any, ...]


@dataclass(frozen=True)
class PlannedSession:
    """One date with the places taken and the names of those who lead it.

    `kept` are those of the places taken that wait for somebody's answer, the last until `kept_until`.
    """

    session: ScheduledSession
    taken: dict[Pool, int]
    led_by: tuple[str, ...]
    kept: dict[Pool, int] = field(default_factory=dict)
    kept_until: datetime | None = None


@dataclass(frozen=True)
class Guest:
    """One booking of a date, for the office's own page of it."""

    booking_id: int
    person_id: int | None
    known_as: str
    pool: Pool
    state: BookingState
    attendance: Attendance


@dataclass(frozen=True)
class Leader:
    """Somebody who leads a date."""

    person_id: int
    known_as: str
    full_name: str


def registers_not_taken(now: datetime) -> Some:
    """Return the dates of the last 8 weeks that are over with somebody not recorded, the latest first."""
    asked = (
        select(
            ScheduledSession.id,
            func.coalesce(func.nullif(ScheduledSession.own_title, ""), Series.title).label("title"),
            ScheduledSession.local_date,
            func.count(Booking.id).label("not_recorded"),
        )
        .join(Series, Series.id == ScheduledSession.series_id)
        .join(Booking, Booking.session_id == ScheduledSession.id)
        .where(
            ScheduledSession.state == SessionState.PUBLISHED,
            ScheduledSession.ends_at <= now,
            ScheduledSession.ends_at > now - _REGISTERS_LATELY,
            Booking.state == BookingState.BOOKED,
            Booking.attendance == Attendance.NOT_RECORDED,
        )
        .group_by(ScheduledSession.id, Series.id)
        .order_by(ScheduledSession.starts_at.desc(), ScheduledSession.id)
    )
    total, rows = _first_of(asked)
    leaders = names_of_leaders([row.id for row in rows])
    return Some(
        total,
        tuple(
            MissingRegister(row.id, row.title, row.local_date, row.not_recorded, leaders.get(row.id, ()))
            for row in rows
        ),
    )


def troubled_letters(now: datetime) -> Some:
    """Return the letters that failed lately or are due for long, the latest first."""
    failed = (Message.state == MessageState.FAILED) & (Message.due_at > now - _FAILED_LATELY)
    late = Message.state.in_((MessageState.WAITING, MessageState.SENDING)) & (
        Message.due_at < now - WAITS_LONG
    )
    asked = (
        select(
            Message.id,
            Message.kind,
            Message.state,
            Message.person_id,
            Person.known_as,
            Message.due_at,
            Message.attempts,
            Message.why,
        )
        .outerjoin(Person, Person.id == Message.person_id)
        .where(Message.channel.in_((Channel.EMAIL, Channel.TEXT)), or_(failed, late))
        .order_by(Message.due_at.desc(), Message.id.desc())
    )
    total, rows = _first_of(asked)
    return Some(total, tuple(TroubledLetter(*row) for row in rows))


def today_and_tomorrow(now: datetime) -> list[PlannedSession]:
    """Return the dates of today and tomorrow that take place, in the order of time."""
    today = to_local(now).date()
    asked = select(ScheduledSession).where(
        ScheduledSession.state == SessionState.PUBLISHED,
        ScheduledSession.local_date.in_((today, today + timedelta(days=1))),
    )
    ordered = asked.options(*_WHOLE).order_by(ScheduledSession.starts_at, ScheduledSession.id)
    return _planned(db.session.scalars(ordered).all())


def one_session(session_id: int) -> PlannedSession:
    """Return one date, past ones too. Refuses: one that is not there."""
    asked = select(ScheduledSession).where(ScheduledSession.id == session_id).options(*_WHOLE)
    found = db.session.scalar(asked)
    if found is None:
        raise NotFound
    return _planned([found])[0]


def guests(session_id: int) -> list[Guest]:
    """Return everybody who has or had a place at a date, those with one first, by name."""
    asked = (
        select(
            Booking.id,
            Booking.person_id,
            func.coalesce(Person.known_as, Booking.walk_in_name).label("known_as"),
            Booking.pool,
            Booking.state,
            Booking.attendance,
        )
        .outerjoin(Person, Person.id == Booking.person_id)
        .where(Booking.session_id == session_id)
        .order_by(Booking.state.in_(LIVE).desc(), func.lower(Person.known_as), Booking.id)
    )
    return [Guest(*row) for row in db.session.execute(asked)]


def leaders(session_id: int) -> list[Leader]:
    """Return those who lead a date, in the order they were added; nobody who died or hosts no more."""
    asked = (
        select(Person.id, Person.known_as, Person.full_name)
        .join(SessionFacilitator, SessionFacilitator.person_id == Person.id)
        .where(SessionFacilitator.session_id == session_id, policy.may_lead())
        .order_by(SessionFacilitator.id)
    )
    return [Leader(*row) for row in db.session.execute(asked)]


def all_hosts() -> list[Leader]:
    """Return everybody who may lead sessions, by name."""
    asked = (
        select(Person.id, Person.known_as, Person.full_name)
        .where(policy.may_lead())
        .order_by(func.lower(Person.full_name), Person.id)
    )
    return [Leader(*row) for row in db.session.execute(asked)]


def who_will_be_told(session_id: int, now: datetime) -> dict[Channel, int]:
    """Return how many people hear of a change of this date, by the channel that reaches each of them."""
    told = (
        select(Person)
        .join(Booking, Booking.person_id == Person.id)
        .where(
            Booking.session_id == session_id,
            Booking.state.in_(LIVE),
            Booking.state != BookingState.HELD,
            Person.status.in_((PersonStatus.ACTIVE, PersonStatus.PAUSED)),
        )
        .options(selectinload(Person.contacts))
        .order_by(Person.id)
    )
    return dict(Counter(channel_of(person, now) for person in db.session.scalars(told)))


def channel_of(person: Person, now: datetime) -> Channel:
    """Choose as the outbox will (`messages.reach`); a test keeps the two from drifting apart."""
    has = {contact.kind for contact in person.contacts}
    paused_until = person.paused_until
    if person.status is PersonStatus.PAUSED and (not paused_until or to_local(now).date() < paused_until):
        return Channel.CALL
    if person.channel is Channel.CALL and (ContactKind.PHONE in has or ContactKind.EMAIL not in has):
        return Channel.CALL
    if person.channel is Channel.POST:
        return Channel.POST
    return Channel.EMAIL if ContactKind.EMAIL in has else Channel.CALL


def series_by_key(key: str) -> int | None:
    """Return the series with this key, if there is one."""
    return db.session.scalar(select(Series.id).where(Series.key == key))


_WHOLE = (
    joinedload(ScheduledSession.series).joinedload(Series.programme),
    joinedload(ScheduledSession.venue),
)


def _planned(found: Sequence[ScheduledSession]) -> list[PlannedSession]:
    ids = [scheduled.id for scheduled in found]
    led_by = names_of_leaders(ids)
    taken, kept = _places(ids, TAKING), _places(ids, KEPT)
    until = _kept_until(ids) if kept else {}
    return [
        PlannedSession(
            each, taken.get(each.id, {}), led_by.get(each.id, ()), kept.get(each.id, {}), until.get(each.id)
        )
        for each in found
    ]


def _places(session_ids: Sequence[int], states: Sequence[BookingState]) -> dict[int, dict[Pool, int]]:
    found: dict[int, dict[Pool, int]] = {}
    counted = (
        select(Booking.session_id, Booking.pool, func.sum(Booking.party_size))
        .where(Booking.session_id.in_(session_ids), Booking.state.in_(states))
        .group_by(Booking.session_id, Booking.pool)
    )
    for session_id, pool, places in db.session.execute(counted):
        found.setdefault(session_id, {})[pool] = int(places)
    return found


def _kept_until(session_ids: Sequence[int]) -> dict[int, datetime | None]:
    asked = (
        select(Booking.session_id, func.max(Booking.held_until))
        .where(Booking.session_id.in_(session_ids), Booking.state.in_(KEPT))
        .group_by(Booking.session_id)
    )
    return dict(db.session.execute(asked).all())


def _first_of(asked: Select[*tuple[Any, ...]]) -> tuple[int, Sequence[Any]]:
    total = db.session.scalar(select(func.count()).select_from(asked.order_by(None).subquery())) or 0
    return total, db.session.execute(asked.limit(_MOST_SHOWN)).all()
