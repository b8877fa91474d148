"""Keeping a place while waiting for a better date, and changing to one: both in one go, or neither."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import select

from booking import policy
from booking.db import db, transaction
from booking.models import Booking, Person, ScheduledSession
from booking.models.kinds import BookingState, Companions, Enrol, Pool
from booking.refusals import NoSuchPool, NotFound, NothingToSwap, NoWaitingList, StillFree
from booking.services.steps import taking, waiting, welcoming
from booking.services.steps.audit import note
from booking.services.steps.freeing import free_place, pass_on_the_rest
from booking.services.steps.locks import lock_people, lock_sessions
from booking.services.steps.places import free_places_for
from booking.services.steps.swapping import let_go_of, sessions_of_swap

_KEPT = (BookingState.BOOKED, BookingState.PROVISIONAL)


def wait_for_better(
    booking_id: int,
    person_id: int,
    dates: Mapping[int, Pool],
    now: datetime,
    *,
    tells_late: bool = False,
    actor_id: int | None = None,
) -> int:
    """Keep a place and wait for exactly these dates, each in a pool of it; return for how many she waits.

    What she waited for in the stead of this place before and is not among them ends; no dates end them all.
    Dates at which she has something else of her own already stay as they are.
    Refuses: what is not hers, a place that can't be changed, a date that could not be booked either or has
    no waiting list, and one at which a place is free: she can have that at once.
    """
    actor = actor_id or person_id
    with transaction():
        kept = _held(booking_id, person_id, dates)
        person = db.session.get_one(Person, person_id, populate_existing=True)
        _refuse_unless_kept(kept, taking.session_today(kept.session_id), now)
        for session_id in sorted(sessions_of_swap(kept.id) - set(dates) - {kept.session_id}):
            _leave(kept, session_id, actor, now)
        for session_id, pool in sorted(dict(dates).items()):
            _wait_for(kept, person, session_id, pool, actor, now, tells_late)
        for session_id in sorted(dates):
            waiting.offer_free_places(session_id, now)
        return len(sessions_of_swap(kept.id) - {kept.session_id})


def change_date(
    booking_id: int, person_id: int, session_id: int, pool: Pool, now: datetime, actor_id: int | None = None
) -> int:
    """Take a free place at another date and give this one up, both or neither; return the new booking.

    Her waiting for a better date than this one ends with it. Pressed twice it is done once.
    Refuses: what is not hers, a place that can't be changed, and what `book_place` refuses.
    """
    actor = actor_id or person_id
    with transaction():
        kept = _held(booking_id, person_id, [session_id])
        person = db.session.get_one(Person, person_id, populate_existing=True)
        scheduled = taking.session_today(session_id)
        there = taking.latest_booking(session_id, person_id)
        if there is not None and there.state in _KEPT:
            return there.id
        _refuse_unless_kept(kept, taking.session_today(kept.session_id), now)
        _refuse_unless_each(scheduled)
        taking.refuse_unless_open(person, scheduled, now)
        # A place that has come free by itself is somebody's who waits: hers, if she is the first.
        waiting.offer_free_places(session_id, now)
        was = there.state if there is not None and there.is_live else None
        if there is not None and was is not None:
            # What she waits for, or is offered, there makes room for the place itself.
            free_place(there, BookingState.GIVEN_UP, "has a place there", now, passes_on=False)
            db.session.flush()
        booking = _take_instead(kept, person, scheduled, pool, actor, now)
        if there is not None and was is not None:
            pass_on_the_rest(there, was, booking, now)
        let_go_of(kept.id, person, actor, now, took=booking.id)
        return booking.id


def _take_instead(
    kept: Booking, person: Person, scheduled: ScheduledSession, pool: Pool, actor_id: int, now: datetime
) -> Booking:
    """Take a place for as many as come to the one that she keeps; a welcome call comes first here, too."""
    party = _party(kept, scheduled)
    taking.refuse_unless_free(scheduled, pool, person.id, now, party)
    booking = taking.take(
        person.id,
        scheduled,
        pool,
        actor_id,
        now,
        state=welcoming.first_state(person.id, scheduled),
        party_size=party,
        companion_name=kept.companion_name if party > 1 else "",
    )
    booking.swap_for_id = kept.id
    taking.confirm(booking, person, scheduled, actor_id, now)
    return booking


def _held(booking_id: int, person_id: int, dates: Iterable[int]) -> Booking:
    """Hold her, the date of her place and every other date in question, in id order; read her place then."""
    hers = select(Booking.session_id).where(Booking.id == booking_id, policy.is_hers(person_id))
    session_id = db.session.scalar(hers)
    if session_id is None:
        raise NotFound
    lock_people([person_id])
    lock_sessions({session_id, *dates} | sessions_of_swap(booking_id))
    booking = db.session.get_one(Booking, booking_id, populate_existing=True)
    if booking.person_id != person_id:
        # A merge made it another record's in this moment.
        raise NotFound
    return booking


def _refuse_unless_kept(kept: Booking, scheduled: ScheduledSession, now: datetime) -> None:
    if kept.state not in _KEPT or kept.enrolment_id is not None or now >= scheduled.starts_at:
        raise NothingToSwap


def _refuse_unless_each(scheduled: ScheduledSession) -> None:
    if scheduled.series.enrol is not Enrol.EACH:
        raise NotFound


def _party(kept: Booking, scheduled: ScheduledSession) -> int:
    """Say how many come: whoever comes with her comes along where the series lets her bring somebody."""
    return 1 if scheduled.series.companions is Companions.NEVER else kept.party_size


def _leave(kept: Booking, session_id: int, actor_id: int, now: datetime) -> None:
    for booking in _waits_at(kept, session_id):
        free_place(booking, BookingState.GIVEN_UP, "left the waiting list", now)
        note(now, actor_id, "waiting list left", f"booking:{booking.id}")


def _wait_for(
    kept: Booking,
    person: Person,
    session_id: int,
    pool: Pool,
    actor_id: int,
    now: datetime,
    tells_late: bool,
) -> None:
    for booking in _waits_at(kept, session_id):
        if booking.pool is pool:
            booking.tells_late = tells_late
            return
        _leave(kept, session_id, actor_id, now)
    latest = taking.latest_booking(session_id, person.id)
    if latest is not None and latest.is_live:
        return
    scheduled = taking.session_today(session_id)
    _refuse_unless_waited_for(person, scheduled, pool, now)
    party = _party(kept, scheduled)
    free = free_places_for(person.id, scheduled, pool, now)
    if free is None or free >= party:
        raise StillFree
    booking = taking.take(
        person.id, scheduled, pool, actor_id, now, state=BookingState.WAITING, party_size=party
    )
    booking.waits_since = booking.queue_at = now
    booking.companion_name = kept.companion_name if party > 1 else ""
    booking.tells_late, booking.swap_for_id = tells_late, kept.id
    note(now, actor_id, "waiting list joined", f"booking:{booking.id}")


def _refuse_unless_waited_for(person: Person, scheduled: ScheduledSession, pool: Pool, now: datetime) -> None:
    _refuse_unless_each(scheduled)
    taking.refuse_unless_open(person, scheduled, now)
    if pool not in scheduled.pools:
        raise NoSuchPool
    if not scheduled.series.waiting_list:
        raise NoWaitingList


def _waits_at(kept: Booking, session_id: int) -> list[Booking]:
    asked = select(Booking).where(
        Booking.swap_for_id == kept.id,
        Booking.session_id == session_id,
        Booking.state.in_((BookingState.WAITING, BookingState.OFFERED)),
    )
    return list(db.session.scalars(asked.order_by(Booking.id).execution_options(populate_existing=True)))
