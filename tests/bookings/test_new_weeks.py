"""Weeks that come to a course later go to whoever is on it: where there is room, and to the living only."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, event, select

from booking import clock
from booking.db import db
from booking.models import Booking, Message, Person, ScheduledSession
from booking.models.kinds import Attendance, BookingState, MessageKind, PersonStatus, Pool
from booking.queries import new_weeks
from booking.refusals import PersonCannotBook
from booking.services import bookings, calling_off, courses
from tests.support.builders import Builders


@pytest.fixture(autouse=True)
def today(clock_at: Callable[[str], datetime]) -> datetime:
    """Ten days before each course here starts."""
    return clock_at("2026-09-01T10:00+00:00")


def hers(person_id: int) -> list[BookingState]:
    asked = select(Booking.state).join(Booking.session).where(Booking.person_id == person_id)
    return list(db.session.scalars(asked.order_by(ScheduledSession.starts_at, Booking.id)))


def on_a_course(make: Builders, person_id: int, title: str = "Gentle yoga", **facts: Any) -> int:
    """Somebody on a course whose one week was added after she joined; returns the week."""
    (week,) = make.course(1, title=title, **facts)
    make.enrolment(make.series_of(week), person_id)
    return week


def give() -> int:
    return courses.give_new_weeks(clock.now())


def test_a_week_that_was_read_before_is_given(app: Flask, make: Builders) -> None:
    week, ann = on_a_course(make, make.person()), 1
    with app.app_context():
        known = db.session.get_one(ScheduledSession, week)
        assert give() == 1
        assert known.id == week
        assert hers(ann) == [BookingState.BOOKED]


@pytest.mark.parametrize("status", [PersonStatus.DIED, PersonStatus.CLOSED, PersonStatus.MERGED])
def test_nobody_gets_a_week_whose_record_is_shut(app: Flask, make: Builders, status: PersonStatus) -> None:
    on_a_course(make, make.person(status=status))
    with app.app_context():
        assert give() == 0
        assert db.session.scalars(select(Booking)).all() == []


def test_a_week_is_asked_for_again_under_the_locks(app: Flask, make: Builders) -> None:
    week, ann = on_a_course(make, make.person()), 1
    with app.app_context():
        (found,) = new_weeks.weeks_to_give(clock.now(), 100)
        assert new_weeks.is_lacked(found, clock.now())
        db.session.execute(db.update(Person).where(Person.id == ann).values(status=PersonStatus.DIED))
        assert not new_weeks.is_lacked(found, clock.now())
        db.session.rollback()
    make.booking(week, ann)
    with app.app_context():
        assert not new_weeks.is_lacked(found, clock.now())


def test_a_record_that_cannot_book_takes_no_week(app: Flask, make: Builders) -> None:
    ann = make.person(status=PersonStatus.UNPROVEN)
    week = on_a_course(make, ann)
    with app.app_context(), pytest.raises(PersonCannotBook):
        courses.come_to_week(1, week, ann, clock.now())


def test_a_full_week_of_many_keeps_nobody_else_waiting(app: Flask, make: Builders) -> None:
    full = on_a_course(make, make.person("Bea"), places_room=1)
    make.booking(full, make.person("Ben"))
    make.enrolment(make.series_of(full), make.person("Bob"))
    zoe = make.person("Zoe")
    on_a_course(make, zoe, "Pilates")
    with app.app_context():
        assert courses.give_new_weeks(clock.now(), limit=1) == 1
        assert hers(zoe) == [BookingState.BOOKED]


def test_a_week_kept_for_newcomers_keeps_nobody_waiting(app: Flask, make: Builders) -> None:
    ann, zoe = make.person(), make.person("Zoe")
    make.booking(make.session(starts_in=timedelta(days=-7)), ann, attendance=Attendance.CAME)
    kept = on_a_course(make, ann, places_room=1, newcomer_places=1)
    make.enrolment(make.series_of(kept), zoe)
    with app.app_context():
        assert courses.give_new_weeks(clock.now(), limit=1) == 1
        assert hers(zoe) == [BookingState.BOOKED]


def test_looking_asks_no_more_for_many_weeks(app: Flask, make: Builders) -> None:
    asked: list[str] = []

    def statements_for(number: int) -> int:
        on_a_course(make, make.person(f"Ann{number}"), f"Yoga {number}")
        # What was read before is one moment of the database.
        db.session.rollback()
        asked.clear()
        assert len(new_weeks.weeks_to_give(clock.now(), 100)) == number
        return len(asked)

    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *said: asked.append(said[2]))
        assert statements_for(1) == statements_for(2) == statements_for(3)


def test_she_gets_the_week_that_was_off_when_she_joined_and_one_word(app: Flask, make: Builders) -> None:
    weeks, ann, ada = make.course(2), make.person(), make.admin()
    with app.app_context():
        deed = calling_off.cancel_sessions([weeks[1]], "", ada, clock.now())
        courses.book_course(make.series_of(weeks[0]), ann, Pool.ROOM, ann, clock.now())
        calling_off.undo(deed, ada, clock.now())
        assert (give(), give()) == (1, 0)
        assert hers(ann) == [BookingState.BOOKED] * 2
        told = select(Message).where(Message.person_id == ann, Message.kind == MessageKind.BOOKED)
        assert len(db.session.scalars(told).all()) == 1


def test_what_she_gave_up_before_she_joined_does_not_keep_the_week_from_her(
    app: Flask, make: Builders, clock_at: Callable[[str], datetime]
) -> None:
    weeks, ann, ada = make.course(2), make.person(), make.admin()
    with app.app_context():
        bookings.give_up_place(make.booking(weeks[1], ann), ann, clock.now())
        deed = calling_off.cancel_sessions([weeks[1]], "", ada, clock.now())
        clock_at("2026-09-01T11:00+00:00")
        courses.book_course(make.series_of(weeks[0]), ann, Pool.ROOM, ann, clock.now())
        calling_off.undo(deed, ada, clock.now())
        assert give() == 1


def test_a_week_she_skipped_is_not_pressed_on_her(app: Flask, make: Builders) -> None:
    weeks, ann = make.course(2), make.person()
    with app.app_context():
        courses.book_course(make.series_of(weeks[0]), ann, Pool.ROOM, ann, clock.now())
        bookings.give_up_place(1, ann, clock.now())
        assert give() == 0


def test_a_week_added_while_she_books_comes_under_its_own_lock(app: Flask, make: Builders) -> None:
    weeks, ann = make.course(2), make.person()
    series = make.series_of(weeks[0])
    added: list[int] = []

    def add_a_week(connection: Connection, _cursor: object, statement: str, *_said: object) -> None:
        # On SQLite whoever adds a week waits until she has booked.
        is_alone = connection.dialect.name == "sqlite"
        if not added and not is_alone and statement.startswith("UPDATE scheduled_session"):
            added.append(0)
            make.session(series, starts_in=timedelta(days=24))

    with app.app_context():
        event.listen(db.engine, "after_cursor_execute", add_a_week)
        courses.book_course(series, ann, Pool.ROOM, ann, clock.now())
        assert hers(ann) == [BookingState.BOOKED] * 2
        assert give() == len(added)
        assert hers(ann) == [BookingState.BOOKED] * (2 + len(added))
