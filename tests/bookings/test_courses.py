"""A course is booked once: a place on every week, one letter, one week skipped, later ones left at once."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from icalendar import Calendar
from sqlalchemy import select

from booking import clock
from booking.db import db
from booking.messages.letters import Letter, compose_now
from booking.models import Booking, Message, ScheduledSession, Series
from booking.models.kinds import BookingState, MessageKind, Pool, SessionState
from booking.refusals import (
    BookingClosed,
    CourseFull,
    NoSuchPool,
    NotFound,
    PartOfACourse,
    StaleForm,
    TooLateToJoin,
    WeekFull,
)
from booking.services import bookings, courses
from tests.support.builders import Builders

Change = Callable[..., None]


@pytest.fixture
def make(app: Flask) -> Builders:
    return Builders(app)


@pytest.fixture
def change(app: Flask) -> Change:
    def set_facts(row: type[Any], row_id: int, **facts: Any) -> None:
        with app.app_context():
            found = db.session.get_one(row, row_id)
            for name, value in facts.items():
                setattr(found, name, value)
            db.session.commit()

    return set_facts


@pytest.fixture
def join(app: Flask, make: Builders) -> Callable[..., int]:
    def book(week: int, person_id: int, pool: Pool = Pool.ROOM, **facts: Any) -> int:
        with app.app_context():
            return courses.book_course(make.series_of(week), person_id, pool, person_id, clock.now(), **facts)

    return book


def rows(app: Flask, person_id: int) -> list[tuple[int, BookingState]]:
    with app.app_context():
        asked = (
            select(Booking.session_id, Booking.state)
            .join(ScheduledSession, ScheduledSession.id == Booking.session_id)
            .where(Booking.person_id == person_id)
            .order_by(ScheduledSession.starts_at, Booking.id)
        )
        return [(session_id, state) for session_id, state in db.session.execute(asked)]


def letters(app: Flask, kind: MessageKind) -> list[Letter]:
    with app.app_context():
        ids = db.session.scalars(select(Message.id).where(Message.kind == kind).order_by(Message.id)).all()
        composed = [compose_now(one, clock.now()) for one in ids]
    return [one for one in composed if isinstance(one, Letter)]


def test_one_booking_gives_a_place_on_every_week(
    app: Flask, make: Builders, join: Callable[..., int]
) -> None:
    weeks, ann = make.course(4), make.person()
    enrolment = join(weeks[0], ann)
    assert rows(app, ann) == [(week, BookingState.BOOKED) for week in weeks]
    with app.app_context():
        assert set(db.session.scalars(select(Booking.enrolment_id))) == {enrolment}


def test_one_letter_has_every_date_and_one_calendar_file(
    app: Flask, make: Builders, join: Callable[..., int]
) -> None:
    weeks, ann = make.course(4), make.person()
    join(weeks[0], ann)
    (letter,) = letters(app, MessageKind.COURSE_BOOKED)
    assert letters(app, MessageKind.BOOKED) == []
    assert letter.calendar is not None
    events = Calendar.from_ical(letter.calendar.content).walk("VEVENT")
    assert letter.calendar.method == "REQUEST"
    assert letter.text.count("\n- ") == 4
    assert len({str(event["UID"]) for event in events}) == 4
    assert {event["SEQUENCE"] for event in events} == {2}


def test_a_week_that_moves_later_updates_the_event_of_the_course_letter(
    app: Flask, make: Builders, join: Callable[..., int]
) -> None:
    weeks, ann = make.course(2), make.person()
    join(weeks[0], ann)
    (letter,) = letters(app, MessageKind.COURSE_BOOKED)
    with app.app_context():
        bookings.give_up_place(hers(weeks[1], ann), ann, clock.now())
    (gone,) = letters(app, MessageKind.GIVEN_UP)
    assert letter.calendar is not None
    assert gone.calendar is not None
    first = Calendar.from_ical(letter.calendar.content).walk("VEVENT")[1]
    second = Calendar.from_ical(gone.calendar.content).walk("VEVENT")[0]
    assert first["UID"] == second["UID"]
    assert second["SEQUENCE"] > first["SEQUENCE"]


def hers(session_id: int, person_id: int) -> int:
    found = db.session.scalar(
        select(Booking.id)
        .where(Booking.session_id == session_id, Booking.person_id == person_id)
        .order_by(Booking.id.desc())
        .limit(1)
    )
    assert found is not None
    return found


def test_booking_twice_is_booking_once(app: Flask, make: Builders, join: Callable[..., int]) -> None:
    weeks, ann = make.course(3), make.person()
    assert join(weeks[0], ann) == join(weeks[0], ann)
    assert len(rows(app, ann)) == 3
    assert len(letters(app, MessageKind.COURSE_BOOKED)) == 1


def test_a_course_is_full_when_one_week_is(app: Flask, make: Builders, join: Callable[..., int]) -> None:
    weeks, ann = make.course(3, places_room=1), make.person()
    make.booking(weeks[2], make.person("Ben"))
    with pytest.raises(CourseFull):
        join(weeks[0], ann)
    assert rows(app, ann) == []


@pytest.mark.parametrize(("until", "is_let_in"), [(1, False), (2, False), (3, True)])
def test_somebody_late_gets_the_weeks_that_are_left_while_the_course_lets_her_in(
    app: Flask, make: Builders, join: Callable[..., int], until: int, is_let_in: bool
) -> None:
    # Two weeks have begun, and the one cancelled does not count.
    weeks = make.course(5, first_in=timedelta(days=-15), join_until_week=until)
    with app.app_context():
        db.session.get_one(ScheduledSession, weeks[1]).state = SessionState.CANCELLED
        db.session.commit()
    ann = make.person()
    if not is_let_in:
        with pytest.raises(TooLateToJoin):
            join(weeks[0], ann)
        return
    join(weeks[0], ann)
    assert [session_id for session_id, _state in rows(app, ann)] == weeks[3:]


def test_a_course_that_is_over_is_closed(make: Builders, join: Callable[..., int]) -> None:
    weeks = make.course(2, first_in=timedelta(days=-30))
    with pytest.raises(BookingClosed):
        join(weeks[0], make.person())


def test_a_pool_the_course_does_not_have_is_refused(make: Builders, join: Callable[..., int]) -> None:
    with pytest.raises(NoSuchPool):
        join(make.course(2)[0], make.person(), Pool.ONLINE)


def test_what_is_no_course_is_not_found(make: Builders, join: Callable[..., int]) -> None:
    with pytest.raises(NotFound):
        join(make.session(), make.person())


def test_a_place_on_one_week_becomes_part_of_the_course(
    app: Flask, make: Builders, join: Callable[..., int]
) -> None:
    weeks, ann = make.course(3, places_room=1), make.person()
    single = make.booking(weeks[1], ann)
    enrolment = join(weeks[0], ann)
    assert len(rows(app, ann)) == 3
    with app.app_context():
        assert db.session.get_one(Booking, single).enrolment_id == enrolment


def test_a_form_from_before_she_left_does_not_book_again(
    app: Flask, make: Builders, join: Callable[..., int]
) -> None:
    weeks, ann = make.course(2), make.person()
    with app.app_context():
        courses.leave_course(join(weeks[0], ann, seen_enrolment_id=0), ann, clock.now())
    with pytest.raises(StaleForm):
        join(weeks[0], ann, seen_enrolment_id=0)


def test_leaving_frees_exactly_the_later_weeks(
    app: Flask, make: Builders, join: Callable[..., int], change: Change
) -> None:
    weeks, ann = make.course(4, places_room=1), make.person()
    enrolment = join(weeks[0], ann)
    past = clock.now() - timedelta(days=3)
    change(ScheduledSession, weeks[0], starts_at=past, ends_at=past + timedelta(hours=1))
    with app.app_context():
        assert courses.leave_course(enrolment, ann, clock.now()) == 3
        assert courses.leave_course(enrolment, ann, clock.now()) == 0
    assert [state for _week, state in rows(app, ann)] == [BookingState.BOOKED] + [BookingState.GIVEN_UP] * 3


def test_leaving_sends_one_letter_that_takes_the_later_weeks_out_of_her_calendar(
    app: Flask, make: Builders, join: Callable[..., int], clock_at: Callable[[str], datetime]
) -> None:
    clock_at("2026-09-01T10:00+01:00")
    weeks, ann = make.course(4), make.person()
    enrolment = join(weeks[0], ann)
    with app.app_context():
        bookings.give_up_place(hers(weeks[1], ann), ann, clock.now())
        clock_at("2026-09-01T11:00+01:00")
        courses.leave_course(enrolment, ann, clock.now())
    (letter,) = letters(app, MessageKind.COURSE_LEFT)
    assert letter.calendar is not None
    assert letter.calendar.method == "CANCEL"
    events = Calendar.from_ical(letter.calendar.content).walk("VEVENT")
    # The week she had skipped was taken out by a letter of its own.
    assert [str(event["STATUS"]) for event in events] == ["CANCELLED"] * 3
    assert letters(app, MessageKind.COURSE_BOOKED) == []


def test_nobody_leaves_somebody_elses_course(app: Flask, make: Builders, join: Callable[..., int]) -> None:
    weeks, ann = make.course(2), make.person()
    enrolment, ben = join(weeks[0], ann), make.person("Ben")
    with app.app_context():
        with pytest.raises(NotFound):
            courses.leave_course(enrolment, ben, clock.now())
        with pytest.raises(NotFound):
            courses.come_to_week(enrolment, weeks[0], ben, clock.now())


def test_a_skipped_week_can_be_taken_again_while_nobody_else_has_it(
    app: Flask, make: Builders, join: Callable[..., int]
) -> None:
    weeks, ann = make.course(2, places_room=1), make.person()
    enrolment = join(weeks[0], ann)
    with app.app_context():
        bookings.give_up_place(hers(weeks[1], ann), ann, clock.now())
        again = courses.come_to_week(enrolment, weeks[1], ann, clock.now())
        assert again == courses.come_to_week(enrolment, weeks[1], ann, clock.now())
        assert db.session.get_one(Booking, again).enrolment_id == enrolment
        bookings.give_up_place(again, ann, clock.now())
        make.booking(weeks[1], make.person("Ben"))
        with pytest.raises(WeekFull):
            courses.come_to_week(enrolment, weeks[1], ann, clock.now())


def test_a_skipped_place_is_a_one_off_only_where_the_course_offers_single_weeks(
    app: Flask, make: Builders, join: Callable[..., int], change: Change
) -> None:
    weeks, ann, ben = make.course(2, places_room=1), make.person(), make.person("Ben")
    join(weeks[0], ann)
    with app.app_context():
        bookings.give_up_place(hers(weeks[1], ann), ann, clock.now())
        with pytest.raises(PartOfACourse):
            bookings.book_place(weeks[1], ben, Pool.ROOM, ben, clock.now())
    change(Series, make.series_of(weeks[0]), single_weeks=True)
    with app.app_context():
        bookings.book_place(weeks[1], ben, Pool.ROOM, ben, clock.now())
    assert rows(app, ben) == [(weeks[1], BookingState.BOOKED)]


def test_a_week_added_later_is_hers_where_there_is_room(
    app: Flask, make: Builders, join: Callable[..., int], clock_at: Callable[[str], datetime]
) -> None:
    clock_at("2026-09-01T22:00+01:00")
    weeks, ann = make.course(2), make.person()
    join(weeks[0], ann)
    clock_at("2026-09-01T23:00+01:00")
    series = make.series_of(weeks[0])
    new = make.session(series, starts_in=timedelta(days=40))
    make.session(series, starts_in=timedelta(days=47), places_room=0, places_online=0)
    with app.app_context():
        assert courses.give_new_weeks(clock.now()) == 1
        assert courses.give_new_weeks(clock.now()) == 0
        told = db.session.scalars(select(Message).where(Message.kind == MessageKind.BOOKED)).one()
        assert told.due_at > clock.now()
    assert rows(app, ann)[-1] == (new, BookingState.BOOKED)
