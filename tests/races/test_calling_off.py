"""A date is cancelled, undone, booked, and a kept place answered and let go, all in the same moment."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from booking import clock
from booking.models import Booking, Message, ScheduledSession, SeasonDeed
from booking.models.kinds import LIVE, TAKING, BookingState, MessageKind, SessionState
from booking.services import calling_off
from tests.support.builders import Builders
from tests.support.pages import rows

pytestmark = pytest.mark.race
Race = Callable[..., Counter[str]]
Deeds = list[dict[str, Any]]
# So many times at most is a race without its net run again, until it does harm: most do it the first time.
ROUNDS = 12
AT_ONCE = 6
# Somebody will be told, though the date takes place after all.
TOLD_FOR_NOTHING = (
    select(Message.id)
    .join(SeasonDeed, SeasonDeed.id == Message.season_deed_id)
    .where(SeasonDeed.undone_at.is_not(None), Message.began_at.is_not(None))
)
AT_A_CANCELLED_DATE = (
    select(Booking.id)
    .join(ScheduledSession)
    .where(ScheduledSession.state == SessionState.CANCELLED, Booking.state.in_(LIVE))
)
KEPT_PLACES = select(Booking.id).where(Booking.state == BookingState.OFFERED)
HEARD = select(Message.id).where(Message.kind == MessageKind.SESSION_CANCELLED)


def called_off(app: Flask, make: Builders) -> Deeds:
    """Ten dates of tomorrow are off, and nobody knows yet; the office undoes each while letters leave."""
    deeds: Deeds = []
    for number in range(10):
        session = make.session(starts_in=timedelta(hours=20))
        make.booking(session, make.person(f"Ann{session}"))
        with app.app_context():
            deed = calling_off.cancel_sessions([session], "", 1, clock.now(), offer_held=False)
        deeds.append({"deed": "undo", "deed_id": deed, "after_seconds": 0.1 + number * 0.01})
    return [*deeds, {"deed": "deliver"}]


def booked_while_it_goes(make: Builders) -> Deeds:
    """Eight people book a date that is cancelled in this moment."""
    session = make.session()
    people = [make.person(f"Ann{session}n{number}") for number in range(8)]
    books: Deeds = [{"deed": "book", "person_id": one, "session_id": session} for one in people]
    return [*books, {"deed": "cancel", "session_id": session, "after_seconds": 0.03}]


def answered_late(make: Builders) -> list[int]:
    """The one place of a date was kept for Ann until a moment ago; Ben would like it, too."""
    gone = make.session(state=SessionState.CANCELLED)
    ann, ben = make.person(f"Ann{gone}"), make.person(f"Ben{gone}")
    session = make.session(places_room=1)
    was = make.booking(gone, ann, state=BookingState.CANCELLED)
    facts = {"state": BookingState.OFFERED, "held_until": clock.now(), "instead_of_id": was}
    return [make.booking(session, ann, **facts), ben, session]


def all_answered_late(make: Builders) -> Deeds:
    """Six such dates: each answer takes longer than letting go and booking."""
    deeds: Deeds = []
    for _ in range(AT_ONCE):
        offer, ben, session = answered_late(make)
        deeds.append({"deed": "accept", "booking_id": offer})
        deeds.append({"deed": "book", "person_id": ben, "session_id": session, "after_seconds": 0.9})
    return [*deeds, *({"deed": "release", "after_seconds": number * 0.2} for number in range(1, 4))]


def many_off(make: Builders) -> Deeds:
    """Six dates are cancelled, each with one person; of the two places near them, one may be kept."""
    series = make.series(places_room=2)
    dates = [make.session(series, starts_in=timedelta(days=days)) for days in (8, 9, 10, 12, 13, 14)]
    make.session(series, starts_in=timedelta(days=11))
    for session in dates:
        make.booking(session, make.person(f"Ann{session}"))
    return [{"deed": "cancel", "session_id": session} for session in dates]


def oversold(app: Flask) -> list[int]:
    """Return the dates at which more places are taken than there are."""
    taken = func.sum(Booking.party_size)
    asked = (
        select(ScheduledSession.id)
        .join(Booking, Booking.session_id == ScheduledSession.id)
        .where(Booking.state.in_(TAKING))
        .group_by(ScheduledSession.id, ScheduledSession.places_room)
    )
    return rows(app, asked.having(taken > ScheduledSession.places_room))


def test_what_was_undone_is_told_to_nobody(app: Flask, make: Builders, race: Race) -> None:
    outcomes = race(called_off(app, make))
    assert outcomes["undo done"] + outcomes["CannotUndo"] == 10
    assert rows(app, TOLD_FOR_NOTHING) == []


def test_without_its_guards_somebody_is_told_of_what_was_undone(
    app: Flask, make: Builders, race: Race
) -> None:
    for _ in range(ROUNDS):
        race(called_off(app, make), without="undoing's guards")
        if rows(app, TOLD_FOR_NOTHING):
            return
    pytest.fail("the guards make no difference")


def test_nobody_who_books_a_date_that_goes_is_left_untold(app: Flask, make: Builders, race: Race) -> None:
    outcomes = race(booked_while_it_goes(make))
    assert outcomes["book done"] + outcomes["SessionCancelled"] == 8
    assert rows(app, AT_A_CANCELLED_DATE) == []
    assert len(rows(app, HEARD)) == outcomes["book done"]


def test_without_the_lock_somebody_stands_before_a_shut_door(app: Flask, make: Builders, race: Race) -> None:
    for _ in range(ROUNDS):
        race(booked_while_it_goes(make), without="session lock")
        if rows(app, AT_A_CANCELLED_DATE):
            return
    pytest.fail("the lock makes no difference")


def test_a_late_yes_never_sells_a_place_twice(app: Flask, make: Builders, race: Race) -> None:
    outcomes = race(all_answered_late(make))
    assert outcomes["accept done"] + outcomes["book done"] == AT_ONCE
    assert oversold(app) == []


def test_without_its_locks_a_late_yes_sells_it_twice(app: Flask, make: Builders, race: Race) -> None:
    for _ in range(ROUNDS):
        race(all_answered_late(make), without="both locks of an answer")
        if oversold(app):
            return
    pytest.fail("the locks make no difference")


def test_one_place_is_kept_for_one_of_many(app: Flask, make: Builders, race: Race) -> None:
    assert race(many_off(make)) == {"cancel done": 6}
    assert (len(rows(app, KEPT_PLACES)), oversold(app)) == (1, [])


def test_without_the_lock_it_is_kept_for_several(
    app: Flask, make: Builders, race: Race, database_url: str
) -> None:
    # On SQLite the first row that a deed writes makes everybody else wait: it needs no other lock.
    alone = database_url.startswith("sqlite")
    for _ in range(1 if alone else ROUNDS):
        before = len(rows(app, KEPT_PLACES))
        race(many_off(make), without="session lock")
        several = len(rows(app, KEPT_PLACES)) - before > 1
        if several:
            break
    assert several is not alone
