"""A kept place is as many as she comes with, and nobody who asked for peace has a clock running."""

from collections.abc import Callable
from datetime import date, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from booking import clock
from booking.models import Booking, Message
from booking.models.kinds import BookingState, Channel, Companions, MessageKind, PersonStatus, Pool
from booking.queries import upkeep
from booking.refusals import SessionFull
from booking.services import bookings, calling_off, holds, offers
from tests.support import pages
from tests.support.builders import Builders

KEPT = select(Booking.id).where(Booking.instead_of_id.is_not(None))


@pytest.fixture
def dates(make: Builders, clock_at: Callable[[str], datetime]) -> tuple[int, int]:
    """A Wednesday in January and one in February, with four places each; people may bring somebody."""
    clock_at("2027-01-10T12:00+00:00")
    series = make.series(places_room=4, companions=Companions.ALWAYS)
    january, february = (make.session(series, on=on) for on in (date(2027, 1, 27), date(2027, 2, 24)))
    return january, february


def test_two_who_say_yes_too_late_need_two_places(
    app: Flask, make: Builders, clock_at: Callable[[str], datetime], dates: tuple[int, int]
) -> None:
    january, february = dates
    make.booking(january, make.person(), party_size=2)
    with app.app_context():
        calling_off.cancel_sessions([january], "", make.admin(), clock.now())
    (kept,) = pages.rows(app, KEPT)
    clock_at("2027-01-13T12:00+00:00")
    with app.app_context():
        holds.release_holds(clock.now())
        for name in ("Ben", "Cat", "Dee"):
            person = make.person(name)
            bookings.book_place(february, person, Pool.ROOM, person, clock.now())
        with pytest.raises(SessionFull):
            offers.accept_offer(kept, clock.now())
        assert upkeep.problems() == []
    assert pages.rows(app, select(Booking.state).where(Booking.id == kept)) == [BookingState.EXPIRED]


def test_who_asked_for_peace_is_called_and_kept_no_place(
    app: Flask, make: Builders, dates: tuple[int, int]
) -> None:
    make.booking(dates[0], make.person(status=PersonStatus.PAUSED))
    with app.app_context():
        calling_off.cancel_sessions([dates[0]], "", make.admin(), clock.now())
    assert pages.rows(app, KEPT) == []
    said = select(Message.channel).where(Message.kind == MessageKind.SESSION_CANCELLED)
    assert pages.rows(app, said) == [Channel.CALL]
