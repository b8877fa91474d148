"""Courses inside the caller's transaction: their weeks, whether they can be joined, and taking every week."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from booking import policy
from booking.db import db
from booking.messages import outbox
from booking.models import Booking, Enrolment, Person, ScheduledSession
from booking.models.kinds import LIVE, BookingState, EnrolmentState, MessageKind, Pool, SessionState
from booking.queries import newcomers
from booking.refusals import (
    BookingClosed,
    CourseFull,
    KeptForNewcomers,
    NoSuchPool,
    SessionFull,
    TooLateToJoin,
)
from booking.rules.courses import week_to_join_in
from booking.rules.tokens import new_nonce
from booking.rules.wall_time import to_local
from booking.rules.words import day_words
from booking.services.steps import taking, welcoming
from booking.services.steps.places import free_places, free_places_for, places_left_for

# What booking the course makes a place of hers; a provisional one waits for the office's word, as before.
_BECOMES_HERS = (BookingState.WAITING, BookingState.OFFERED, BookingState.HELD)


def coming_ids(series_id: int, now: datetime) -> Sequence[int]:
    """Return the ids of the dates of a series that have not begun, cancelled ones too."""
    return db.session.scalars(
        select(ScheduledSession.id)
        .where(ScheduledSession.series_id == series_id, ScheduledSession.starts_at > now)
        .order_by(ScheduledSession.id)
    ).all()


def weeks_of_series(series_id: int) -> Sequence[ScheduledSession]:
    """Return the dates of a course that take place, with their series as they are now."""
    return db.session.scalars(
        select(ScheduledSession)
        .where(ScheduledSession.series_id == series_id, ScheduledSession.state == SessionState.PUBLISHED)
        .options(joinedload(ScheduledSession.series))
        .order_by(ScheduledSession.starts_at, ScheduledSession.id)
        .execution_options(populate_existing=True)
    ).all()


def weeks_to_take(
    weeks: Sequence[ScheduledSession], now: datetime, *, is_kept: bool = False
) -> Sequence[ScheduledSession]:
    """Return the weeks that somebody who joins now would have; what `is_kept` for her stands until the start.

    Refuses: a course that is over, and one in which more weeks have begun than people may miss.
    """
    if not weeks:
        raise BookingClosed
    series = weeks[0].series
    starts = [week.starts_at for week in weeks]
    first = week_to_join_in(starts, 0 if is_kept else series.closes_minutes_before, now)
    if first is None:
        raise BookingClosed
    if first > series.join_until_week:
        raise TooLateToJoin
    return weeks[first - 1 :]


def enrol(
    person: Person, weeks: Sequence[ScheduledSession], pool: Pool, actor_id: int, now: datetime
) -> tuple[Enrolment, list[Booking]]:
    """Put somebody on a course with a place on each of these weeks; a single place of hers becomes part.

    The caller holds the locks of the person and the weeks.
    Refuses: a pool that a week does not have, and a course of which one week is full or has only places
    kept for newcomers.
    """
    hers = {booking.session_id: booking for booking in _live_of(person.id, weeks)}
    for week in weeks:
        if pool not in week.pools:
            raise NoSuchPool
        booking = hers.get(week.id)
        many = booking.party_size if booking is not None else 1
        free = _free_for(person.id, week, pool, booking, now)
        if free is not None and free < many:
            raise no_place(week, pool, CourseFull(), many)
    enrolment = _enrolment(person.id, weeks[0].series_id, actor_id, now)
    booked = []
    state = welcoming.first_state(person.id, weeks[0])
    for week in weeks:
        booking = hers.get(week.id)
        if booking is None:
            booking = taking.take(person.id, week, pool, actor_id, now, state=state)
        elif booking.state in _BECOMES_HERS:
            booking.pool = booking.pool if _has_place(booking) else pool
            booking.state, booking.state_at, booking.held_until = state, now, None
        booking.enrolment_id = enrolment.id
        booked.append(booking)
    db.session.flush()
    return enrolment, booked


def _enrolment(person_id: int, series_id: int, actor_id: int, now: datetime) -> Enrolment:
    """Return the enrolment of somebody who skipped every week and comes after all, else a new one."""
    standing = taking.live_enrolment_id(series_id, person_id)
    if standing is not None:
        return db.session.get_one(Enrolment, standing)
    enrolment = Enrolment(
        series_id=series_id,
        person_id=person_id,
        created_at=now,
        state_at=now,
        made_by=actor_id,
        nonce=new_nonce(),
    )
    db.session.add(enrolment)
    db.session.flush()
    return enrolment


def _free_for(
    person_id: int, week: ScheduledSession, pool: Pool, booking: Booking | None, now: datetime
) -> int | None:
    """Count what this week has for her; a place that is left to those told of it is left to her, too."""
    if _has_place(booking):
        return None
    told = booking is not None and booking.pool is pool and booking.held_until is not None
    return (places_left_for if told else free_places_for)(person_id, week, pool, now)


def has_opened(weeks: Sequence[ScheduledSession], now: datetime) -> bool:
    """Say whether booking of a course has opened, which it does once: by its first week."""
    return bool(weeks) and policy.has_opened(weeks[0], now)


def no_place(week: ScheduledSession, pool: Pool, full: SessionFull, many: int = 1) -> SessionFull:
    """Return why she gets no place that week: it is full, or its last places are kept for newcomers."""
    free = free_places(week, pool)
    if free is not None and free < many:
        return full
    return KeptForNewcomers(day_words(to_local(newcomers.until(week)).date()))


def end(enrolment: Enrolment, now: datetime) -> None:
    """Let an enrolment end; what becomes of its weeks is the caller's, who holds the person's lock."""
    enrolment.state, enrolment.state_at = EnrolmentState.LEFT, now


def live_enrolments(person_ids: Iterable[int]) -> Sequence[Enrolment]:
    """Return the courses that these people are on."""
    return db.session.scalars(
        select(Enrolment)
        .where(Enrolment.person_id.in_(list(person_ids)), Enrolment.state == EnrolmentState.ENROLLED)
        .order_by(Enrolment.id)
    ).all()


def say(kind: MessageKind, enrolment: Enrolment, about: Booking, person: Person, now: datetime) -> None:
    """Lay the one letter about a course; it speaks of all the weeks, and names one of them.

    Whoever skipped every week and takes them again has another letter.
    """
    again = kind is MessageKind.COURSE_BOOKED and enrolment.created_at != now
    outbox.post(
        kind,
        person=person,
        booking=about,
        now=now,
        key=f"enrolment:{enrolment.id}:{kind.value}" + (f":{about.id}" if again else ""),
        schedule_version=about.told_version,
    )


def _live_of(person_id: int, weeks: Sequence[ScheduledSession]) -> Sequence[Booking]:
    return db.session.scalars(
        select(Booking)
        .where(
            Booking.person_id == person_id,
            Booking.session_id.in_([week.id for week in weeks]),
            Booking.state.in_(LIVE),
        )
        .order_by(Booking.id)
        .execution_options(populate_existing=True)
    ).all()


def _has_place(booking: Booking | None) -> bool:
    return booking is not None and booking.state is not BookingState.WAITING
