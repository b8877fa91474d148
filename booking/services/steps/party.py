"""Changing a place that is hers: the other pool, or who comes with her, under the locks of both."""

from datetime import datetime

from booking.models import Booking, Person, ScheduledSession
from booking.models.kinds import ATTENDED, BookingState, MessageKind, Pool, SessionState
from booking.refusals import (
    KeptForNewcomers,
    NoPlaceForAnother,
    NoSuchPool,
    NothingToSwitch,
    SessionCancelled,
    SessionFull,
)
from booking.services.steps import taking, waiting
from booking.services.steps.letters import withdraw_for_booking

# What is surely hers, also while the office has still to call.
_HERS = (BookingState.BOOKED, BookingState.PROVISIONAL)


def switch(booking: Booking, person: Person, scheduled: ScheduledSession, now: datetime) -> None:
    """Give her a place in the other pool for the one she has, and offer that one to whoever waits.

    Refuses: a place that is not sure or is over, a date with one pool only, and a pool without room for her.
    """
    _refuse_unless_changeable(booking, scheduled, now)
    if booking.state not in _HERS:
        raise NothingToSwitch
    was = booking.pool
    other = Pool.ONLINE if was is Pool.ROOM else Pool.ROOM
    if other not in scheduled.pools:
        raise NoSuchPool
    # A place that has come free by itself is somebody's who waits.
    waiting.offer_free_places(scheduled.id, now)
    taking.refuse_unless_free(scheduled, other, person.id, now, booking.party_size)
    booking.pool, booking.revision = other, booking.revision + 1
    _say_anew(booking, person, scheduled, now)
    waiting.a_place_came_free(scheduled.id, was, now)
    waiting.offer_free_places(scheduled.id, now)


def change(
    booking: Booking, person: Person, scheduled: ScheduledSession, companion_name: str, now: datetime
) -> None:
    """Let somebody come with her, or nobody: a place more, or one that goes to whoever waits.

    Refuses: what is over, somebody brought to where nobody is, and a date without room for two. On a waiting
    list a party of two may always wait.
    """
    _refuse_unless_changeable(booking, scheduled, now)
    was, many = booking.party_size, 2 if companion_name else 1
    if many > was:
        taking.refuse_unless_along(scheduled, person.id, companion_name)
        if booking.state is not BookingState.WAITING:
            _refuse_unless_one_more(booking, scheduled, person.id, now)
    booking.companion_name, booking.party_size = companion_name, many
    if many == was:
        return
    booking.revision += 1
    _say_anew(booking, person, scheduled, now)
    if many < was:
        if booking.state is not BookingState.WAITING:
            waiting.a_place_came_free(scheduled.id, booking.pool, now)
        waiting.offer_free_places(scheduled.id, now)


def _refuse_unless_changeable(booking: Booking, scheduled: ScheduledSession, now: datetime) -> None:
    if scheduled.state is SessionState.CANCELLED:
        raise SessionCancelled
    if not booking.is_live or booking.attendance in ATTENDED or now >= scheduled.ends_at:
        raise NothingToSwitch


def _refuse_unless_one_more(
    booking: Booking, scheduled: ScheduledSession, person_id: int, now: datetime
) -> None:
    waiting.offer_free_places(scheduled.id, now)
    try:
        taking.refuse_unless_free(scheduled, booking.pool, person_id, now)
    except KeptForNewcomers:
        raise
    except SessionFull:
        raise NoPlaceForAnother from None


def _say_anew(booking: Booking, person: Person, scheduled: ScheduledSession, now: datetime) -> None:
    """Tell her how her place stands now; a letter that has not gone yet would say it twice."""
    if booking.state not in _HERS:
        return
    withdraw_for_booking(booking.id, [MessageKind.BOOKED, MessageKind.PROVISIONAL], "changed")
    taking.say_hers(booking, person, scheduled, now, f":r{booking.revision}")
