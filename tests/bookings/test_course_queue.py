"""Whoever waits for a course as a whole and whoever waits for one of its weeks stand in one queue."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from booking import clock
from booking.models import Booking
from booking.models.kinds import BookingState, Pool
from booking.queries.upkeep import problems
from booking.refusals import StillFree
from booking.services import (
    bookings,
    calling_off,
    closing,
    course_waiting,
    courses,
    deaths,
    offers,
    waiting,
)
from tests.support.builders import Builders
from tests.support.pages import rows

State = BookingState
ANN = 1


@pytest.fixture
def now(clock_at: Callable[[str], datetime]) -> datetime:
    return clock_at("2026-08-03T12:00+01:00")


@pytest.fixture
def weeks(app: Flask, make: Builders, now: datetime) -> list[int]:
    """A course of three weeks with one place, which is Ann's; each week could be booked by itself."""
    weeks, ann = make.course(3, places_room=1, single_weeks=True), make.person("Ann")
    with app.app_context():
        courses.book_course(make.series_of(weeks[0]), ann, Pool.ROOM, ann, now)
    return weeks


@pytest.fixture
def wait(app: Flask, make: Builders, weeks: list[int]) -> Callable[..., int]:
    """Let somebody wait for the whole course, or for one week of it; return her first booking."""

    def waits(person: int, week: int | None = None) -> int:
        with app.app_context():
            if week is None:
                series = make.series_of(weeks[0])
                return course_waiting.wait_for_course(series, person, Pool.ROOM, person, clock.now())
            return waiting.join_waiting_list(weeks[week], person, Pool.ROOM, person, clock.now())

    return waits


def states(app: Flask, person: int) -> list[BookingState]:
    return rows(app, select(Booking.state).where(Booking.person_id == person).order_by(Booking.session_id))


def left(app: Flask, make: Builders, now: datetime) -> None:
    with app.app_context():
        courses.leave_course(1, ANN, now)


def died(app: Flask, make: Builders, now: datetime) -> None:
    with app.app_context():
        deaths.mark_died(ANN, make.admin(), now)


def closed(app: Flask, make: Builders, now: datetime) -> None:
    with app.app_context():
        closing.close_account(ANN, ANN, now)


@pytest.mark.parametrize("frees", [left, died, closed])
@pytest.mark.parametrize("course_first", [True, False])
def test_a_course_that_comes_free_is_for_whoever_has_waited_longest(
    app: Flask,
    make: Builders,
    wait: Callable[..., int],
    clock_at: Callable[[datetime], datetime],
    now: datetime,
    frees: Callable[[Flask, Builders, datetime], None],
    course_first: bool,
) -> None:
    ben, cat = make.person("Ben"), make.person("Cat")
    for moved, person in enumerate((ben, cat) if course_first else (cat, ben)):
        clock_at(now + timedelta(minutes=moved))
        wait(person, None if person is ben else 1)
    frees(app, make, clock_at(now + timedelta(minutes=5)))
    bens, cats = (State.OFFERED, State.WAITING) if course_first else (State.WAITING, State.OFFERED)
    assert (states(app, ben), states(app, cat)) == ([bens] * 3, [cats])
    with app.app_context():
        assert problems() == []


def test_a_course_she_lets_go_is_offered_at_once_to_whoever_waits_for_one_week(
    app: Flask,
    make: Builders,
    wait: Callable[..., int],
    clock_at: Callable[[datetime], datetime],
    now: datetime,
) -> None:
    ben, cat = make.person("Ben"), make.person("Cat")
    first = wait(ben)
    clock_at(now + timedelta(minutes=1))
    wait(cat, 1)
    left(app, make, clock.now())
    with app.app_context():
        offers.decline_offer(first, clock.now())
        assert problems() == []
    assert (states(app, ben), states(app, cat)) == ([State.WAITING] * 3, [State.OFFERED])


def test_once_the_only_full_week_is_cancelled_the_rest_is_offered_at_once(
    app: Flask, make: Builders, weeks: list[int], wait: Callable[..., int], now: datetime
) -> None:
    ben, ada = make.person("Ben"), make.admin()
    wait(ben)
    with app.app_context():
        for week in (2, 3):
            bookings.give_up_place(week, ANN, now)
        assert states(app, ben) == [State.WAITING] * 3
        calling_off.cancel_sessions([weeks[0]], "", ada, now)
        assert problems() == []
    assert states(app, ben) == [State.CANCELLED, State.OFFERED, State.OFFERED]


def test_nobody_waits_for_a_course_whose_full_week_she_has(
    app: Flask, make: Builders, weeks: list[int], wait: Callable[..., int], now: datetime
) -> None:
    ben = make.person("Ben")
    with app.app_context():
        courses.leave_course(1, ANN, now)
        bookings.book_place(weeks[1], ben, Pool.ROOM, ben, now)
        with pytest.raises(StillFree):
            wait(ben)
        courses.book_course(make.series_of(weeks[0]), ben, Pool.ROOM, ben, now)
    assert states(app, ben) == [State.BOOKED] * 3
