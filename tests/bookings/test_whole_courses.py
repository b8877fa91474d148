"""A course that somebody waits for is one thing: offered, let go, moved up and taken with all its weeks."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from booking import clock
from booking.db import db, transaction
from booking.models import Booking, Message, ScheduledSession, Task
from booking.models.kinds import BookingState, CallOutcome, MessageKind, MessageState, Pool, TaskKind
from booking.queries.upkeep import problems
from booking.refusals import SessionFull
from booking.rules.edits import SessionChange
from booking.services import (
    bookings,
    closing,
    course_waiting,
    courses,
    deaths,
    holds,
    merging,
    offers,
    schedule,
    tasks,
    waiting,
    welcome_calls,
)
from booking.services.steps.locks import lock_sessions
from tests.support.builders import Builders
from tests.support.pages import rows, write

State = BookingState
WAITS, OFFERED, BOOKED = [State.WAITING] * 3, [State.OFFERED] * 3, [State.BOOKED] * 3
Weeks = list[int]


@pytest.fixture
def now(clock_at: Callable[[str], datetime]) -> datetime:
    return clock_at("2026-08-03T12:00+01:00")


@pytest.fixture
def weeks(app: Flask, make: Builders, now: datetime) -> Weeks:
    """A course of three weeks with one place, which is Ann's; each week could be booked by itself."""
    weeks, ann = make.course(3, places_room=1, single_weeks=True), make.person("Ann")
    with app.app_context():
        courses.book_course(make.series_of(weeks[0]), ann, Pool.ROOM, ann, now)
    return weeks


def wait(app: Flask, weeks: Weeks, person: int) -> int:
    with app.app_context():
        series_id = db.session.get_one(ScheduledSession, weeks[0]).series_id
        return course_waiting.wait_for_course(series_id, person, Pool.ROOM, person, clock.now())


def states(app: Flask, person: int) -> list[BookingState]:
    return rows(app, select(Booking.state).where(Booking.person_id == person).order_by(Booking.session_id))


def clocks(app: Flask, person: int) -> set[datetime | None]:
    return set(rows(app, select(Booking.held_until).where(Booking.person_id == person)))


@pytest.fixture
def bens(app: Flask, make: Builders, weeks: Weeks) -> tuple[int, int]:
    """Ben waits for the course: he, and his first week."""
    ben = make.person("Ben")
    return ben, wait(app, weeks, ben)


@pytest.fixture
def cat(app: Flask, make: Builders, weeks: Weeks, bens: tuple[int, int]) -> int:
    """Cat waits after him."""
    cat = make.person("Cat")
    wait(app, weeks, cat)
    return cat


def test_one_call_lets_the_time_of_every_week_run_and_stops_it_again(
    app: Flask, make: Builders, weeks: Weeks, now: datetime, clock_at: Callable[[datetime], datetime]
) -> None:
    ben = make.person("Ben", email=None, phone="07700900123", may_leave_word=True)
    ada = make.admin()
    wait(app, weeks, ben)
    with app.app_context():
        courses.leave_course(1, 1, now)
        assert problems() == []
        call = db.session.scalars(select(Message.id).where(Message.kind == MessageKind.OFFERED)).one()
        assert clocks(app, ben) == {None}
        tasks.note_call(call, CallOutcome.LEFT_WORD, ada, now)
        (until,) = clocks(app, ben)
        assert until is not None
        tasks.reopen_call(call, ada, now)
        assert clocks(app, ben) == {None}
        tasks.note_call(call, CallOutcome.LEFT_WORD, ada, now)
        holds.release_holds(clock_at(now + timedelta(days=3)))
        assert states(app, ben) == WAITS
        assert problems() == []


def test_the_doctor_names_an_offer_whose_call_is_over_but_whose_time_stands(
    app: Flask, make: Builders, weeks: Weeks, now: datetime
) -> None:
    wait(app, weeks, make.person("Ben", email=None, phone="07700900123"))
    with app.app_context():
        courses.leave_course(1, 1, now)
    offered = Message.kind == MessageKind.OFFERED
    write(app, update(Message).where(offered).values(state=MessageState.SENT, sent_at=now))
    with app.app_context():
        assert problems() == [f"Booking {one} is offered with no end." for one in (4, 5, 6)]


def test_whoever_rests_is_asked_about_all_of_it_again_or_none(
    app: Flask, make: Builders, weeks: Weeks, bens: tuple[int, int], now: datetime
) -> None:
    dee = make.person("Dee")
    with app.app_context():
        courses.leave_course(1, 1, now)
        offers.decline_offer(bens[1], now)
        assert course_waiting.offer_courses(now) == 0
        single = bookings.book_place(weeks[1], dee, Pool.ROOM, dee, now)
        assert states(app, bens[0]) == WAITS
        bookings.give_up_place(single, dee, now)
        assert states(app, bens[0]) == OFFERED
        offers.accept_offer(bens[1], now)
        assert problems() == []
    assert states(app, bens[0]) == BOOKED


def test_an_offer_holds_a_week_that_was_added_since(
    app: Flask, make: Builders, weeks: Weeks, bens: tuple[int, int], now: datetime
) -> None:
    added = make.session(make.series_of(weeks[0]), starts_in=timedelta(days=40))
    zed = make.person("Zed")
    with app.app_context():
        courses.leave_course(1, 1, now)
        assert states(app, bens[0]) == [*OFFERED, State.OFFERED]
        with pytest.raises(SessionFull):
            bookings.book_place(added, zed, Pool.ROOM, zed, now)
        offers.accept_offer(bens[1], now)
    assert states(app, bens[0]) == [*BOOKED, State.BOOKED]


def test_the_office_moves_somebody_up_with_all_her_weeks(
    app: Flask, make: Builders, bens: tuple[int, int], cat: int, now: datetime
) -> None:
    cats = rows(app, select(Booking.id).where(Booking.person_id == cat).order_by(Booking.id))
    with app.app_context():
        waiting.move_up(cats[1], "she rang", make.admin(), now)
        courses.leave_course(1, 1, now)
    assert (states(app, bens[0]), states(app, cat)) == (WAITS, OFFERED)


def test_whoever_rests_and_is_moved_up_is_asked_at_once(
    app: Flask, make: Builders, weeks: Weeks, bens: tuple[int, int], now: datetime
) -> None:
    with app.app_context():
        courses.leave_course(1, 1, now)
        offers.decline_offer(bens[1], now)
        waiting.move_up(bens[1], "he rang", make.admin(), now)
    assert states(app, bens[0]) == OFFERED


def test_an_offered_course_passes_on_with_whoever_leaves_the_list(
    app: Flask, make: Builders, weeks: Weeks, bens: tuple[int, int], cat: int, now: datetime
) -> None:
    dee = make.person("Dee")
    with app.app_context():
        courses.leave_course(1, 1, now)
        waiting.leave_waiting_list(bens[1], bens[0], now)
        assert states(app, cat) == OFFERED
        with pytest.raises(SessionFull):
            bookings.book_place(weeks[1], dee, Pool.ROOM, dee, now)
        assert problems() == []


def test_an_offered_course_passes_on_when_its_time_is_over(
    app: Flask,
    bens: tuple[int, int],
    cat: int,
    now: datetime,
    clock_at: Callable[[datetime], datetime],
) -> None:
    with app.app_context():
        courses.leave_course(1, 1, now)
        holds.release_holds(clock_at(now + timedelta(days=2)))
    assert (states(app, bens[0]), states(app, cat)) == (WAITS, OFFERED)


@pytest.mark.parametrize("end", [deaths.mark_died, closing.close_account])
def test_the_course_of_somebody_who_died_or_closed_her_account_is_offered_at_once(
    app: Flask, make: Builders, bens: tuple[int, int], now: datetime, end: Callable[..., object]
) -> None:
    with app.app_context():
        end(1, make.admin(), now)
        assert problems() == []
    assert states(app, bens[0]) == OFFERED


def test_a_course_that_somebody_would_rather_not_come_to_is_offered_at_once(
    app: Flask, make: Builders, now: datetime
) -> None:
    weeks = make.course(3, places_room=1, welcome_call=True)
    ann, ben, ada = make.person("Ann"), make.person("Ben"), make.admin()
    with app.app_context():
        courses.book_course(make.series_of(weeks[0]), ann, Pool.ROOM, ann, now)
        first = wait(app, weeks, ben)
        task = db.session.scalars(select(Task.id).where(Task.kind == TaskKind.WELCOME_CALL)).one()
        welcome_calls.settle_call(task, welcome_calls.Went.RATHER_NOT, ada, now)
        assert states(app, ben) == OFFERED
        offers.accept_offer(first, now)
        kinds = rows(app, select(Task.person_id).where(Task.settled_at.is_(None)))
    assert (states(app, ben), kinds) == ([State.PROVISIONAL] * 3, [ben])


def test_a_stranger_takes_no_week_of_a_course_that_time_made_somebodys(
    app: Flask, make: Builders, weeks: Weeks, bens: tuple[int, int], now: datetime
) -> None:
    zed = make.person("Zed")
    write(app, update(Booking).where(Booking.person_id == 1).values(state=State.GIVEN_UP))
    with app.app_context():
        assert problems() == ["Course 1 has room, and somebody who waits for it was not asked."]
        with pytest.raises(SessionFull):
            bookings.book_place(weeks[1], zed, Pool.ROOM, zed, now)


def test_booking_one_week_of_an_offered_course_takes_it_whole(
    app: Flask, weeks: Weeks, bens: tuple[int, int], now: datetime
) -> None:
    with app.app_context():
        courses.leave_course(1, 1, now)
        bookings.book_place(weeks[1], bens[0], Pool.ROOM, bens[0], now)
        assert problems() == []
    assert states(app, bens[0]) == BOOKED


def a_bigger_room(weeks: Weeks, ada: int, now: datetime) -> None:
    for week in weeks:
        schedule.change_session(week, SessionChange(places_room=2), ada, now, 1)


def cancelled_by_the_office(weeks: Weeks, ada: int, now: datetime) -> None:
    for place in (1, 2, 3):
        bookings.give_up_place(place, 1, now, ada)


@pytest.mark.parametrize("path", [a_bigger_room, cancelled_by_the_office])
def test_a_course_that_the_office_made_room_in_is_offered_with_its_last_week(
    app: Flask,
    make: Builders,
    weeks: Weeks,
    bens: tuple[int, int],
    now: datetime,
    path: Callable[[Weeks, int, datetime], None],
) -> None:
    with app.app_context():
        path(weeks, make.admin(), now)
        assert problems() == []
    assert states(app, bens[0]) == OFFERED


def test_two_records_put_together_leave_one_place_for_whoever_waits(
    app: Flask, make: Builders, now: datetime
) -> None:
    weeks, people = make.course(3, places_room=2), [make.person("Ann"), make.person("Ann")]
    ben, ada = make.person("Ben"), make.admin()
    with app.app_context():
        for ann in people:
            courses.book_course(make.series_of(weeks[0]), ann, Pool.ROOM, ann, now)
        wait(app, weeks, ben)
        merging.merge(*people, ada, now)
        assert problems() == []
    assert states(app, ben) == OFFERED


def test_whoever_holds_one_week_of_a_course_holds_them_all(
    app: Flask, make: Builders, weeks: Weeks, now: datetime
) -> None:
    other = make.session(make.series("Tea"))
    turns = select(ScheduledSession.turns).order_by(ScheduledSession.id)
    before = rows(app, turns)
    with app.app_context(), transaction():
        lock_sessions([weeks[1]])
    assert [after - was for was, after in zip(before, rows(app, turns), strict=True)] == [1, 1, 1, 0]
    assert other > weeks[2]


def test_giving_up_one_week_of_an_offered_course_lets_all_of_it_go(
    app: Flask, bens: tuple[int, int], cat: int, now: datetime
) -> None:
    with app.app_context():
        courses.leave_course(1, 1, now)
        bookings.give_up_place(bens[1] + 1, bens[0], now)
        assert problems() == []
    assert (states(app, bens[0]), states(app, cat)) == ([State.GIVEN_UP] * 3, OFFERED)
