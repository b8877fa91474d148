"""Several dates at once: each its own booking, in one transaction, and one that is full stops no other."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from booking import clock
from booking.models import Booking, Message
from booking.models.kinds import BookingState, MessageKind, Pool
from booking.refusals import NotFound, Refusal, SessionFull, StaleForm
from booking.services import bookings
from tests.support.builders import Builders
from tests.support.pages import rows


@pytest.fixture
def dates(make: Builders, clock_at: Callable[[str], datetime]) -> list[int]:
    clock_at("2026-08-03T12:00+01:00")
    series = make.series(places_room=1)
    return [make.session(series, starts_in=timedelta(days=10 + week * 7)) for week in range(3)]


def book(app: Flask, dates: list[int], person: int, **facts: object) -> dict[int, int | Refusal]:
    pools = dict.fromkeys(dates, Pool.ROOM)
    with app.app_context():
        return bookings.book_places(dates, person, pools, person, clock.now(), **facts)  # type: ignore[arg-type]


def test_each_date_is_a_booking_and_a_letter_of_its_own(app: Flask, make: Builders, dates: list[int]) -> None:
    ann = make.person("Ann")
    booked = book(app, dates, ann)
    assert list(booked) == sorted(dates)
    assert set(rows(app, select(Booking.id).where(Booking.person_id == ann))) == set(booked.values())
    assert rows(app, select(Message.kind).where(Message.person_id == ann)) == [MessageKind.BOOKED] * 3


def test_a_full_date_is_said_and_stops_no_other(app: Flask, make: Builders, dates: list[int]) -> None:
    make.booking(dates[1], make.person("Ben"))
    first, second, third = book(app, dates, make.person("Ann")).values()
    assert isinstance(second, SessionFull)
    assert isinstance(first, int)
    assert isinstance(third, int)


def test_twice_is_once(app: Flask, make: Builders, dates: list[int]) -> None:
    ann = make.person("Ann")
    assert book(app, dates, ann) == book(app, dates, ann)


def test_an_old_page_does_not_book_again_what_she_gave_up(
    app: Flask, make: Builders, dates: list[int]
) -> None:
    ann = make.person("Ann")
    booked = book(app, dates, ann)
    with app.app_context():
        bookings.give_up_place(int(str(booked[dates[0]])), ann, clock.now())
    again = book(app, dates, ann, seen_booking_ids=dict.fromkeys(dates, 0))
    assert isinstance(again[dates[0]], StaleForm)
    assert again[dates[1]] == booked[dates[1]]


def test_a_date_that_is_none_books_nothing(app: Flask, make: Builders, dates: list[int]) -> None:
    with pytest.raises(NotFound):
        book(app, [*dates, 999], make.person("Ann"))
    assert rows(app, select(Booking.id).where(Booking.state == BookingState.BOOKED)) == []
