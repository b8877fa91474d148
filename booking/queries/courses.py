"""Courses: who is on one, her weeks, and what somebody checks before she joins."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import aliased, joinedload

from booking import policy
from booking.db import db
from booking.models import Booking, Enrolment, Message, ScheduledSession, Series
from booking.models.kinds import (
    LIVE,
    TAKING,
    BookingState,
    EnrolmentState,
    MessageKind,
    MessageState,
    Pool,
    SessionState,
)
from booking.queries import newcomers
from booking.queries.bookings import MyBooking, names_of_leaders
from booking.refusals import NotFound
from booking.rules.courses import week_to_join_in


@dataclass(frozen=True, slots=True)
class CourseWeek:
    """One date of a course. `number` counts the dates that take place; 0 for one that does not.

    `free` is what who looks may take, `left` what nobody has yet, `for_all` that without what is kept for
    newcomers.
    Units: per pool, None = no limit.
    """

    session: ScheduledSession
    number: int
    free: Mapping[Pool, int | None]
    left: Mapping[Pool, int | None]
    for_all: Mapping[Pool, int | None]
    mine: Booking | None = None

    @property
    def is_on(self) -> bool:
        """Say whether this date takes place."""
        return self.session.state is SessionState.PUBLISHED

    @property
    def is_mine(self) -> bool:
        """Say whether she has a place on it already."""
        return self.mine is not None and self.mine.state in TAKING


@dataclass(frozen=True, slots=True)
class CoursePage:
    """A course with every date, and what somebody who joins now would have."""

    series: Series
    weeks: tuple[CourseWeek, ...]
    # The weeks she would have, none when it is over or too late to join.
    to_take: tuple[CourseWeek, ...]
    led_by: tuple[str, ...]
    enrolment: Enrolment | None
    seen_enrolment_id: int

    @property
    def free(self) -> dict[Pool, int | None]:
        """Return the places left on the whole course: those of its fullest week. Units: None = no limit."""
        return self._least([week.free for week in self._others])

    @property
    def pools(self) -> tuple[Pool, ...]:
        """Return the pools that every week to take has."""
        return tuple(
            pool for pool in Pool if self.to_take and all(pool in w.session.pools for w in self.to_take)
        )

    @property
    def is_full(self) -> bool:
        """Say whether no pool has a place on every week."""
        return _is_none_left(self.free)

    @property
    def is_kept_from_her(self) -> bool:
        """Say whether there are places on every week, and newcomers come first."""
        return self.is_full and not _is_none_left(self._least([week.left for week in self._others]))

    @property
    def only_newcomers(self) -> bool:
        """Say whether every place on the whole course is kept for people who come for the first time."""
        left = self._least([week.left for week in self._others])
        for_all = self._least([week.for_all for week in self._others])
        return _is_none_left(for_all) and not _is_none_left(left)

    @property
    def _others(self) -> list[CourseWeek]:
        """Return the weeks on which she needs a place: a single week of hers becomes part of the course."""
        return [week for week in self.to_take if not week.is_mine]

    def _least(self, weeks: Sequence[Mapping[Pool, int | None]]) -> dict[Pool, int | None]:
        found: dict[Pool, int | None] = {}
        for pool in self.pools:
            limited = [number for week in weeks if (number := week.get(pool, 0)) is not None]
            found[pool] = min(limited) if limited else None
        return found

    @property
    def taking_place(self) -> tuple[CourseWeek, ...]:
        """Return the dates that take place."""
        return tuple(week for week in self.weeks if week.is_on)

    @property
    def joinable_until(self) -> CourseWeek | None:
        """Return the last week in which somebody may still join."""
        on = self.taking_place
        return on[min(self.series.join_until_week, len(on)) - 1] if on else None


def latest_enrolment(series_id: int, person_id: int) -> Enrolment | None:
    """Return a person's enrolment on a course: the one that stands, else the newest."""
    return db.session.scalar(
        select(Enrolment)
        .where(Enrolment.series_id == series_id, Enrolment.person_id == person_id)
        .order_by((Enrolment.state == EnrolmentState.ENROLLED).desc(), Enrolment.id.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    )


def course(series_id: int, person_id: int | None, is_facilitator: bool, now: datetime) -> CoursePage:
    """Return a course with its dates and, for somebody known, her weeks.

    Refuses: what is no course, a draft, and what is hidden from her.
    """
    series = db.session.scalar(
        select(Series)
        .where(Series.id == series_id, policy.series_seen_by(is_facilitator))
        .options(joinedload(Series.programme), joinedload(Series.venue))
    )
    if series is None or not series.is_course:
        raise NotFound
    weeks = weeks_of_course(series_id, person_id, now)
    latest = latest_enrolment(series_id, person_id) if person_id is not None else None
    to_take = _to_take(series, weeks, now)
    shown = [week for week in weeks if week.session.ends_at > now] or weeks
    leaders = names_of_leaders([shown[0].session.id]) if shown else {}
    return CoursePage(
        series=series,
        weeks=tuple(weeks),
        to_take=to_take,
        led_by=next(iter(leaders.values()), ()),
        enrolment=latest if latest is not None and latest.state is EnrolmentState.ENROLLED else None,
        seen_enrolment_id=latest.id if latest is not None else 0,
    )


def weeks_of_course(series_id: int, person_id: int | None, now: datetime) -> list[CourseWeek]:
    """Return the dates of a course in order, with what somebody known has of each."""
    sessions = db.session.scalars(
        select(ScheduledSession)
        .where(ScheduledSession.series_id == series_id, policy.session_is_shown())
        .options(joinedload(ScheduledSession.venue), joinedload(ScheduledSession.series))
        .order_by(ScheduledSession.starts_at, ScheduledSession.id)
    ).all()
    left, hers, number = _left_on(sessions), _hers(sessions, person_id), 0
    kept = newcomers.kept_of_course(sessions, now)
    comes_last = bool(kept) and person_id is not None and newcomers.has_come(person_id)
    found = []
    for one in sessions:
        is_on = one.state is SessionState.PUBLISHED
        number += is_on
        for_all = _but(kept.get(one.id, 0), one, left[one.id])
        free = for_all if comes_last else left[one.id]
        found.append(CourseWeek(one, number if is_on else 0, free, left[one.id], for_all, hers.get(one.id)))
    return found


def overlapping(weeks: Sequence[CourseWeek], person_id: int) -> list[MyBooking]:
    """Return her other places that overlap with one of these weeks."""
    if not weeks:
        return []
    ids = [week.session.id for week in weeks]
    week = aliased(ScheduledSession)
    rows = db.session.scalars(
        select(Booking)
        .join(Booking.session)
        .join(
            week,
            (week.id.in_(ids))
            & (ScheduledSession.starts_at < week.ends_at)
            & (ScheduledSession.ends_at > week.starts_at),
        )
        .where(
            policy.is_hers(person_id),
            Booking.state.in_(LIVE),
            ScheduledSession.id.not_in(ids),
            ScheduledSession.state == SessionState.PUBLISHED,
        )
        .options(joinedload(Booking.session).joinedload(ScheduledSession.series))
        .order_by(ScheduledSession.starts_at, Booking.id)
    ).unique()
    return [MyBooking(row, row.session, ()) for row in rows]


def others_with_room(
    page: CoursePage, is_facilitator: bool, now: datetime, most: int = 2
) -> list[CoursePage]:
    """Return the nearest other courses of the programme that can be joined and have room."""
    ids = db.session.scalars(
        select(Series.id)
        .join(ScheduledSession, ScheduledSession.series_id == Series.id)
        .where(
            Series.programme_id == page.series.programme_id,
            Series.id != page.series.id,
            Series.enrol == page.series.enrol,
            ScheduledSession.starts_at > now,
            ScheduledSession.state == SessionState.PUBLISHED,
            policy.series_seen_by(is_facilitator),
        )
        .group_by(Series.id)
        .order_by(func.min(ScheduledSession.starts_at), Series.id)
        .limit(8)
    ).all()
    found = (course(series_id, None, is_facilitator, now) for series_id in ids)
    return [other for other in found if other.to_take and not other.is_full][:most]


def usual_pool(enrolment_id: int) -> Pool | None:
    """Return how she joins most weeks of a course."""
    return db.session.scalar(
        select(Booking.pool)
        .where(Booking.enrolment_id == enrolment_id)
        .group_by(Booking.pool)
        .order_by(func.count().desc(), Booking.pool)
        .limit(1)
    )


def _to_take(series: Series, weeks: Sequence[CourseWeek], now: datetime) -> tuple[CourseWeek, ...]:
    on = [week for week in weeks if week.is_on]
    starts = [week.session.starts_at for week in on]
    first = week_to_join_in(starts, series.closes_minutes_before, now)
    if first is None or first > series.join_until_week:
        return ()
    return tuple(on[first - 1 :])


def _left_on(sessions: Sequence[ScheduledSession]) -> dict[int, dict[Pool, int | None]]:
    rows = db.session.execute(
        select(Booking.session_id, Booking.pool, func.sum(Booking.party_size))
        .where(Booking.session_id.in_([one.id for one in sessions]), Booking.state.in_(TAKING))
        .group_by(Booking.session_id, Booking.pool)
    )
    taken = {(session_id, pool): int(places) for session_id, pool, places in rows}
    told = _told_late(sessions)
    # A week may have no places at all, and still stands in the list.
    found: dict[int, dict[Pool, int | None]] = {one.id: {} for one in sessions}
    for one in sessions:
        for pool in one.pools:
            left, least = _left(one, pool, taken), told.get((one.id, pool))
            is_theirs = least is not None and left is not None and left >= least
            found[one.id][pool] = 0 if is_theirs else left
    return found


def _told_late(sessions: Sequence[ScheduledSession]) -> dict[tuple[int, Pool], int]:
    """Return the smallest party in each pool that was told late, to which its free places are left."""
    rows = db.session.execute(
        select(Booking.session_id, Booking.pool, func.min(Booking.party_size))
        .where(
            Booking.session_id.in_([one.id for one in sessions]),
            Booking.state == BookingState.WAITING,
            Booking.held_until.is_not(None),
        )
        .group_by(Booking.session_id, Booking.pool)
    )
    return {(session_id, pool): int(least) for session_id, pool, least in rows}


def _but(kept: int, one: ScheduledSession, left: Mapping[Pool, int | None]) -> dict[Pool, int | None]:
    """Take the places kept for newcomers off."""
    of = policy.newcomers_pool(one)
    return {
        pool: max(0, number - kept) if number is not None and pool is of else number
        for pool, number in left.items()
    }


def _is_none_left(free: Mapping[Pool, int | None]) -> bool:
    return all(number == 0 for number in free.values())


def _left(one: ScheduledSession, pool: Pool, taken: Mapping[tuple[int, Pool], int]) -> int | None:
    places = one.places(pool)
    return None if places is None else max(0, places - taken.get((one.id, pool), 0))


def _hers(sessions: Sequence[ScheduledSession], person_id: int | None) -> dict[int, Booking]:
    """Return her booking of each date: the live one, else the newest."""
    if person_id is None:
        return {}
    rows = db.session.scalars(
        select(Booking)
        .where(Booking.session_id.in_([one.id for one in sessions]), policy.is_hers(person_id))
        .order_by(Booking.state.in_(LIVE), Booking.id)
    )
    return {row.session_id: row for row in rows}


def weeks_of(enrolment_id: int) -> Sequence[Booking]:
    """Return every booking of an enrolment with its session as it is now, in the order of the dates."""
    session = joinedload(Booking.session)
    return db.session.scalars(
        select(Booking)
        .join(Booking.session)
        .where(Booking.enrolment_id == enrolment_id)
        .options(
            session.joinedload(ScheduledSession.series).joinedload(Series.programme),
            session.joinedload(ScheduledSession.venue),
            joinedload(Booking.person),
        )
        .order_by(ScheduledSession.starts_at, Booking.id)
        .execution_options(populate_existing=True)
    ).all()


def starts_her_course() -> ColumnElement[bool]:
    """Return the condition, over booking and session, that this week is the first of hers on a course.

    Not one that became the first because she skipped the week she was told of.
    """
    earlier, its_session = aliased(Booking), aliased(ScheduledSession)
    an_earlier_week = (
        exists()
        .where(
            earlier.enrolment_id == Booking.enrolment_id,
            earlier.session_id == its_session.id,
            earlier.state == BookingState.BOOKED,
            its_session.state == SessionState.PUBLISHED,
            its_session.starts_at < ScheduledSession.starts_at,
        )
        .correlate(Booking, ScheduledSession)
    )
    on_it = (
        exists()
        .where(Enrolment.id == Booking.enrolment_id, Enrolment.state == EnrolmentState.ENROLLED)
        .correlate(Booking)
    )
    other = aliased(Booking)
    told_of_another = (
        exists()
        .where(
            Message.booking_id == other.id,
            other.enrolment_id == Booking.enrolment_id,
            other.id != Booking.id,
            Message.kind == MessageKind.COURSE_STARTS,
            Message.state != MessageState.WITHDRAWN,
        )
        .correlate(Booking)
    )
    return on_it & ~an_earlier_week & ~told_of_another
