"""The last hours are another chance: a place that was let go before is news for everybody once more."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from booking.db import db
from booking.models import Booking
from booking.models.kinds import BookingState, Pool
from booking.queries.waiting import sessions_to_offer
from booking.services import bookings, holds, offers, waiting
from tests.support.builders import Builders
from tests.support.pages import rows

At = Callable[[datetime], datetime]


@dataclass
class NextWeek:
    """A date with one place, which is Ann's; Ben and Cat want to hear late, Dot does not."""

    session: int
    ann: int
    place: int
    bens: int
    cats: int
    dots: int
    starts_at: datetime


@pytest.fixture
def now(clock_at: Callable[[str], datetime]) -> datetime:
    return clock_at("2026-08-03T12:00+01:00")


@pytest.fixture
def it(app: Flask, make: Builders, now: datetime) -> NextWeek:
    session = make.session(make.series(places_room=1), starts_in=timedelta(days=7))
    ann, *others = map(make.person, ("Ann", "Ben", "Cat", "Dot"))
    place = make.booking(session, ann)
    with app.app_context():
        bens, cats, dots = (
            waiting.join_waiting_list(session, one, Pool.ROOM, one, now, tells_late=late)
            for one, late in zip(others, (True, True, False), strict=True)
        )
    return NextWeek(session, ann, place, bens, cats, dots, now + timedelta(days=7))


def everybody_lets_it_go(app: Flask, it: NextWeek, now: datetime) -> None:
    with app.app_context():
        bookings.give_up_place(it.place, it.ann, now)
        for booking in (it.bens, it.cats, it.dots):
            offers.decline_offer(booking, now)


def told(app: Flask) -> list[int]:
    kept = select(Booking.id).where(Booking.held_until.is_not(None), Booking.state == BookingState.WAITING)
    return rows(app, kept.order_by(Booking.id))


def test_a_place_still_free_as_the_last_day_begins_is_told_to_everybody_who_wants_it(
    app: Flask, it: NextWeek, now: datetime, clock_at: At
) -> None:
    everybody_lets_it_go(app, it, now)
    with app.app_context():
        assert waiting.offer_what_is_free(clock_at(it.starts_at - timedelta(hours=25))) == 0
        at = clock_at(it.starts_at - timedelta(hours=23))
        assert sessions_to_offer(at) == [it.session]
        assert waiting.offer_what_is_free(at) == 2
    assert told(app) == [it.bens, it.cats]


def test_whoever_lets_it_go_in_the_last_day_is_not_told_of_it_again(
    app: Flask, it: NextWeek, now: datetime, clock_at: At
) -> None:
    everybody_lets_it_go(app, it, now)
    with app.app_context():
        at = clock_at(it.starts_at - timedelta(hours=23))
        waiting.offer_what_is_free(at)
        offers.decline_offer(it.bens, at)
        later = clock_at(at + timedelta(hours=3))
        assert holds.release_holds(later) == 1
        assert sessions_to_offer(later) == []
    assert told(app) == []


def test_a_place_that_comes_free_late_reaches_also_who_let_an_earlier_one_go(
    app: Flask, make: Builders, it: NextWeek, now: datetime, clock_at: At
) -> None:
    everybody_lets_it_go(app, it, now)
    eve = make.person("Eve")
    with app.app_context():
        eves = bookings.book_place(it.session, eve, Pool.ROOM, eve, now)
        bookings.give_up_place(eves, eve, clock_at(it.starts_at - timedelta(hours=20)))
    assert told(app) == [it.bens, it.cats]


def test_not_this_time_in_the_night_before_an_early_start_is_heard(
    app: Flask, make: Builders, clock_at: Callable[[str], datetime]
) -> None:
    clock_at("2026-08-03T12:00+01:00")
    early = make.session(make.series(places_room=1), starts_in=timedelta(hours=43.5))
    ann, ben = make.person("Ann"), make.person("Ben")
    place = make.booking(early, ann)
    night = clock_at("2026-08-03T21:00+01:00")
    with app.app_context():
        bens = waiting.join_waiting_list(early, ben, Pool.ROOM, ben, night, tells_late=True)
        bookings.give_up_place(place, ann, night)
        assert db.session.get_one(Booking, bens).held_until is not None
        offers.decline_offer(bens, night)
        assert sessions_to_offer(night + timedelta(minutes=5)) == []
    assert told(app) == []
