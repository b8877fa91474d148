"""What those who lead sessions may read: their own dates, and who is expected there."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, ScalarSelect, Select, and_, case, exists, func, select
from sqlalchemy.orm import aliased, joinedload

from booking import policy
from booking.db import db
from booking.models import Booking, Person, ScheduledSession, Series, SessionFacilitator
from booking.models.kinds import ATTENDED, Attendance, Pool
from booking.queries import movement
from booking.queries.movement import CheckIn
from booking.refusals import NotFound
from booking.rules.names import in_order, told_apart
from booking.rules.wall_time import to_local

LOOK_BACK = timedelta(weeks=4)
KNOWN_FOR = timedelta(days=365)
AWAY_FROM_MONTHS = 3
_MOST_DATES = 60
_DAYS_A_MONTH = 30.44


@dataclass(frozen=True)
class HostedSession:
    """One of her dates with its counts; nobody's name."""

    scheduled: ScheduledSession
    expected: int
    not_recorded: int
    first_timers: int
    # How many said that they can't get into the meeting, and nobody has seen to it yet.
    stuck: int
    register_is_open: bool


@dataclass(frozen=True)
class HostedSessions:
    """Her dates: what is left to record, what comes (next first), what was lately (latest first)."""

    to_record: list[HostedSession]
    coming: list[HostedSession]
    lately: list[HostedSession]

    @property
    def waits_for_help(self) -> list[HostedSession]:
        """Return the dates into whose meeting somebody can't get just now."""
        return [each for each in self.coming if each.stuck]


@dataclass(frozen=True)
class RosterRow:
    """What a host may know of one person on her list: no surname, no address, no number."""

    booking_id: int
    name: str
    pool: Pool
    attendance: Attendance
    is_first_time: bool
    months_away: int
    access_needs: str
    # Somebody with a record here: only then is there a way to reach her.
    is_known: bool
    # When she pressed the button into the meeting: a hint, never attendance.
    joined_at: datetime | None
    # She said that she can't get in, and nobody has seen to it yet.
    is_stuck: bool
    # The first name of whoever comes with her.
    companion_name: str = ""
    party_size: int = 1

    @property
    def anchor(self) -> str:
        """Return the place of this row on the page."""
        return f"booking-{self.booking_id}"


@dataclass(frozen=True)
class Roster:
    """One date and its list, in a stable order: those expected by name, then those who walked in."""

    scheduled: ScheduledSession
    rows: list[RosterRow]
    led_with: list[str]
    register_is_open: bool
    is_over: bool
    is_today: bool
    # By booking, for a movement class until its day is over; None is somebody who was not asked yet.
    check_ins: dict[int, CheckIn | None]

    @property
    def first_timers(self) -> int:
        """Count those who come for the first time."""
        return sum(row.is_first_time for row in self.rows)

    def stuck(self) -> list[RosterRow]:
        """Return those who can't get into the meeting and wait for somebody's help, by name."""
        return [] if self.is_over else [row for row in self.rows if row.is_stuck]

    def count(self, *marks: Attendance) -> int:
        """Count the rows that bear one of these marks."""
        return sum(row.attendance in marks for row in self.rows)

    def count_in(self, pool: Pool) -> int:
        """Count the places taken in one pool: whoever comes with somebody has one, too."""
        return sum(row.party_size for row in self.rows if row.pool is pool)


@dataclass(frozen=True)
class FamiliarFace:
    """Somebody who was on this host's registers of this series before, by the name she likes."""

    person_id: int
    name: str


def my_sessions(person_id: int, now: datetime) -> HostedSessions:
    """List the dates this person leads, from four weeks ago on."""
    counts = _counts(person_id, now)
    hosted = [
        HostedSession(
            scheduled, *counts.get(scheduled.id, (0, 0, 0, 0)), policy.register_is_open(scheduled, now)
        )
        for scheduled in db.session.scalars(_led_by(person_id, now))
    ]
    past = [each for each in hosted if each.scheduled.ends_at <= now][::-1]
    return HostedSessions(
        to_record=[each for each in past if _has_gaps(each)],
        coming=[each for each in hosted if each.scheduled.ends_at > now],
        lately=[each for each in past if not _has_gaps(each)],
    )


def led_session(session_id: int, person_id: int) -> ScheduledSession:
    """Return a date this person leads, with its series, programme and venue.

    Refuses: a date that is not hers, and one that does not exist, alike.
    """
    asked = _dates().where(ScheduledSession.id == session_id, policy.leads(person_id))
    scheduled = db.session.scalar(asked)
    if scheduled is None:
        raise NotFound
    return scheduled


def roster(session_id: int, person_id: int, now: datetime) -> Roster:
    """Return who is on the list of a date this person leads.

    Refuses: what `led_session` refuses.
    """
    scheduled = led_session(session_id, person_id)
    today = to_local(now, scheduled.zone).date()
    asks = scheduled.series.movement_check and today <= scheduled.local_date
    return Roster(
        scheduled=scheduled,
        rows=_rows(session_id),
        led_with=_led_with(session_id, person_id),
        register_is_open=policy.register_is_open(scheduled, now),
        is_over=scheduled.ends_at <= now,
        is_today=today == scheduled.local_date,
        check_ins=movement.of_a_class(session_id, person_id, now) if asks else {},
    )


def stuck_now(session_id: int, person_id: int, now: datetime) -> list[int]:
    """Return the bookings of those who can't get into a date this person leads; once it is over, none.

    Refuses: what `led_session` refuses.
    """
    if led_session(session_id, person_id).ends_at <= now:
        return []
    asked = select(Booking.id).where(
        Booking.session_id == session_id, Booking.stuck_at.is_not(None), policy.on_register()
    )
    return list(db.session.scalars(asked.order_by(Booking.id)))


def familiar_faces(session_id: int, person_id: int, now: datetime) -> list[FamiliarFace]:
    """List who was on this series' registers led by this person in the last year: nobody else's people.

    Refuses: what `led_session` refuses.
    """
    series_id = led_session(session_id, person_id).series_id
    seen = (
        select(Booking.person_id)
        .join(ScheduledSession, ScheduledSession.id == Booking.session_id)
        .where(
            ScheduledSession.series_id == series_id,
            ScheduledSession.id != session_id,
            ScheduledSession.starts_at >= now - KNOWN_FOR,
            ScheduledSession.starts_at <= now,
            policy.leads(person_id),
            policy.on_register(),
        )
    )
    found = db.session.execute(
        select(Person.id, Person.known_as, Person.full_name)
        .where(Person.id.in_(seen), Person.status.in_(policy.LIVING))
        .order_by(Person.id)
    ).all()
    names = told_apart([(row.known_as, row.full_name) for row in found])
    faces = [FamiliarFace(row.id, name) for row, name in zip(found, names, strict=True)]
    return sorted(faces, key=lambda face: in_order(face.name))


def people_on_list(session_id: int, person_id: int) -> set[int]:
    """Return whose rows the roster of a date already holds, for the person who leads it."""
    asked = (
        select(Booking.person_id)
        .join(ScheduledSession, ScheduledSession.id == Booking.session_id)
        .where(Booking.session_id == session_id, policy.leads(person_id), policy.on_register())
        .order_by(Booking.id)
    )
    return {found for found in db.session.scalars(asked) if found is not None}


def _dates() -> Select[ScheduledSession]:
    return (
        select(ScheduledSession)
        .where(policy.session_is_shown())
        .options(
            joinedload(ScheduledSession.series).joinedload(Series.programme),
            joinedload(ScheduledSession.venue),
        )
    )


def _led_by(person_id: int, now: datetime) -> Select[ScheduledSession]:
    recent = ScheduledSession.ends_at >= now - LOOK_BACK
    in_order_of_time = _dates().order_by(ScheduledSession.starts_at, ScheduledSession.id)
    return in_order_of_time.where(policy.leads(person_id), recent).limit(_MOST_DATES)


def _has_gaps(hosted: HostedSession) -> bool:
    return hosted.not_recorded > 0 and hosted.register_is_open


def _counts(person_id: int, now: datetime) -> dict[int, tuple[int, int, int, int]]:
    """Count, for each date of hers: expected, companions counted; not recorded; new; can't get in."""
    unmarked = and_(
        Booking.attendance == Attendance.NOT_RECORDED,
        Booking.state.in_(policy.EXPECTED),
    )
    counted = db.session.execute(
        select(
            Booking.session_id,
            func.sum(Booking.party_size),
            _how_many(unmarked),
            _how_many(is_new()),
            _how_many(Booking.stuck_at.is_not(None)),
        )
        .join(ScheduledSession, ScheduledSession.id == Booking.session_id)
        .where(policy.leads(person_id), ScheduledSession.ends_at >= now - LOOK_BACK, policy.on_register())
        .group_by(Booking.session_id)
        .order_by(Booking.session_id)
    )
    return {row[0]: (int(row[1]), int(row[2]), int(row[3]), int(row[4])) for row in counted}


def _how_many(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))


def is_new() -> ColumnElement[bool]:
    """Return the condition, over booking and session, that somebody comes for the first time."""
    earlier, before = aliased(Booking), aliased(ScheduledSession)
    came_before = exists().where(
        earlier.person_id == Booking.person_id,
        earlier.attendance.in_(ATTENDED),
        before.id == earlier.session_id,
        before.starts_at < ScheduledSession.starts_at,
    )
    return and_(Booking.person_id.is_not(None), ~came_before.correlate(Booking, ScheduledSession))


def _last_came_at() -> ScalarSelect[datetime]:
    """Say when somebody was last at any session before this one; nothing means never."""
    earlier, before = aliased(Booking), aliased(ScheduledSession)
    return (
        select(func.max(before.starts_at))
        .join(earlier, earlier.session_id == before.id)
        .where(
            earlier.person_id == Booking.person_id,
            earlier.attendance.in_(ATTENDED),
            before.starts_at < ScheduledSession.starts_at,
        )
        .correlate(Booking, ScheduledSession)
        .scalar_subquery()
    )


def _rows(session_id: int) -> list[RosterRow]:
    # Columns, not people: what a host may not see is never even loaded.
    found = db.session.execute(
        select(
            Booking.id,
            Booking.person_id,
            Booking.walk_in_name,
            Booking.companion_name,
            Booking.party_size,
            Booking.pool,
            Booking.attendance,
            Booking.joined_at,
            Booking.stuck_at,
            Person.known_as,
            Person.full_name,
            Person.access_needs,
            ScheduledSession.starts_at,
            _last_came_at().label("last_came_at"),
        )
        .join(ScheduledSession, ScheduledSession.id == Booking.session_id)
        .outerjoin(Person, Person.id == Booking.person_id)
        .where(Booking.session_id == session_id, policy.on_register())
        .order_by(Booking.id)
    ).all()
    people = [(row.known_as, row.full_name) for row in found if row.person_id is not None]
    names = iter(told_apart(people))
    rows = [_row(row, row.walk_in_name if row.person_id is None else next(names)) for row in found]
    return sorted(rows, key=_place_on_list)


def _row(found: Row[*tuple[Any, ...]], name: str) -> RosterRow:
    last = found.last_came_at
    return RosterRow(
        booking_id=found.id,
        name=name,
        pool=found.pool,
        attendance=found.attendance,
        is_first_time=found.person_id is not None and last is None,
        months_away=0 if last is None else int((found.starts_at - last).days / _DAYS_A_MONTH),
        access_needs=found.access_needs or "",
        is_known=found.person_id is not None,
        companion_name=found.companion_name,
        party_size=found.party_size,
        joined_at=found.joined_at,
        is_stuck=found.stuck_at is not None,
    )


def _place_on_list(row: RosterRow) -> tuple[bool, tuple[str, str], int]:
    # Whoever walked in stands below, in the order of coming, so that no row moves under a thumb.
    walked_in = row.attendance is Attendance.WALKED_IN
    return walked_in, ("", "") if walked_in else in_order(row.name), row.booking_id


def _led_with(session_id: int, person_id: int) -> list[str]:
    asked = (
        select(Person.known_as)
        .join(SessionFacilitator, SessionFacilitator.person_id == Person.id)
        .where(SessionFacilitator.session_id == session_id, Person.id != person_id)
        .order_by(Person.known_as, Person.id)
    )
    return list(db.session.scalars(asked))
