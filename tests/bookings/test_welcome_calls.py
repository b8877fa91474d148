"""Some series want a call first: the place is kept meanwhile, the office is asked once, and all are told."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from booking import clock
from booking.db import db
from booking.models import Booking, Message, Task
from booking.models.kinds import BookingState, MessageKind, Pool, TaskKind
from booking.refusals import NotFound, TaskSettled
from booking.services import bookings, courses, not_today, swaps, waiting, welcome_calls
from booking.services.welcome_calls import Went
from tests.support.builders import Builders
from tests.support.pages import rows

State = BookingState
_TWO = ((9, "Ann"), (10, "Ben"))


@pytest.fixture
def now(clock_at: Callable[[str], datetime]) -> datetime:
    return clock_at("2026-08-03T12:00+01:00")


@pytest.fixture
def series(make: Builders, now: datetime) -> int:
    return make.series(welcome_call=True, places_room=2)


def book(app: Flask, session: int, person: int, **facts: object) -> int:
    with app.app_context():
        return bookings.book_place(session, person, Pool.ROOM, person, clock.now(), **facts)  # type: ignore[arg-type]


def a_date(make: Builders, series: int, days: int) -> int:
    return make.session(series, starts_in=timedelta(days=days))


def call(app: Flask, went: Went, actor: int) -> int:
    task = rows(app, select(Task.id).where(Task.kind == TaskKind.WELCOME_CALL).order_by(Task.id.desc()))[0]
    with app.app_context():
        return welcome_calls.settle_call(task, went, actor, clock.now())


def state(app: Flask, booking: int) -> BookingState:
    with app.app_context():
        return db.session.get_one(Booking, booking).state


def letters(app: Flask, person: int) -> list[MessageKind]:
    return rows(app, select(Message.kind).where(Message.person_id == person).order_by(Message.id))


def open_calls(app: Flask) -> list[int]:
    waits = (Task.kind == TaskKind.WELCOME_CALL) & Task.settled_at.is_(None)
    return rows(app, select(Task.id).where(waits).order_by(Task.id))


def test_her_place_is_kept_and_the_office_is_asked_to_call(app: Flask, make: Builders, series: int) -> None:
    ann = make.person("Ann")
    booking = book(app, make.session(series), ann)
    assert state(app, booking) is State.PROVISIONAL
    assert letters(app, ann) == [MessageKind.PROVISIONAL]
    asked = select(Task.person_id, Task.booking_id, Task.series_id, Task.due_on)
    with app.app_context():
        assert db.session.execute(asked).one() == (ann, booking, series, date(2026, 8, 5))


def test_a_kept_place_is_nobody_elses(app: Flask, make: Builders, series: int) -> None:
    chat = make.session(series, places_room=1)
    book(app, chat, make.person("Ann"))
    with pytest.raises(Exception, match="last place"):
        book(app, chat, make.person("Ben"))


def test_one_call_is_for_every_date(app: Flask, make: Builders, series: int) -> None:
    ann, ada = make.person("Ann"), make.admin()
    both = [book(app, a_date(make, series, days), ann) for days in (10, 17)]
    assert len(open_calls(app)) == 1
    assert call(app, Went.WELCOME, ada) == 2
    assert [state(app, one) for one in both] == [State.BOOKED, State.BOOKED]
    assert letters(app, ann)[2:] == [MessageKind.BOOKED, MessageKind.BOOKED]


def test_whoever_was_called_is_not_called_again(app: Flask, make: Builders, series: int) -> None:
    ann, ada = make.person("Ann"), make.admin()
    first = book(app, make.session(series), ann)
    call(app, Went.WELCOME, ada)
    with app.app_context():
        bookings.give_up_place(first, ann, clock.now())
    assert state(app, book(app, a_date(make, series, 17), ann)) is State.BOOKED


def test_whom_nobody_could_reach_is_told_and_the_place_goes_on(
    app: Flask, make: Builders, series: int
) -> None:
    ann, ben, ada = make.person("Ann"), make.person("Ben"), make.admin()
    chat = make.session(series, places_room=1)
    booking = book(app, chat, ann)
    with app.app_context():
        waits = waiting.join_waiting_list(chat, ben, Pool.ROOM, ben, clock.now())
    call(app, Went.NOT_REACHED, ada)
    assert (state(app, booking), state(app, waits)) == (State.EXPIRED, State.OFFERED)
    kept = f"booking:{booking}:provisional:not_reached"
    assert rows(app, select(Message.state).where(Message.dedupe_key == kept)) == ["waiting"]


def test_whoever_was_not_reached_is_called_when_she_books_again(
    app: Flask, make: Builders, series: int
) -> None:
    ann, ada = make.person("Ann"), make.admin()
    book(app, make.session(series), ann)
    call(app, Went.NOT_REACHED, ada)
    assert state(app, book(app, a_date(make, series, 17), ann)) is State.PROVISIONAL
    assert len(open_calls(app)) == 1


def test_who_would_rather_not_come_gets_no_letter_about_it(app: Flask, make: Builders, series: int) -> None:
    ann, ada = make.person("Ann"), make.admin()
    booking = book(app, make.session(series), ann)
    call(app, Went.RATHER_NOT, ada)
    assert (state(app, booking), letters(app, ann)) == (State.GIVEN_UP, [MessageKind.PROVISIONAL])


def test_nobody_is_called_about_a_place_she_gave_up(app: Flask, make: Builders, series: int) -> None:
    ann = make.person("Ann")
    booking = book(app, make.session(series), ann)
    with app.app_context():
        bookings.give_up_place(booking, ann, clock.now())
    assert open_calls(app) == []
    assert state(app, book(app, a_date(make, series, 17), ann)) is State.PROVISIONAL


def test_a_call_is_settled_once_and_is_of_this_kind(app: Flask, make: Builders, series: int) -> None:
    ann, ada = make.person("Ann"), make.admin()
    book(app, make.session(series), ann)
    call(app, Went.WELCOME, ada)
    with pytest.raises(TaskSettled):
        call(app, Went.NOT_REACHED, ada)
    with pytest.raises(NotFound), app.app_context():
        welcome_calls.settle_call(999, Went.WELCOME, ada, clock.now())


def test_on_the_phone_already_she_needs_no_second_call(app: Flask, make: Builders, series: int) -> None:
    booking = book(app, make.session(series), make.person("Ann"), had_call=True)
    assert (state(app, booking), open_calls(app)) == (State.BOOKED, [])


def test_an_offered_place_also_waits_for_the_call(app: Flask, make: Builders, series: int) -> None:
    ann, ben = make.person("Ann"), make.person("Ben")
    chat = make.session(series, places_room=1)
    theirs = make.booking(chat, ben)
    with app.app_context():
        waits = waiting.join_waiting_list(chat, ann, Pool.ROOM, ann, clock.now())
        bookings.give_up_place(theirs, ben, clock.now())
    assert book(app, chat, ann) == waits
    assert state(app, waits) is State.PROVISIONAL


@pytest.mark.parametrize(("went", "becomes"), [("welcome", State.BOOKED), ("not_reached", State.EXPIRED)])
def test_a_course_waits_for_one_call(
    app: Flask, make: Builders, now: datetime, went: str, becomes: BookingState
) -> None:
    weeks, ann, ada = make.course(3, welcome_call=True), make.person("Ann"), make.admin()
    with app.app_context():
        courses.book_course(make.series_of(weeks[0]), ann, Pool.ROOM, ann, clock.now())
    hers = select(Booking.state).where(Booking.person_id == ann)
    assert (rows(app, hers), letters(app, ann)) == ([State.PROVISIONAL] * 3, [MessageKind.PROVISIONAL])
    assert call(app, Went(went), ada) == 3
    assert rows(app, hers) == [becomes] * 3
    said = MessageKind.COURSE_BOOKED if went == "welcome" else MessageKind.PROVISIONAL
    assert letters(app, ann) == [MessageKind.PROVISIONAL, said]


def test_not_up_to_it_takes_the_call_off_the_list(app: Flask, make: Builders, series: int) -> None:
    first, second = (book(app, a_date(make, series, days), make.person(name)) for days, name in _TWO)
    with app.app_context():
        not_today.not_today(first, clock.now())
    assert state(app, first) is State.GIVEN_UP
    [left] = open_calls(app)
    assert rows(app, select(Task.booking_id).where(Task.id == left)) == [second]


def test_a_change_to_another_series_takes_the_call_off_the_list(
    app: Flask, make: Builders, series: int
) -> None:
    ann, other = make.person(), make.session(make.series("Other"), starts_in=timedelta(days=30))
    kept = book(app, a_date(make, series, 9), ann)
    with app.app_context():
        took = swaps.change_date(kept, ann, other, Pool.ROOM, clock.now())
    assert (state(app, took), open_calls(app)) == (State.BOOKED, [])


def test_a_change_within_the_series_waits_for_the_same_call(app: Flask, make: Builders, series: int) -> None:
    ann = make.person()
    kept = book(app, a_date(make, series, 9), ann)
    asked = open_calls(app)
    with app.app_context():
        took = swaps.change_date(kept, ann, a_date(make, series, 30), Pool.ROOM, clock.now())
    assert (state(app, took), open_calls(app)) == (State.PROVISIONAL, asked)
    call(app, Went.WELCOME, make.admin())
    assert (state(app, took), open_calls(app)) == (State.BOOKED, [])
