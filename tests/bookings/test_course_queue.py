"""Whoever waits for a course as a whole and whoever waits for one of its weeks stand in one queue."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from booking import clock
from booking.models import Booking, Enrolment, Message, ScheduledSession
from booking.models.kinds import BookingState, EnrolmentState, MessageKind, Pool
from booking.queries import tasks
from booking.queries.upkeep import problems
from booking.refusals import StillFree
from booking.rules.edits import SessionChange
from booking.services import (
    bookings,
    calling_off,
    closing,
    course_waiting,
    courses,
    deaths,
    offers,
    schedule,
    waiting,
)
from tests.support.builders import Builders
from tests.support.pages import after, rows, send, words, write

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


def anns(app: Flask) -> list[int]:
    return rows(app, select(Booking.id).where(Booking.person_id == ANN).order_by(Booking.session_id))


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
        for place in anns(app)[1:]:
            bookings.give_up_place(place, ANN, now)
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


def test_a_bigger_room_is_for_each_in_turn_whole_or_one_week(
    app: Flask,
    make: Builders,
    weeks: list[int],
    wait: Callable[..., int],
    clock_at: Callable[[datetime], datetime],
    now: datetime,
) -> None:
    cat, ben, eve = make.person("Cat"), make.person("Ben"), make.person("Eve")
    for moved, (person, week) in enumerate(((cat, 1), (ben, None), (eve, 1))):
        clock_at(now + timedelta(minutes=moved))
        wait(person, week)
    with app.app_context():
        for place in (anns(app)[0], anns(app)[2]):
            bookings.give_up_place(place, ANN, clock.now())
        schedule.change_session(weeks[1], SessionChange(places_room=3), make.admin(), clock.now(), 1)
        assert problems() == []
    assert (states(app, cat), states(app, ben)) == ([State.OFFERED], [State.OFFERED] * 3)
    assert states(app, eve) == [State.WAITING]


def test_behind_a_course_that_has_no_room_any_more_stands_one_that_has(
    app: Flask,
    make: Builders,
    weeks: list[int],
    wait: Callable[..., int],
    clock_at: Callable[[datetime], datetime],
    now: datetime,
) -> None:
    cat, ben, dora, eve = (make.person(name) for name in ("Cat", "Ben", "Dora", "Eve"))
    with app.app_context():
        schedule.change_session(weeks[1], SessionChange(places_room=2), make.admin(), now, 1)
        bookings.book_place(weeks[1], dora, Pool.ROOM, dora, now)
    for moved, (person, week) in enumerate(((cat, 1), (ben, None), (dora, None), (eve, 0))):
        clock_at(now + timedelta(minutes=moved))
        wait(person, week)
    left(app, make, clock.now())
    assert (states(app, cat), states(app, ben)) == ([State.OFFERED], [State.WAITING] * 3)
    assert states(app, dora) == [State.OFFERED, State.BOOKED, State.OFFERED]
    assert states(app, eve) == [State.WAITING]


@pytest.fixture
def whole(app: Flask, make: Builders, now: datetime) -> tuple[list[int], int]:
    """A course of two weeks that is only booked whole; Ann has the one place of the first. Ben waits."""
    weeks, ann, ben = make.course(2, places_room=1), make.person("Ann"), make.person("Ben")
    with app.app_context():
        courses.book_course(make.series_of(weeks[0]), ann, Pool.ROOM, ann, now)
        bookings.give_up_place(anns(app)[1], ann, now)
        course_waiting.wait_for_course(make.series_of(weeks[0]), ben, Pool.ROOM, ben, now)
    return weeks, ben


def test_who_waits_for_a_course_with_one_week_left_is_asked_and_comes_to_all_of_it(
    app: Flask, make: Builders, whole: tuple[list[int], int], now: datetime
) -> None:
    weeks, ben = whole
    with app.app_context():
        calling_off.cancel_sessions([weeks[0]], "", make.admin(), now)
        assert problems() == []
        assert states(app, ben) == [State.CANCELLED, State.OFFERED]
        offers.accept_offer(rows(app, select(Booking.id).where(Booking.person_id == ben))[-1], now)
        assert problems() == []
    assert states(app, ben) == [State.CANCELLED, State.BOOKED]
    assert rows(app, select(Enrolment.state).where(Enrolment.person_id == ben)) == [EnrolmentState.ENROLLED]


def test_a_cancelled_week_put_back_is_waited_for_again_with_the_rest(
    app: Flask, make: Builders, whole: tuple[list[int], int], now: datetime
) -> None:
    weeks, ben = whole
    ada = make.admin()
    with app.app_context():
        deed = calling_off.cancel_sessions([weeks[0]], "", ada, now)
        calling_off.undo(deed, ada, now)
        assert problems() == []
        assert states(app, ben) == [State.WAITING] * 2
        bookings.give_up_place(anns(app)[0], ANN, now)
    assert states(app, ben) == [State.OFFERED] * 2


def test_a_cancelled_week_put_back_is_given_to_who_joined_without_it(
    app: Flask, make: Builders, whole: tuple[list[int], int], now: datetime
) -> None:
    weeks, ben = whole
    ada = make.admin()
    with app.app_context():
        deed = calling_off.cancel_sessions([weeks[0]], "", ada, now)
        offers.accept_offer(rows(app, select(Booking.id).where(Booking.person_id == ben))[-1], now)
        calling_off.undo(deed, ada, now)
        assert courses.give_new_weeks(now) == 0
        bookings.give_up_place(anns(app)[0], ANN, now)
        assert courses.give_new_weeks(now) == 1
        assert problems() == []
    booked = select(Booking.session_id).where(Booking.person_id == ben, Booking.state == State.BOOKED)
    assert sorted(rows(app, booked)) == weeks


def test_whoever_skipped_every_week_and_waits_again_is_on_the_course_once(
    app: Flask,
    make: Builders,
    weeks: list[int],
    wait: Callable[..., int],
    clock_at: Callable[[datetime], datetime],
    now: datetime,
) -> None:
    zed, now = make.person("Zed"), clock_at(now + timedelta(days=1))
    with app.app_context():
        for place in anns(app):
            bookings.give_up_place(place, ANN, now)
        bookings.book_place(weeks[0], zed, Pool.ROOM, zed, now)
    first = wait(ANN)
    with app.app_context():
        bookings.give_up_place(rows(app, select(Booking.id).where(Booking.person_id == zed))[0], zed, now)
        offers.accept_offer(first, now)
        assert problems() == []
    booked = select(Booking.session_id).where(Booking.person_id == ANN, Booking.state == State.BOOKED)
    assert sorted(rows(app, booked)) == weeks
    assert len(rows(app, select(Enrolment.id).where(Enrolment.person_id == ANN))) == 1
    told = select(Message.id).where(Message.person_id == ANN, Message.kind == MessageKind.COURSE_BOOKED)
    assert len(rows(app, told)) == 2


def test_the_weeks_after_one_that_began_before_anybody_reached_her_are_kept_for_her(
    app: Flask, make: Builders, weeks: list[int], wait: Callable[..., int], clock_at: Callable[..., datetime]
) -> None:
    ben = make.person("Ben", email=None, phone="07700900123")
    wait(ben)
    left(app, make, clock.now())
    with app.app_context():
        starts_at = rows(app, select(ScheduledSession.starts_at).where(ScheduledSession.id == weeks[0]))[0]
        clock_at(starts_at + timedelta(minutes=1))
        waiting.offer_what_is_free(clock.now())
        course_waiting.offer_courses(clock.now())
        assert problems() == []
    assert states(app, ben)[0] is State.EXPIRED
    assert State.OFFERED not in states(app, ben)


def test_when_the_week_its_letter_named_is_cancelled_the_rest_of_an_offer_is_said_anew(
    app: Flask, make: Builders, weeks: list[int], wait: Callable[..., int], now: datetime
) -> None:
    ben, ada = make.person("Ben", email=None, phone="07700900123"), make.admin()
    wait(ben)
    left(app, make, now)
    with app.app_context():
        calling_off.cancel_sessions([weeks[0]], "", ada, now)
        assert problems() == []
    assert states(app, ben) == [State.CANCELLED, State.OFFERED, State.OFFERED]
    with app.app_context():
        (call,) = [one for one in tasks.calls_to_make(now) if one.kind is MessageKind.OFFERED]
        about = rows(app, select(Message.booking_id).where(Message.id == call.message_id))
    assert rows(app, select(Booking.session_id).where(Booking.id.in_(about))) == [weeks[1]]


def test_a_party_of_two_on_one_week_is_counted_when_the_course_is_offered(
    app: Flask, make: Builders, weeks: list[int], wait: Callable[..., int], now: datetime
) -> None:
    ben = make.person("Ben")
    first = wait(ben)
    write(app, update(Booking).where(Booking.id == first + 1).values(party_size=2))
    left(app, make, now)
    assert states(app, ben) == [State.WAITING] * 3
    with app.app_context():
        assert problems() == []


def test_what_is_kept_for_her_stands_though_booking_has_closed(
    app: Flask,
    make: Builders,
    clock_at: Callable[[datetime], datetime],
    now: datetime,
) -> None:
    weeks, ann, ben = make.course(2, places_room=1, closes_minutes_before=60 * 48), make.person(), 2
    make.person("Ben")
    series = make.series_of(weeks[0])
    with app.app_context():
        course = courses.book_course(series, ann, Pool.ROOM, ann, now)
        first = course_waiting.wait_for_course(series, ben, Pool.ROOM, ben, now)
        starts_at = rows(app, select(ScheduledSession.starts_at).where(ScheduledSession.id == weeks[0]))[0]
        courses.leave_course(course, ann, clock_at(starts_at - timedelta(hours=50)))
        offers.accept_offer(first, clock_at(starts_at - timedelta(hours=44)))
    assert states(app, ben) == [State.BOOKED] * 2


def test_a_single_week_put_back_keeps_her_turn_though_she_joined_meanwhile(
    app: Flask, make: Builders, weeks: list[int], wait: Callable[..., int], now: datetime
) -> None:
    ben, cat, ada = make.person("Ben"), make.person("Cat"), make.admin()
    wait(ben, 0)
    wait(cat, 0)
    with app.app_context():
        deed = calling_off.cancel_sessions([weeks[0]], "", ada, now)
        for place in anns(app)[1:]:
            bookings.give_up_place(place, ANN, now)
        courses.book_course(make.series_of(weeks[0]), ben, Pool.ROOM, ben, now)
        calling_off.undo(deed, ada, now)
        bookings.give_up_place(anns(app)[0], ANN, now)
        assert problems() == []
    assert (states(app, ben)[0], states(app, cat)) == (State.OFFERED, [State.WAITING])


def test_a_slip_on_the_list_of_a_course_with_one_week_left_is_put_right(
    app: Flask, client: FlaskClient, make: Builders, now: datetime
) -> None:
    weeks, ben, zed = make.course(2, places_room=1), make.person("Ben"), make.person("Zed")
    for week in weeks:
        make.booking(week, zed)
    with app.app_context():
        last = course_waiting.wait_for_course(make.series_of(weeks[0]), ben, Pool.ROOM, ben, now) + 1
        calling_off.cancel_sessions([weeks[0]], "", make.admin(), now)
        waiting.leave_waiting_list(last, ben, now)
    make.sign_in(client, ben)
    answer = send(client, f"/my-sessions/{last}/offer", page="/my-sessions", answer="back")
    assert "You are back on the waiting list, with your old turn." in after(client, answer)
    assert states(app, ben)[-1] is State.WAITING


def test_a_week_she_waits_for_is_not_shown_as_hers(
    app: Flask, client: FlaskClient, make: Builders, weeks: list[int], wait: Callable[..., int], now: datetime
) -> None:
    zed = make.person("Zed")
    with app.app_context():
        bookings.give_up_place(anns(app)[1], ANN, now)
        bookings.book_place(weeks[1], zed, Pool.ROOM, zed, now)
    wait(ANN, 1)
    make.sign_in(client, ANN)
    page = words(client.get("/my-sessions/courses/1"))
    assert page.count("You are on the waiting list") == 1
    assert page.count("You have a place") == page.count("Skip this week") == 2
    assert "You are next" in words(client.get("/my-sessions"))
