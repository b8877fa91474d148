"""What becomes of a place kept for somebody when her record ends, pauses or becomes one with another."""

from collections.abc import Callable
from datetime import date, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from booking import clock
from booking.db import db
from booking.models import Booking
from booking.models.kinds import BookingState
from booking.queries import upkeep
from booking.refusals import NotFound, Refusal
from booking.services import calling_off, closing, deaths, merging, offers, pauses
from tests.support import pages
from tests.support.builders import Builders


class Kept:
    """Ann's session of January is off; a place at that of February is kept for her."""

    def __init__(self, app: Flask, make: Builders) -> None:
        self.app, self.make = app, make
        self.ann, self.ada = make.person(), make.admin()
        series = make.series(places_room=2)
        january = make.session(series, on=date(2027, 1, 27))
        self.february = make.session(series, on=date(2027, 2, 24))
        make.booking(january, self.ann)
        self.do(calling_off.cancel_sessions, [january], "", self.ada, clock.now())
        self.offer = pages.rows(app, select(Booking.id).where(Booking.instead_of_id.is_not(None)))[0]

    def do(self, deed: Callable[..., object], *facts: object) -> None:
        with self.app.app_context():
            deed(*facts)
            assert upkeep.problems() == []

    def hers(self) -> tuple[int | None, BookingState]:
        asked = select(Booking.person_id, Booking.state).where(Booking.id == self.offer)
        return tuple(pages.rows(self.app, asked)[0])  # type: ignore[return-value]


@pytest.fixture
def kept(app: Flask, make: Builders, clock_at: Callable[[str], datetime]) -> Kept:
    clock_at("2027-01-10T12:00+00:00")
    return Kept(app, make)


def test_the_place_kept_for_somebody_who_died_is_free(kept: Kept) -> None:
    kept.do(deaths.mark_died, kept.ann, kept.ada, clock.now())
    assert kept.hers()[1] not in (BookingState.OFFERED, BookingState.BOOKED)


def test_the_place_kept_for_a_closed_record_is_free_and_says_yes_to_nobody(kept: Kept) -> None:
    kept.do(closing.close_account, kept.ann, kept.ada, clock.now())
    assert kept.hers()[1] not in (BookingState.OFFERED, BookingState.BOOKED)
    with pytest.raises((Refusal, NotFound)):
        kept.do(offers.accept_offer, kept.offer, clock.now())


def test_it_is_kept_for_the_record_that_stays(kept: Kept) -> None:
    stays = kept.make.person("Anna")
    kept.do(merging.merge, stays, kept.ann, kept.ada, clock.now())
    assert kept.hers() == (stays, BookingState.OFFERED)
    kept.do(offers.accept_offer, kept.offer, clock.now())
    assert kept.hers() == (stays, BookingState.BOOKED)


def test_of_two_records_the_place_that_is_booked_stays(kept: Kept) -> None:
    stays = kept.make.person("Anna")
    kept.make.booking(kept.february, stays)
    kept.do(merging.merge, stays, kept.ann, kept.ada, clock.now())
    live = select(Booking.person_id, Booking.state).where(
        Booking.session_id == kept.february, Booking.state.in_((BookingState.BOOKED, BookingState.OFFERED))
    )
    assert pages.rows(kept.app, live) == [(stays, BookingState.BOOKED)]


def test_who_asks_for_peace_may_still_say_yes(kept: Kept) -> None:
    kept.do(pauses.pause, kept.ann, None, kept.ada, clock.now())
    kept.do(offers.accept_offer, kept.offer, clock.now())
    assert kept.hers() == (kept.ann, BookingState.BOOKED)


@pytest.mark.parametrize("until", [None, datetime.fromisoformat("2027-03-01T12:00+00:00")])
def test_the_doctor_names_a_place_kept_for_ever(kept: Kept, until: datetime | None) -> None:
    pages.write(kept.app, db.update(Booking).where(Booking.id == kept.offer).values(held_until=until))
    with kept.app.app_context():
        assert [each.startswith(f"Booking {kept.offer} is offered") for each in upkeep.problems()] == [True]
