"""What must always be true of the rows, asked of the whole database: the doctor's questions."""

from collections.abc import Callable, Iterator
from datetime import timedelta

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from sqlalchemy import ColumnElement, FromClause, and_, func, inspect, or_, select, text
from sqlalchemy.orm import aliased

from booking import clock, policy
from booking.db import Base, db
from booking.models import (
    AttendanceMark,
    Booking,
    Enrolment,
    Message,
    Person,
    ScheduledSession,
    Series,
    SessionVersion,
)
from booking.models.kinds import (
    ATTENDED,
    LIVE,
    TAKING,
    Attendance,
    BookingState,
    Channel,
    EnrolmentState,
    MessageKind,
    MessageState,
    PersonStatus,
    Pool,
    SessionState,
)
from booking.queries import waiting
from booking.queries.course_turns import next_turn
from booking.rules.wall_time import instants

# The worker looks around every quarter of a minute; it may have been stopped for a moment.
_LOOKS_AROUND = timedelta(minutes=5)
_UNREACHABLE = (PersonStatus.DIED, PersonStatus.CLOSED, PersonStatus.MERGED)


def problems() -> list[str]:
    """Name everything that is not as it must be: one sentence each, with ids and no names."""
    unmigrated = migrations_behind()
    if unmigrated:
        return [unmigrated]
    return [sentence for examine in _EXAMINATIONS for sentence in examine()]


def migrations_behind() -> str | None:
    """Say that the tables are not those this version works with; None when they are."""
    with db.engine.connect() as connection:
        present = set(MigrationContext.configure(connection).get_current_heads())
    if present == set(_scripts().get_heads()):
        return None
    if present <= known_revisions():
        return "The database is not up to date: run flask db upgrade."
    return "The database was made by a newer version of this service."


def known_revisions() -> set[str]:
    """Return the number of every migration of this version."""
    return {script.revision for script in _scripts().walk_revisions()}


def holds_anything() -> bool:
    """Say whether anybody or anything is kept already; a database without tables holds nothing."""
    present = set(inspect(db.engine).get_table_names())
    kept = (Person, Series)
    return any(
        model.__tablename__ in present and db.session.scalar(select(model.id).limit(1)) is not None
        for model in kept
    )


def dropping() -> str:
    """Return the SQL that removes every view and table there is on PostgreSQL."""
    found = inspect(db.engine)
    quote = db.engine.dialect.identifier_preparer.quote
    views = [f"DROP VIEW IF EXISTS public.{quote(name)} CASCADE;\n" for name in found.get_view_names()]
    tables = [f"DROP TABLE IF EXISTS public.{quote(name)} CASCADE;\n" for name in found.get_table_names()]
    return "".join(views + tables)


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(current_app.extensions["migrate"].migrate.get_config())


def _sound_file() -> Iterator[str]:
    if db.engine.dialect.name != "sqlite":
        return
    for (said,) in db.session.execute(text("PRAGMA integrity_check(5)")):
        if said != "ok":
            yield f"The file is damaged: {said}."


def _orphans() -> Iterator[str]:
    for table in Base.metadata.sorted_tables:
        for key in table.foreign_keys:
            parent = key.column.table.alias("parent")
            lost = ~select(parent.c[key.column.name]).where(parent.c[key.column.name] == key.parent).exists()
            count = _count(table, and_(key.parent.is_not(None), lost))
            if count:
                yield f"{count} rows of {table.name} name a row of {key.column.table.name} that is not there."


def _oversold() -> Iterator[str]:
    for pool in Pool:
        places = ScheduledSession.places_room if pool is Pool.ROOM else ScheduledSession.places_online
        taken = func.sum(Booking.party_size)
        asked = (
            select(ScheduledSession.id, taken, places)
            .join(Booking, Booking.session_id == ScheduledSession.id)
            .where(Booking.pool == pool, Booking.state.in_(TAKING))
            # Somebody who walked in is welcome in a full room.
            .where(Booking.attendance != Attendance.WALKED_IN, places.is_not(None))
            .group_by(ScheduledSession.id, places)
            .having(taken > places)
            .order_by(ScheduledSession.id)
        )
        for session_id, sold, there in db.session.execute(asked):
            yield f"Session {session_id} has {sold} {pool.value} places taken of {there}."


def _booked_twice() -> Iterator[str]:
    asked = (
        select(Booking.session_id, Booking.person_id, func.count())
        .where(Booking.state.in_(LIVE), Booking.person_id.is_not(None))
        .group_by(Booking.session_id, Booking.person_id)
        .having(func.count() > 1)
        .order_by(Booking.session_id, Booking.person_id)
    )
    for session_id, person_id, count in db.session.execute(asked):
        yield f"Person {person_id} has {count} live bookings of session {session_id}."


def _held_for_nobody_new() -> Iterator[str]:
    asked = (
        select(Booking.id, Booking.person_id)
        .join(Booking.person)
        .where(Booking.state == BookingState.HELD, Person.status != PersonStatus.UNPROVEN)
        # The office holds one for a quarter of an hour while it talks with somebody known.
        .where(~policy.held_at_the_desk())
        .order_by(Booking.id)
    )
    for booking_id, person_id in db.session.execute(asked):
        yield f"Booking {booking_id} is held, but person {person_id} has nothing to confirm."


def _places_of_nobody() -> Iterator[str]:
    """Name the places to come of a record that nobody comes with any more."""
    asked = (
        select(Booking.id, Booking.person_id, Person.status)
        .join(Booking.person)
        .join(ScheduledSession, ScheduledSession.id == Booking.session_id)
        .where(
            Person.status.in_(_UNREACHABLE),
            Booking.state.in_(LIVE),
            Booking.attendance.not_in(ATTENDED),
            ScheduledSession.starts_at > clock.now(),
        )
        .order_by(Booking.id)
    )
    for booking_id, person_id, status in db.session.execute(asked):
        yield f"Booking {booking_id} is live, but the record of person {person_id} is {status.value}."


def _live_at_cancelled() -> Iterator[str]:
    asked = (
        select(Booking.id, Booking.session_id)
        .join(ScheduledSession)
        .where(ScheduledSession.state == SessionState.CANCELLED, Booking.state.in_(LIVE))
        .order_by(Booking.id)
    )
    for booking_id, session_id in db.session.execute(asked):
        yield f"Booking {booking_id} is live, but its session {session_id} is cancelled."


def _wrong_offers() -> Iterator[str]:
    """Name the places that are kept for ever, or longer than until their date begins."""
    found = db.session.execute(
        select(Booking.id, Booking.held_until, Booking.session_id)
        .join(ScheduledSession, ScheduledSession.id == Booking.session_id)
        .where(
            Booking.state == BookingState.OFFERED,
            or_(
                and_(Booking.held_until.is_(None), ~_is_called_about()),
                Booking.held_until > ScheduledSession.starts_at,
            ),
        )
        .order_by(Booking.id)
    )
    for booking_id, held_until, session_id in found:
        until = "with no end" if held_until is None else f"beyond the start of session {session_id}"
        yield f"Booking {booking_id} is offered {until}."


def _is_called_about() -> ColumnElement[bool]:
    """Return the condition that no clock runs because the office has to reach her."""
    to_call = (Message.kind == MessageKind.OFFERED) & Message.channel.in_((Channel.CALL, Channel.POST))
    to_call &= Message.state == MessageState.WAITING
    # The letter about a course names one of its weeks.
    other = aliased(Booking)
    with_it = (other.person_id == Booking.person_id) & (other.waits_since == Booking.waits_since)
    asked = select(Message.id).join(other, other.id == Message.booking_id).where(with_it, to_call)
    return Booking.waits_since.is_not(None) & asked.exists()


def _stranded() -> Iterator[str]:
    """Name the dates with a free place that nobody was asked about, now and a while ago.

    What the passing of time makes somebody's is offered by the worker's next look around.
    """
    now = clock.now()
    for session_id in waiting.sessions_to_offer(now):
        if waiting.is_stranded(session_id, now - _LOOKS_AROUND):
            yield f"Session {session_id} has a free place, and somebody who waits was not asked."
    for series_id in waiting.courses_waited_for(now):
        if next_turn(series_id, now) and next_turn(series_id, now - _LOOKS_AROUND):
            yield f"Course {series_id} has room, and somebody who waits for it was not asked."


def _waits_for_nothing() -> Iterator[str]:
    asked = (
        select(Booking.id, Booking.session_id)
        .join(ScheduledSession, ScheduledSession.id == Booking.session_id)
        .where(waiting.waits(), ScheduledSession.starts_at <= clock.now() - _LOOKS_AROUND)
        .order_by(Booking.id)
    )
    for booking_id, session_id in db.session.execute(asked):
        yield f"Booking {booking_id} still waits, but its session {session_id} has begun."


def _wrong_courses() -> Iterator[str]:
    """Name the weeks of a course that belong to somebody else, to another series, or to no live enrolment."""
    found = db.session.execute(
        select(Booking.id, Enrolment.id)
        .join(Enrolment, Enrolment.id == Booking.enrolment_id)
        .join(ScheduledSession, ScheduledSession.id == Booking.session_id)
        .where(
            Booking.state.in_(LIVE),
            or_(
                Booking.person_id != Enrolment.person_id,
                ScheduledSession.series_id != Enrolment.series_id,
                and_(Enrolment.state == EnrolmentState.LEFT, ScheduledSession.starts_at > Enrolment.state_at),
            ),
        )
        .order_by(Booking.id)
    )
    for booking_id, enrolment_id in found:
        yield f"Booking {booking_id} is no week of enrolment {enrolment_id}."


def _wrong_instants() -> Iterator[str]:
    kept = ScheduledSession
    asked = select(
        kept.id, kept.local_date, kept.start_time, kept.end_time, kept.zone, kept.starts_at, kept.ends_at
    ).order_by(kept.id)
    for session_id, day, start, end, zone, starts_at, ends_at in db.session.execute(asked):
        if instants(day, start, end, zone) != (starts_at, ends_at):
            yield f"Session {session_id} starts or ends at another instant than its wall time says."


def _missing_versions() -> Iterator[str]:
    asked = (
        select(ScheduledSession.id, ScheduledSession.schedule_version, func.count(SessionVersion.id))
        .outerjoin(SessionVersion, SessionVersion.session_id == ScheduledSession.id)
        .group_by(ScheduledSession.id, ScheduledSession.schedule_version)
        .having(func.count(SessionVersion.id) != ScheduledSession.schedule_version)
        .order_by(ScheduledSession.id)
    )
    for session_id, reached, kept in db.session.execute(asked):
        yield f"Session {session_id} is at version {reached}, but {kept} versions of it are kept."


def _wrong_marks() -> Iterator[str]:
    latest = select(func.max(AttendanceMark.id)).group_by(AttendanceMark.booking_id)
    asked = (
        select(Booking.id)
        .join(AttendanceMark, AttendanceMark.booking_id == Booking.id)
        .where(AttendanceMark.id.in_(latest), AttendanceMark.attendance != Booking.attendance)
        .order_by(Booking.id)
    )
    for booking_id in db.session.scalars(asked):
        yield f"Booking {booking_id} says something else than its latest mark on the register."


def _wrong_messages() -> Iterator[str]:
    """Ask of each message what would lose it, send it twice, or send it to somebody who must have none."""
    sent, sending = Message.state == MessageState.SENT, Message.state == MessageState.SENDING
    wrong: tuple[tuple[str, ColumnElement[bool]], ...] = (
        ("has no key", func.trim(Message.dedupe_key) == ""),
        ("has no Message-ID", func.trim(Message.message_id) == ""),
        ("was sent, but nobody noted when", and_(sent, Message.sent_at.is_(None))),
        ("is being sent by nobody", and_(sending, Message.leased_until.is_(None))),
        ("goes by email to no address", and_(_on_the_way(), _by_email(), Message.recipient.is_(None))),
        ("waits for somebody who must not be written to", and_(_on_the_way(), _to_nobody())),
    )
    for words, condition in wrong:
        for message_id in db.session.scalars(select(Message.id).where(condition).order_by(Message.id)):
            yield f"Message {message_id} {words}."


def _on_the_way() -> ColumnElement[bool]:
    return Message.state.in_((MessageState.WAITING, MessageState.SENDING))


def _by_email() -> ColumnElement[bool]:
    return Message.channel == Channel.EMAIL


def _to_nobody() -> ColumnElement[bool]:
    return Message.person_id.in_(select(Person.id).where(Person.status.in_(_UNREACHABLE)))


def _same_messages() -> Iterator[str]:
    for name, column in (("keys", Message.dedupe_key), ("Message-IDs", Message.message_id)):
        twice = db.session.scalars(select(column).group_by(column).having(func.count() > 1)).all()
        if twice:
            yield f"{len(twice)} {name} stand at several messages."


def _count(table: FromClause, condition: ColumnElement[bool]) -> int:
    return db.session.scalar(select(func.count()).select_from(table).where(condition)) or 0


_EXAMINATIONS: tuple[Callable[[], Iterator[str]], ...] = (
    _sound_file,
    _orphans,
    _oversold,
    _booked_twice,
    _held_for_nobody_new,
    _places_of_nobody,
    _live_at_cancelled,
    _wrong_offers,
    _stranded,
    _waits_for_nothing,
    _wrong_courses,
    _wrong_instants,
    _missing_versions,
    _wrong_marks,
    _wrong_messages,
    _same_messages,
)
