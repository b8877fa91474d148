"""A person's own bookings, and what stands behind the links in her letters."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, exists, func, select
from sqlalchemy.orm import aliased, joinedload

from booking import policy
from booking.db import db
from booking.models import Booking, Person, ScheduledSession, Series, SessionFacilitator
from booking.models.kinds import LIVE, TAKING, BookingState, Pool, SessionState
from booking.queries import newcomers
from booking.refusals import LinkNoLongerWorks, NotFound
from booking.rules.tokens import make_token, row_id_of, token_fits
from booking.settings import settings

JOIN_OPENS = timedelta(minutes=15)


# Whoever still waited when a date began had no place there.
_WERE_PLACES = (BookingState.BOOKED, BookingState.PROVISIONAL, BookingState.HELD)


@dataclass(frozen=True)
class MyBooking:
    """One booking of hers with its session and the names of those who lead it."""

    booking: Booking
    session: ScheduledSession
    led_by: tuple[str, ...]


@dataclass(frozen=True)
class MySessions:
    """What "My sessions" shows: what comes, next first, and what was lately."""

    coming: tuple[MyBooking, ...]
    lately: tuple[MyBooking, ...]


@dataclass(frozen=True)
class PlaceChoice:
    """What the page that checks a booking needs to know."""

    session: ScheduledSession
    led_by: tuple[str, ...]
    free: dict[Pool, int | None]
    # Her live booking, and the id of her latest one of this session (0 for none).
    mine: Booking | None
    seen_booking_id: int
    overlapping: tuple[MyBooking, ...]


def my_sessions(person_id: int, now: datetime) -> MySessions:
    """Return her bookings that still matter, and cancelled dates until their day has passed."""
    shown = (*LIVE, BookingState.CANCELLED)
    rows = db.session.scalars(
        _with_session()
        .where(
            policy.is_hers(person_id),
            Booking.state.in_(shown),
            ScheduledSession.ends_at > now - timedelta(days=60),
        )
        .order_by(ScheduledSession.starts_at, Booking.id)
    ).all()
    named = _with_names(rows)
    coming = [row for row in named if row.session.ends_at > now and _still_shown(row.booking, rows)]
    lately = [row for row in named if row.session.ends_at <= now and row.booking.state in _WERE_PLACES]
    return MySessions(tuple(coming), tuple(reversed(lately)))


def mine(booking_id: int, person_id: int) -> MyBooking:
    """Return one booking of hers. Refuses: what is not hers, like what does not exist."""
    booking = db.session.scalar(_with_session().where(Booking.id == booking_id, policy.is_hers(person_id)))
    if booking is None:
        raise NotFound
    return _with_names([booking])[0]


def booked_once(person_id: int) -> bool:
    """Say whether her first booking is her only one so far."""
    made = select(func.count()).select_from(Booking).where(policy.is_hers(person_id))
    return db.session.scalar(made) == 1


def place_choice(session_id: int, person_id: int | None, is_facilitator: bool, now: datetime) -> PlaceChoice:
    """Return what she checks before booking; a stranger has no bookings yet, and counts as a newcomer.

    Refuses: a session that is not shown to her.
    """
    scheduled = db.session.scalar(
        select(ScheduledSession)
        .join(ScheduledSession.series)
        .where(
            ScheduledSession.id == session_id,
            policy.session_is_shown(),
            policy.series_seen_by(is_facilitator),
        )
        .options(
            joinedload(ScheduledSession.series).joinedload(Series.programme),
            joinedload(ScheduledSession.venue),
        )
    )
    if scheduled is None:
        raise NotFound
    latest = _latest(session_id, person_id) if person_id is not None else None
    return PlaceChoice(
        session=scheduled,
        led_by=names_of_leaders([session_id]).get(session_id, ()),
        free=_free_for(person_id, scheduled, now),
        mine=latest if latest is not None and latest.is_live else None,
        seen_booking_id=latest.id if latest is not None else 0,
        overlapping=_overlapping(scheduled, person_id) if person_id is not None else (),
    )


def _latest(session_id: int, person_id: int) -> Booking | None:
    return db.session.scalar(
        select(Booking)
        .where(Booking.session_id == session_id, policy.is_hers(person_id))
        .order_by(Booking.state.in_(LIVE).desc(), Booking.id.desc())
        .limit(1)
    )


def free_by_pool(scheduled: ScheduledSession) -> dict[Pool, int | None]:
    """Count the places of each pool that somebody who does not wait may take. Units: None = no limit."""
    rows = db.session.execute(
        select(Booking.pool, func.sum(Booking.party_size))
        .where(Booking.session_id == scheduled.id, Booking.state.in_(TAKING))
        .group_by(Booking.pool)
    ).all()
    taken = {pool: int(places) for pool, places in rows}
    free: dict[Pool, int | None] = {}
    for pool in scheduled.pools:
        places = scheduled.places(pool)
        free[pool] = None if places is None else max(0, places - taken.get(pool, 0))
        if free[pool] and db.session.scalar(select(left_to_waiting(scheduled.id, pool))):
            free[pool] = 0
    return free


def left_to_waiting(session_id: Any, pool: Pool) -> ColumnElement[bool]:
    """Return the condition that what is free of a pool is left to those who were told of it late.

    It says what `queries.places.is_left_to_waiting` decides by: what a page shows can be booked.
    """
    told, other, there = aliased(Booking), aliased(Booking), aliased(ScheduledSession)
    taken = (
        select(func.coalesce(func.sum(other.party_size), 0))
        .where(other.session_id == told.session_id, other.pool == pool, other.state.in_(TAKING))
        .correlate(told)
        .scalar_subquery()
    )
    places = there.places_room if pool is Pool.ROOM else there.places_online
    return exists().where(
        told.session_id == session_id,
        told.pool == pool,
        told.state == BookingState.WAITING,
        told.held_until.is_not(None),
        there.id == told.session_id,
        places.is_(None) | (told.party_size + taken <= places),
    )


def _free_for(person_id: int | None, scheduled: ScheduledSession, now: datetime) -> dict[Pool, int | None]:
    """Leave out the places kept for newcomers, unless she is one."""
    free = free_by_pool(scheduled)
    pool = policy.newcomers_pool(scheduled)
    left = free.get(pool)
    if left and person_id is not None:
        kept = newcomers.kept_places(scheduled, pool, now)
        free[pool] = max(0, left - kept) if kept and newcomers.has_come(person_id) else left
    return free


# Offers that ran out: of one from a waiting list she waits again.
_ONCE_MORE = (BookingState.EXPIRED, BookingState.WAITING)


def is_kept(offered: Booking, now: datetime) -> bool:
    """Say whether a place still waits for her answer: by the clock, whether or not it was freed since."""
    if offered.state is not BookingState.OFFERED:
        return False
    # An offer from a waiting list has no clock while the office has not reached her.
    waits_for_call = offered.held_until is None and offered.is_from_queue
    return waits_for_call or (offered.held_until is not None and now < offered.held_until)


def may_still_be_hers(row: MyBooking, now: datetime) -> bool:
    """Say whether a yes could still make a place hers: it was not given away, or there is another."""
    if row.booking.state is BookingState.OFFERED:
        return True
    if row.booking.state not in _ONCE_MORE or not policy.booking_is_open(row.session, now):
        return False
    if row.booking.state is BookingState.WAITING and row.booking.held_until is not None:
        # She was told late, and what is free is left to her and the others who were.
        return True
    free = _free_for(row.booking.person_id, row.session, now).get(row.booking.pool, 0)
    return free is None or free >= row.booking.party_size


def names_of_leaders(session_ids: list[int]) -> dict[int, tuple[str, ...]]:
    """Return the names that the hosts or tutors of these sessions like to be called, in one query.

    Nobody is named who died, left or gave the role back.
    """
    rows = db.session.execute(_LEADERS, {"session_ids": session_ids}).all()
    names: dict[int, tuple[str, ...]] = {}
    for session_id, known_as in rows:
        names[session_id] = (*names.get(session_id, ()), known_as)
    return names


# Built once: the public list asks this for every page, and building it costs more than asking it.
_LEADERS = (
    select(SessionFacilitator.session_id, Person.known_as)
    .join(SessionFacilitator.person)
    .where(SessionFacilitator.session_id.in_(bindparam("session_ids", expanding=True)), policy.still_leads())
    .order_by(SessionFacilitator.session_id, SessionFacilitator.id)
)


def by_token(token: str, purpose: str) -> MyBooking:
    """Return the booking a link in a letter stands for. Refuses: every token that does not fit, alike."""
    row_id = row_id_of(token)
    booking = db.session.scalar(_with_session().where(Booking.id == row_id)) if row_id is not None else None
    if booking is None or not token_fits(settings().secret_keys, purpose, booking.id, booking.nonce, token):
        raise LinkNoLongerWorks
    if booking.person is None or not policy.may_sign_in(booking.person.status):
        raise LinkNoLongerWorks
    return _with_names([booking])[0]


def may_join(mine: MyBooking) -> bool:
    """Say whether a booking still leads into its meeting at all: dead the moment it ends."""
    booking, scheduled = mine.booking, mine.session
    return (
        booking.state is BookingState.BOOKED
        and scheduled.state is SessionState.PUBLISHED
        and booking.pool is Pool.ONLINE
    )


def join_is_open(scheduled: ScheduledSession, now: datetime) -> bool:
    """Say whether the door to the meeting is open: from 15 minutes before the start until the end."""
    return scheduled.starts_at - JOIN_OPENS <= now < scheduled.ends_at


def _with_session() -> Select[Booking]:
    return (
        select(Booking)
        .join(Booking.session)
        .options(
            joinedload(Booking.session).joinedload(ScheduledSession.series).joinedload(Series.programme),
            joinedload(Booking.session).joinedload(ScheduledSession.venue),
            joinedload(Booking.person),
        )
    )


def _with_names(bookings: Any) -> list[MyBooking]:
    names = names_of_leaders([booking.session_id for booking in bookings])
    return [MyBooking(row, row.session, names.get(row.session_id, ())) for row in bookings]


def _still_shown(booking: Booking, all_of_hers: Any) -> bool:
    """Show a cancelled booking only when she has no live one of the same session."""
    if booking.is_live:
        return True
    others = [row for row in all_of_hers if row.session_id == booking.session_id and row.id > booking.id]
    return booking.session.state is SessionState.CANCELLED and not others


def _overlapping(scheduled: ScheduledSession, person_id: int) -> tuple[MyBooking, ...]:
    rows = db.session.scalars(
        _with_session()
        .where(
            policy.is_hers(person_id),
            Booking.state.in_(LIVE),
            ScheduledSession.id != scheduled.id,
            ScheduledSession.state == SessionState.PUBLISHED,
            ScheduledSession.starts_at < scheduled.ends_at,
            ScheduledSession.ends_at > scheduled.starts_at,
        )
        .order_by(ScheduledSession.starts_at, Booking.id)
    ).all()
    return tuple(_with_names(rows))


def tokens(booking: Booking) -> dict[str, str]:
    """Return the tokens of the links that only she gets: into the meeting and for her calendar."""
    secret = settings().secret_key
    return {
        purpose: make_token(secret, purpose, booking.id, booking.nonce) for purpose in ("join", "calendar")
    }
