"""Whoever joins a course and has a place on one of its weeks already, in whatever state, joins truly."""

from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import select

from booking import clock
from booking.db import db
from booking.models import Booking
from booking.models.kinds import BookingState, Pool
from booking.queries.upkeep import problems
from booking.refusals import CourseFull
from booking.services import courses
from tests.support.builders import Builders


@pytest.fixture(autouse=True)
def today(clock_at: Callable[[str], datetime]) -> datetime:
    """Ten days before each course here starts."""
    return clock_at("2026-09-01T10:00+00:00")


def join(make: Builders, week: int, person_id: int) -> int:
    return courses.book_course(make.series_of(week), person_id, Pool.ROOM, person_id, clock.now())


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        (BookingState.HELD, BookingState.BOOKED),
        (BookingState.OFFERED, BookingState.BOOKED),
        (BookingState.WAITING, BookingState.BOOKED),
        (BookingState.PROVISIONAL, BookingState.PROVISIONAL),
    ],
)
def test_a_place_of_hers_becomes_a_week(
    app: Flask, make: Builders, was: BookingState, becomes: BookingState
) -> None:
    weeks, ann = make.course(2), make.person()
    booking = make.booking(weeks[1], ann, state=was, held_until=clock.now())
    with app.app_context():
        enrolment = join(make, weeks[0], ann)
        hers = db.session.get_one(Booking, booking)
        assert (hers.state, hers.enrolment_id) == (becomes, enrolment)
        assert problems() == []


def test_whoever_waits_for_a_full_week_does_not_get_it_by_joining(app: Flask, make: Builders) -> None:
    weeks, ann = make.course(2, places_room=1), make.person()
    make.booking(weeks[1], make.person("Ben"))
    make.booking(weeks[1], ann, state=BookingState.WAITING)
    with app.app_context():
        with pytest.raises(CourseFull):
            join(make, weeks[0], ann)
        assert db.session.scalars(select(Booking.state).where(Booking.person_id == ann)).all() == [
            BookingState.WAITING
        ]


def test_a_week_left_to_ben_who_was_told_of_it_is_not_anns_by_joining(app: Flask, make: Builders) -> None:
    weeks, ann, ben = make.course(2, places_room=1), make.person("Ann"), make.person("Ben")
    make.booking(weeks[1], ben, state=BookingState.WAITING, held_until=clock.now())
    make.booking(weeks[1], ann, state=BookingState.WAITING)
    with app.app_context():
        with pytest.raises(CourseFull):
            join(make, weeks[0], ann)
        join(make, weeks[0], ben)
        assert problems() == []


def test_two_who_wait_for_one_place_do_not_get_two(app: Flask, make: Builders) -> None:
    weeks, ann = make.course(2, places_room=1), make.person()
    make.booking(weeks[1], ann, state=BookingState.WAITING, party_size=2)
    with app.app_context():
        with pytest.raises(CourseFull):
            join(make, weeks[0], ann)
        assert problems() == []
