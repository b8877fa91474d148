"""In the last hours a party that was told, and is too big for what is left by now, keeps nobody out."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from booking.db import db
from booking.models import Booking, ScheduledSession
from booking.models.kinds import BookingState, Companions, Pool
from booking.queries import bookings as shown
from booking.queries import courses, upkeep
from booking.refusals import SessionFull
from booking.services import bookings, offers, waiting
from booking.services.steps import waiting as turns
from tests.support import pages
from tests.support.builders import Builders

ROOM = Pool.ROOM


@dataclass
class Tomorrow:
    """Tomorrow's two places come free; Ann, who would bring Al, and Dee were told of them."""

    session: int
    anns: int
    dees: int
    zed: int


@pytest.fixture
def now(clock_at: Callable[[str], datetime]) -> datetime:
    return clock_at("2026-08-03T12:00+01:00")


@pytest.fixture
def it(app: Flask, make: Builders, now: datetime) -> Tomorrow:
    series = make.series(waiting_list=True, places_room=2, companions=Companions.ALWAYS)
    session = make.session(series, starts_in=timedelta(hours=23))
    fay, ann, dee = make.person("Fay"), make.person("Ann"), make.person("Dee")
    fays = make.booking(session, fay, party_size=2, companion_name="Jo")
    with app.app_context():
        anns = waiting.join_waiting_list(session, ann, ROOM, ann, now, companion_name="Al", tells_late=True)
        dees = waiting.join_waiting_list(session, dee, ROOM, dee, now, tells_late=True)
        bookings.give_up_place(fays, fay, now)
    return Tomorrow(session, anns, dees, make.person("Zed"))


def told(app: Flask) -> list[int]:
    kept = select(Booking.id).where(Booking.held_until.is_not(None), Booking.state == BookingState.WAITING)
    return pages.rows(app, kept.order_by(Booking.id))


def test_while_both_fit_the_places_are_left_to_them(app: Flask, it: Tomorrow, now: datetime) -> None:
    assert told(app) == [it.anns, it.dees]
    with app.app_context(), pytest.raises(SessionFull):
        bookings.book_place(it.session, it.zed, ROOM, it.zed, now)


def test_the_place_left_over_by_the_first_yes_is_anybodys(app: Flask, it: Tomorrow, now: datetime) -> None:
    with app.app_context():
        offers.accept_offer(it.dees, now)
    assert told(app) == []
    with app.app_context():
        bookings.book_place(it.session, it.zed, ROOM, it.zed, now)
        assert upkeep.problems() == []


def test_a_party_that_no_longer_fits_hears_of_the_next_places_anew(
    app: Flask, it: Tomorrow, now: datetime
) -> None:
    with app.app_context():
        offers.accept_offer(it.dees, now)
        dee = db.session.get_one(Booking, it.dees).person_id
        assert dee is not None
        bookings.give_up_place(it.dees, dee, now)
    assert told(app) == [it.anns]


def test_what_a_page_shows_is_what_can_be_booked(
    app: Flask, it: Tomorrow, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Told still, as a moment before the step that ends it: only its size says that the place is not hers.
    monkeypatch.setattr(turns, "_end_late_chances", lambda *facts: None)
    for free in (0, 1):
        with app.app_context():
            scheduled = db.session.get_one(ScheduledSession, it.session)
            assert shown.free_by_pool(scheduled)[ROOM] == free
            assert courses._left_on([scheduled])[it.session][ROOM] == free
            if not free:
                offers.accept_offer(it.dees, now)
    with app.app_context():
        bookings.book_place(it.session, it.zed, ROOM, it.zed, now)
