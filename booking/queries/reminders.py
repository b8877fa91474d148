"""Which reminders and starts of courses are due and not laid out yet, and what somebody chose about them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, Select, String, and_, cast, false, func, literal, or_, select
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
    MessageKind,
    MessageState,
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

# What tells her as much as a late reminder would: she gets one letter, not two.
_SAYS_AS_MUCH = (MessageKind.REMINDER, MessageKind.COURSE_STARTS, MessageKind.SESSION_CHANGED)
_STANDS = (MessageState.WAITING, MessageState.SENDING, MessageState.SENT)

# Which reminder of which session, for whom: (session, days before, hour), the days being 0 on its own day.
_Slot = tuple[int, int, int]
# A session's date, its start on the wall, its zone and its instant.
_When = tuple[date, time, str, datetime]


@dataclass(frozen=True)
class DueReminder:
    """A reminder that should go now: for which booking, under which key, due since when."""

    booking: Booking
    key: str
    due_at: datetime
    starts_at: datetime
    schedule_version: int


@dataclass(frozen=True)
class Slots:
    """Which sessions are due at this moment, for whoever chose which days and hour."""

    kind: ReminderKind
    now: datetime
    due: Mapping[_Slot, datetime]


def slots_now(kind: ReminderKind, now: datetime) -> Slots:
    """Turn the wall time of each session that is near into instants, and keep those that have come.

    Only for days and hours that somebody chose: two hundred could be, most people have the usual ones.
    """
    rhythms = _rhythms(kind)
    due: dict[_Slot, datetime] = {}
    for when, session_ids in _near(kind, now).items():
        for days, hour, at in _due_of(when, kind, rhythms, now):
            due |= {(session_id, days, hour): at for session_id in session_ids}
    return Slots(kind, now, due)


def reminders_due(slots: Slots, at_a_time: int) -> Iterator[list[DueReminder]]:
    """Ask the truth of the moment: who wants this reminder now and has none yet; some at a time.

    Reminders that this version of the session already has, in whatever state, are not asked for again;
    nor are those due before she booked, nor late ones that another letter has overtaken. Ordered by booking.
    """
    asked = _in_time(slots, _SAYS_AS_MUCH).where(wishes(slots.kind), ~_has_message(IN_KEYS[slots.kind]))
    if slots.kind == TWO_DAYS_BEFORE:
        asked = asked.where(~starts_her_course())
    return _found(asked, slots, f"booking:{{}}:reminder:{IN_KEYS[slots.kind]}:v{{}}", at_a_time)


def starts_due(slots: Slots, at_a_time: int) -> Iterator[list[DueReminder]]:
    """Ask whose course starts for her soon, when she would be reminded of it, and who has not been told yet.

    It stands in the stead of that week's reminder, also for those who want none. Nobody is told twice,
    should a later week become her first one.
    """
    key = literal("booking:") + cast(Booking.id, String) + literal(":course_starts:v")
    key = key + cast(ScheduledSession.schedule_version, String)
    untold = ~select(Message.id).where(Message.dedupe_key == key).exists()
    asked = _in_time(slots, (MessageKind.COURSE_STARTS,)).where(starts_her_course(), untold)
    return _found(asked, slots, "booking:{}:course_starts:v{}", at_a_time)


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


def is_reminded_that_morning(message: Message) -> bool:
    """Say whether the reminder of the day itself goes, or went: an earlier one that is late needn't."""
    key = message.dedupe_key.replace(f":{IN_KEYS[TWO_DAYS_BEFORE]}:", f":{IN_KEYS[SAME_MORNING]}:")
    asked = select(Message.id).where(Message.dedupe_key == key, Message.state.in_(_STANDS))
    return key != message.dedupe_key and db.session.scalar(asked) is not None


def rhythm_of(person: Person) -> Rhythm:
    """Return how many days before and at which hours she is reminded."""
    return Rhythm(person.remind_days_before, person.remind_hour, person.morning_hour)


def _rhythms(kind: ReminderKind) -> list[Rhythm]:
    if kind == TWO_DAYS_BEFORE:
        asked = select(Person.remind_days_before, Person.remind_hour).distinct()
        return [Rhythm(days, hour) for days, hour in db.session.execute(asked)]
    hours = db.session.scalars(select(Person.morning_hour).distinct())
    return [Rhythm(days_before=0, morning_hour=hour) for hour in hours]


def _near(kind: ReminderKind, now: datetime) -> dict[_When, list[int]]:
    """Return the sessions that are near, those of the same time together: their sums are the same."""
    ahead = REMINDER_WINDOW if kind == TWO_DAYS_BEFORE else timedelta(days=1, hours=1)
    rows = db.session.execute(
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
    )
    together: dict[_When, list[int]] = {}
    for session_id, local_date, start_time, zone, starts_at in rows:
        together.setdefault((local_date, start_time, zone, starts_at), []).append(session_id)
    return together


def _due_of(
    when: _When, kind: ReminderKind, rhythms: Iterable[Rhythm], now: datetime
) -> Iterator[tuple[int, int, datetime]]:
    local_date, start_time, zone, starts_at = when
    today, before = to_local(now, zone).date(), kind == TWO_DAYS_BEFORE
    for rhythm in rhythms:
        if not may_be_due(local_date, rhythm.days_before, today):
            continue
        at = reminder_instants(local_date, start_time, zone, before, not before, rhythm).get(kind)
        # Whether she booked before it was due is asked of each row.
        if at is not None and reminder_is_due(at, starts_at, at - timedelta(seconds=1), now):
            yield rhythm.days_before, rhythm.hour if before else rhythm.morning_hour, at


def _in_time(slots: Slots, says_as_much: Sequence[MessageKind]) -> Select[int]:
    return (
        select(Booking.id)
        .join(Booking.session)
        .join(Booking.person)
        .where(
            Booking.state == BookingState.BOOKED,
            # Said by itself as well, so that the database begins with the few sessions that are due.
            Booking.session_id.in_({session_id for session_id, _days, _hour in slots.due}),
            or_(false(), *_choices(slots, says_as_much)),
            _may_be_reminded(slots.now),
        )
        .order_by(Booking.id)
    )


def _choices(slots: Slots, says_as_much: Sequence[MessageKind]) -> Iterator[ColumnElement[bool]]:
    """Put the sessions together that are due at one moment for whoever chose the same."""
    together: dict[tuple[int, int, datetime], list[int]] = {}
    for (session_id, days, hour), due_at in slots.due.items():
        together.setdefault((days, hour, due_at), []).append(session_id)
    for (days, hour, due_at), session_ids in together.items():
        if slots.kind == TWO_DAYS_BEFORE:
            hers = and_(Person.remind_days_before == days, Person.remind_hour == hour)
        else:
            hers = Person.morning_hour == hour
        # Since when her place stands as it does: one that was put back makes good no reminder she missed.
        untold = ~_is_told(says_as_much, due_at)
        yield and_(hers, Booking.session_id.in_(session_ids), Booking.state_at < due_at, untold)


def _is_told(kinds: Sequence[MessageKind], since: datetime) -> ColumnElement[bool]:
    """Return the condition, over booking, that a letter has reminded her of it since then, or is about to."""
    hers = (Message.booking_id == Booking.id, Message.kind.in_(kinds), Message.state.in_(_STANDS))
    return select(Message.id).where(*hers, Message.due_at >= since).exists()


def _found(asked: Select[int], slots: Slots, key: str, at_a_time: int) -> Iterator[list[DueReminder]]:
    """Ask once for whom there is something to do, then fetch some at a time: what changes is judged again."""
    ids = db.session.scalars(asked).all() if slots.due else []
    for first in range(0, len(ids), at_a_time):
        yield _fetched(ids[first : first + at_a_time], slots, key)


def _fetched(ids: Sequence[int], slots: Slots, key: str) -> list[DueReminder]:
    rows = db.session.execute(
        select(Booking, ScheduledSession.starts_at, ScheduledSession.schedule_version)
        .join(Booking.session)
        .join(Booking.person)
        .options(contains_eager(Booking.person))
        .where(Booking.id.in_(ids))
        .order_by(Booking.id)
    ).all()
    return [
        DueReminder(booking, key.format(booking.id, version), due_at, starts_at, version)
        for booking, starts_at, version in rows
        if (due_at := slots.due.get(_slot(booking, slots.kind))) is not None
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
