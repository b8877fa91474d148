"""Which reminders and starts of courses are due and not laid out yet, and what somebody chose about them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, Row, Select, String, and_, cast, func, literal, or_, select
from sqlalchemy.orm import contains_eager

from booking.db import db
from booking.models import (
    Booking,
    Message,
    Person,
    ScheduledSession,
)
from booking.models.kinds import (
    BookingState,
    PersonStatus,
    SessionState,
)
from booking.queries.courses import starts_her_course
from booking.rules.reminders import (
    MOST_DAYS_BEFORE,
    SAME_MORNING,
    TWO_DAYS_BEFORE,
    ReminderKind,
    Rhythm,
    may_be_due,
    reminder_instants,
    reminder_is_due,
)
from booking.rules.wall_time import to_local

# The earliest one is due at 8am; a session late that evening is 16 hours further, 17 when the clocks change.
REMINDER_WINDOW = timedelta(days=MOST_DAYS_BEFORE, hours=17)
IN_KEYS: dict[ReminderKind, str] = {TWO_DAYS_BEFORE: "two_days", SAME_MORNING: "that_morning"}

# Which reminder of which session, for whom: (session, days before, hour), the days being 0 on its own day.
_Slot = tuple[int, int, int]


@dataclass(frozen=True)
class DueReminder:
    """A reminder that should go now: for which booking, under which key, due since when."""

    booking: Booking
    key: str
    due_at: datetime
    starts_at: datetime
    schedule_version: int


def reminders_due(kind: ReminderKind, now: datetime, limit: int, after_id: int = 0) -> list[DueReminder]:
    """Ask the truth of the moment: who wants this reminder now and has none yet.

    Reminders that this version of the session already has, in whatever state, are not asked for again;
    nor are those due before she booked. Ordered by booking, beyond `after_id`.
    """
    slots = _slots(kind, now)
    if not slots:
        return []
    asked = (
        _in_time(kind, slots, now)
        .where(wishes(kind), ~_has_message(IN_KEYS[kind]))
        .where(*([~starts_her_course()] if kind == TWO_DAYS_BEFORE else []))
    )
    key = f"booking:{{}}:reminder:{IN_KEYS[kind]}:v{{}}"
    return _found(asked, kind, slots, key, limit, after_id)


def starts_due(now: datetime, limit: int, after_id: int = 0) -> list[DueReminder]:
    """Ask whose course starts for her soon, when she would be reminded of it, and who has not been told yet.

    It stands in the stead of that week's reminder, also for those who want none. Nobody is told twice,
    should a later week become her first one.
    """
    slots = _slots(TWO_DAYS_BEFORE, now)
    if not slots:
        return []
    key = literal("booking:") + cast(Booking.id, String) + literal(":course_starts:v")
    key = key + cast(ScheduledSession.schedule_version, String)
    asked = _in_time(TWO_DAYS_BEFORE, slots, now).where(
        starts_her_course(), ~select(Message.id).where(Message.dedupe_key == key).exists()
    )
    return _found(asked, TWO_DAYS_BEFORE, slots, "booking:{}:course_starts:v{}", limit, after_id)


def wishes(kind: ReminderKind) -> ColumnElement[bool]:
    """Return the condition, over booking and person, that she wants it: for this place alone, or always."""
    if kind == TWO_DAYS_BEFORE:
        return func.coalesce(Booking.remind_two_days, Person.remind_two_days).is_(True)
    return func.coalesce(Booking.remind_that_morning, Person.remind_that_morning).is_(True)


def wants(booking: Booking, person: Person, kind: ReminderKind) -> bool:
    """Say of one booking what `wishes` asks of many."""
    if kind == TWO_DAYS_BEFORE:
        alone, always = booking.remind_two_days, person.remind_two_days
    else:
        alone, always = booking.remind_that_morning, person.remind_that_morning
    return always if alone is None else alone


def kind_of(dedupe_key: str) -> ReminderKind:
    """Return which of the two reminders a message is, by its key."""
    return SAME_MORNING if f":{IN_KEYS[SAME_MORNING]}:" in dedupe_key else TWO_DAYS_BEFORE


def rhythm_of(person: Person) -> Rhythm:
    """Return how many days before and at which hours she is reminded."""
    return Rhythm(person.remind_days_before, person.remind_hour, person.morning_hour)


def _slots(kind: ReminderKind, now: datetime) -> dict[_Slot, datetime]:
    """Turn the wall time of each session that is near into instants, and keep those that have come.

    Only for days and hours that somebody chose: two hundred could be, most people have the usual ones.
    """
    rhythms = _rhythms(kind)
    return dict(slot for session in _near(kind, now) for slot in _due_of(session, kind, rhythms, now))


def _rhythms(kind: ReminderKind) -> list[Rhythm]:
    if kind == TWO_DAYS_BEFORE:
        asked = select(Person.remind_days_before, Person.remind_hour).distinct()
        return [Rhythm(days, hour) for days, hour in db.session.execute(asked)]
    hours = db.session.scalars(select(Person.morning_hour).distinct())
    return [Rhythm(days_before=0, morning_hour=hour) for hour in hours]


def _near(kind: ReminderKind, now: datetime) -> Sequence[Row[int, date, time, str, datetime]]:
    ahead = REMINDER_WINDOW if kind == TWO_DAYS_BEFORE else timedelta(days=1, hours=1)
    return db.session.execute(
        select(
            ScheduledSession.id,
            ScheduledSession.local_date,
            ScheduledSession.start_time,
            ScheduledSession.zone,
            ScheduledSession.starts_at,
        )
        .where(
            ScheduledSession.state == SessionState.PUBLISHED,
            ScheduledSession.starts_at > now,
            ScheduledSession.starts_at <= now + ahead,
        )
        .order_by(ScheduledSession.id)
    ).all()


def _due_of(
    session: Row[int, date, time, str, datetime], kind: ReminderKind, rhythms: Iterable[Rhythm], now: datetime
) -> Iterator[tuple[_Slot, datetime]]:
    today = to_local(now, session.zone).date()
    for rhythm in rhythms:
        if not may_be_due(session.local_date, rhythm.days_before, today):
            continue
        when = (session.local_date, session.start_time, session.zone)
        at = reminder_instants(*when, same_morning=True, rhythm=rhythm).get(kind)
        # Whether she booked before it was due is asked of each row.
        if at is not None and reminder_is_due(at, session.starts_at, at - timedelta(seconds=1), now):
            hour = rhythm.hour if kind == TWO_DAYS_BEFORE else rhythm.morning_hour
            yield (session.id, rhythm.days_before, hour), at


def _in_time(
    kind: ReminderKind, slots: Mapping[_Slot, datetime], now: datetime
) -> Select[Booking, datetime, int]:
    return (
        select(Booking, ScheduledSession.starts_at, ScheduledSession.schedule_version)
        .join(Booking.session)
        .join(Booking.person)
        .options(contains_eager(Booking.person))
        .where(
            Booking.state == BookingState.BOOKED,
            or_(*_choices(kind, slots)),
            _may_be_reminded(now),
        )
    )


def _choices(kind: ReminderKind, slots: Mapping[_Slot, datetime]) -> Iterator[ColumnElement[bool]]:
    """Put the sessions together that are due at one moment for whoever chose the same."""
    together: dict[tuple[int, int, datetime], list[int]] = {}
    for (session_id, days, hour), due_at in slots.items():
        together.setdefault((days, hour, due_at), []).append(session_id)
    for (days, hour, due_at), session_ids in together.items():
        if kind == TWO_DAYS_BEFORE:
            hers = and_(Person.remind_days_before == days, Person.remind_hour == hour)
        else:
            hers = Person.morning_hour == hour
        # Since when her place stands as it does: one that was put back makes good no reminder she missed.
        yield and_(hers, Booking.session_id.in_(session_ids), Booking.state_at < due_at)


def _found(
    asked: Select[Booking, datetime, int],
    kind: ReminderKind,
    slots: Mapping[_Slot, datetime],
    key: str,
    limit: int,
    after_id: int,
) -> list[DueReminder]:
    asked = asked.where(Booking.id > after_id).order_by(Booking.id).limit(limit)
    rows = db.session.execute(asked).all()
    return [
        DueReminder(booking, key.format(booking.id, version), slots[_slot(booking, kind)], starts_at, version)
        for booking, starts_at, version in rows
    ]


def _slot(booking: Booking, kind: ReminderKind) -> _Slot:
    person = booking.person
    assert person is not None
    if kind == TWO_DAYS_BEFORE:
        return booking.session_id, person.remind_days_before, person.remind_hour
    return booking.session_id, 0, person.morning_hour


def _may_be_reminded(now: datetime) -> ColumnElement[bool]:
    paused_no_more = and_(Person.status == PersonStatus.PAUSED, Person.paused_until <= to_local(now).date())
    return or_(Person.status == PersonStatus.ACTIVE, paused_no_more)


def _has_message(word: str) -> ColumnElement[bool]:
    key = (
        literal("booking:")
        + cast(Booking.id, String)
        + literal(f":reminder:{word}:v")
        + cast(ScheduledSession.schedule_version, String)
    )
    return select(Message.id).where(Message.dedupe_key == key).exists()
