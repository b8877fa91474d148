"""Who waits for a course as a whole, and for whom every week to come has room; looking writes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from booking.db import db
from booking.models import Booking, Person, ScheduledSession
from booking.models.kinds import LIVE, TAKING, BookingState, SessionState
from booking.queries.places import Room, is_left_to_waiting
from booking.queries.waiting import is_for_her, may_be_asked
from booking.rules import waiting as rules
from booking.rules.courses import week_to_join_in


@dataclass(frozen=True)
class Turn:
    """Somebody for whom every week to come has room now, and until when they are kept.

    `first` is the booking by which she stands in the queue, `waits` are her bookings at those weeks, and
    `lacks` weeks at which she has none yet, added since.
    """

    person: Person
    first: Booking
    waits: tuple[Booking, ...]
    lacks: tuple[ScheduledSession, ...]
    read_at: datetime
    until: datetime


def next_turn(series_id: int, now: datetime) -> Turn | None:
    """Return who is to be asked about a whole course next."""
    turns = turns_of(series_id)
    weeks = _weeks_to_take(series_id, now) if turns else ()
    if not weeks:
        return None
    # She who let the whole of it go rests with all her weeks.
    awake = (turn for turn in turns if not any(booking.rests for booking in turn))
    return next((found for turn in awake if (found := _asked(turn, weeks, now)) is not None), None)


def turns_of(series_id: int) -> list[list[Booking]]:
    """Return those who wait for a whole course, rested ones too, each with her weeks, first come first.

    Where no week is booked by itself, whoever waits for the last one waits for the whole, too.
    """
    rank = func.coalesce(Booking.queue_at, Booking.created_at)
    rows = db.session.scalars(
        select(Booking)
        .join(Booking.session)
        .where(ScheduledSession.series_id == series_id, Booking.state == BookingState.WAITING)
        .where(Booking.waits_since.is_not(None), Booking.person_id.is_not(None))
        .options(joinedload(Booking.person), joinedload(Booking.session).joinedload(ScheduledSession.series))
        .order_by(rank, ScheduledSession.starts_at, Booking.id)
        .execution_options(populate_existing=True)
    ).all()
    turns: dict[tuple[int | None, datetime | None], list[Booking]] = {}
    for row in rows:
        turns.setdefault((row.person_id, row.waits_since), []).append(row)
    is_whole = rows and not rows[0].session.series.single_dates
    return [turn for turn in turns.values() if is_whole or len(turn) > 1]


def _weeks_to_take(series_id: int, now: datetime) -> Sequence[ScheduledSession]:
    """Return the weeks that somebody who joins now would have; none where it is over or too late."""
    weeks = db.session.scalars(
        select(ScheduledSession)
        .where(ScheduledSession.series_id == series_id, ScheduledSession.state == SessionState.PUBLISHED)
        .options(joinedload(ScheduledSession.series))
        .order_by(ScheduledSession.starts_at, ScheduledSession.id)
        .execution_options(populate_existing=True)
    ).all()
    if not weeks:
        return ()
    series = weeks[0].series
    first = week_to_join_in([week.starts_at for week in weeks], series.closes_minutes_before, now)
    return () if first is None or first > series.join_until_week else weeks[first - 1 :]


def _asked(turn: list[Booking], weeks: Sequence[ScheduledSession], now: datetime) -> Turn | None:
    person = turn[0].person
    if person is None or not may_be_asked(person, now) or not is_for_her(person, weeks[0].series):
        return None
    read_at = rules.readable_at(now, weeks[0].starts_at)
    until = rules.offered_until(read_at, weeks[0].starts_at, person.notice_hours)
    hers = _live_of(person.id, weeks)
    # A week at which she has a place already needs none.
    wanted = [week for week in weeks if week.id not in hers or hers[week.id].state not in TAKING]
    if until is None:
        return None
    if not all(_has_room(turn[0], person.id, week, hers.get(week.id), now) for week in wanted):
        return None
    waits = tuple(hers[week.id] for week in wanted if week.id in hers)
    lacks = tuple(week for week in wanted if week.id not in hers)
    return Turn(person, turn[0], waits, lacks, read_at, until) if waits else None


def _has_room(
    first: Booking, person_id: int, week: ScheduledSession, hers: Booking | None, now: datetime
) -> bool:
    """Say whether she could have a week; what is left to others, who were told of it late, is not hers."""
    pool = first.pool
    room = Room(week, pool, now) if pool in week.pools else None
    many = hers.party_size if hers is not None else first.party_size
    if room is None or not room.fits(person_id, many):
        return False
    was_told = hers is not None and hers.held_until is not None
    return was_told or room.left is None or not is_left_to_waiting(week.id, pool, room.left)


def _live_of(person_id: int, weeks: Sequence[ScheduledSession]) -> dict[int, Booking]:
    found = db.session.scalars(
        select(Booking)
        .where(Booking.person_id == person_id, Booking.session_id.in_([week.id for week in weeks]))
        .where(Booking.state.in_(LIVE))
        .order_by(Booking.id)
    )
    return {booking.session_id: booking for booking in found}
