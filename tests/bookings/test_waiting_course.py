"""Waiting for a course as a whole: every week to come is offered together, and taken together."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from booking import clock
from booking.db import db
from booking.models import Booking, Enrolment, Message
from booking.models.kinds import BookingState, MessageKind, Pool
from booking.queries.upkeep import problems
from booking.refusals import CourseFull, StillFree
from booking.services import bookings, course_waiting, courses, holds, offers, waiting
from tests.support.builders import Builders
from tests.support.pages import rows

State = BookingState


@pytest.fixture
def now(clock_at: Callable[[str], datetime]) -> datetime:
    return clock_at("2026-08-03T12:00+01:00")


@pytest.fixture
def full(app: Flask, make: Builders, now: datetime) -> tuple[int, int]:
    """Return a course of three weeks with one place, which is Ann's, and her enrolment."""
    weeks = make.course(3, places_room=1)
    ann = make.person("Ann")
    with app.app_context():
        return make.series_of(weeks[0]), courses.book_course(
            make.series_of(weeks[0]), ann, Pool.ROOM, ann, now
        )


def wait(app: Flask, series: int, person: int) -> int:
    with app.app_context():
        return course_waiting.wait_for_course(series, person, Pool.ROOM, person, clock.now())


def states(app: Flask, person: int) -> list[BookingState]:
    return rows(app, select(Booking.state).where(Booking.person_id == person).order_by(Booking.session_id))


def test_a_course_somebody_leaves_is_offered_whole_with_one_letter_and_taken_whole(
    app: Flask, make: Builders, full: tuple[int, int], now: datetime
) -> None:
    ben = make.person("Ben")
    first = wait(app, full[0], ben)
    assert wait(app, full[0], ben) == first
    with app.app_context():
        courses.leave_course(full[1], 1, now)
        assert problems() == []
        assert states(app, ben) == [State.OFFERED] * 3
        offers.accept_offer(first, now)
        offers.accept_offer(first, now)
        assert problems() == []
    assert states(app, ben) == [State.BOOKED] * 3
    kinds = rows(app, select(Message.kind).where(Message.person_id == ben).order_by(Message.id))
    assert kinds == [MessageKind.WAITING, MessageKind.OFFERED, MessageKind.COURSE_BOOKED]
    assert len(rows(app, select(Enrolment.id).where(Enrolment.person_id == ben))) == 1


def test_one_free_week_is_not_offered_to_whoever_waits_for_all(
    app: Flask, make: Builders, full: tuple[int, int], now: datetime
) -> None:
    ben = make.person("Ben")
    wait(app, full[0], ben)
    with app.app_context():
        bookings.give_up_place(2, 1, now)
        assert course_waiting.offer_courses(now) == 0
        assert problems() == []
    assert states(app, ben) == [State.WAITING] * 3


def test_a_course_that_came_free_week_by_week_is_offered_with_its_last_week(
    app: Flask, make: Builders, full: tuple[int, int], now: datetime
) -> None:
    ben, eve = make.person("Ben"), make.person("Eve")
    wait(app, full[0], ben)
    with app.app_context():
        for week in (1, 2, 3):
            bookings.give_up_place(week, 1, now)
        with pytest.raises(CourseFull):
            courses.book_course(full[0], eve, Pool.ROOM, eve, now)
        assert course_waiting.offer_courses(now) == 0
    assert states(app, ben) == [State.OFFERED] * 3


def test_silence_and_not_this_time_pass_the_whole_course_on(
    app: Flask,
    make: Builders,
    full: tuple[int, int],
    now: datetime,
    clock_at: Callable[[datetime], datetime],
) -> None:
    ben, cat = make.person("Ben"), make.person("Cat")
    first = wait(app, full[0], ben)
    clock_at(now + timedelta(minutes=1))
    wait(app, full[0], cat)
    with app.app_context():
        courses.leave_course(full[1], 1, now)
        offers.decline_offer(first, now)
        assert states(app, ben) == [State.WAITING] * 3
        assert states(app, cat) == [State.OFFERED] * 3
        holds.release_holds(clock_at(now + timedelta(days=2)))
        assert course_waiting.offer_courses(clock.now()) == 0
    assert states(app, cat) == [State.WAITING] * 3


def test_leaving_the_list_leaves_it_for_every_week(
    app: Flask, make: Builders, full: tuple[int, int], now: datetime
) -> None:
    ben = make.person("Ben")
    first = wait(app, full[0], ben)
    with app.app_context():
        waiting.leave_waiting_list(first, ben, now)
    assert states(app, ben) == [State.GIVEN_UP] * 3


def test_nobody_waits_for_a_course_with_room(app: Flask, make: Builders, now: datetime) -> None:
    weeks, ben = make.course(3), make.person("Ben")
    with pytest.raises(StillFree):
        wait(app, make.series_of(weeks[0]), ben)
    with app.app_context():
        assert db.session.scalars(select(Booking.id)).all() == []
