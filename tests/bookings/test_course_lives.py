"""What becomes of a course when it starts, when somebody dies, closes her account, or has two records."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from booking import clock
from booking.db import db
from booking.models import Booking, Enrolment, Message
from booking.models.kinds import BookingState, EnrolmentState, MessageKind, MessageState, PersonStatus, Pool
from booking.queries.upkeep import problems
from booking.services import bookings, closing, courses, deaths, merging, messages
from tests.support.builders import Builders

ClockAt = Callable[[str], datetime]


@pytest.fixture
def make(app: Flask) -> Builders:
    return Builders(app)


@pytest.fixture
def weeks(make: Builders, clock_at: ClockAt) -> list[int]:
    """A course of three weeks whose first is on Friday 11 September 2026 at 10am."""
    clock_at("2026-09-01T10:00+01:00")
    return make.course(3)


def join(app: Flask, make: Builders, week: int, person_id: int) -> int:
    with app.app_context():
        return courses.book_course(make.series_of(week), person_id, Pool.ROOM, person_id, clock.now())


def laid(app: Flask, kind: MessageKind) -> list[tuple[int | None, datetime]]:
    with app.app_context():
        messages.lay_out_reminders(clock.now())
        asked = select(Message.booking_id, Message.due_at).where(
            Message.kind == kind, Message.state == MessageState.WAITING
        )
        return [(booking_id, due_at) for booking_id, due_at in db.session.execute(asked.order_by(Message.id))]


def states(app: Flask) -> list[tuple[int, EnrolmentState]]:
    with app.app_context():
        asked = select(Enrolment.person_id, Enrolment.state).order_by(Enrolment.id)
        return [(person_id, state) for person_id, state in db.session.execute(asked)]


def live(app: Flask, person_id: int) -> int:
    with app.app_context():
        mine = select(Booking).where(Booking.person_id == person_id, Booking.state == BookingState.BOOKED)
        return len(db.session.scalars(mine).all())


def test_she_is_told_once_two_days_before_instead_of_being_reminded(
    app: Flask, make: Builders, weeks: list[int], clock_at: ClockAt
) -> None:
    join(app, make, weeks[0], make.person())
    due = clock_at("2026-09-09T10:00+01:00")
    assert [at for _booking, at in laid(app, MessageKind.COURSE_STARTS)] == [due]
    assert len(laid(app, MessageKind.COURSE_STARTS)) == 1
    assert laid(app, MessageKind.REMINDER) == []


def test_the_second_week_is_reminded_of_like_any_other(
    app: Flask, make: Builders, weeks: list[int], clock_at: ClockAt
) -> None:
    join(app, make, weeks[0], make.person())
    clock_at("2026-09-16T10:00+01:00")
    assert laid(app, MessageKind.COURSE_STARTS) == []
    assert len(laid(app, MessageKind.REMINDER)) == 1


def test_whoever_books_in_the_last_two_days_is_not_told_again(
    app: Flask, make: Builders, weeks: list[int], clock_at: ClockAt
) -> None:
    clock_at("2026-09-09T11:00+01:00")
    join(app, make, weeks[0], make.person())
    assert laid(app, MessageKind.COURSE_STARTS) == laid(app, MessageKind.REMINDER) == []


def test_whoever_skips_the_first_week_is_told_of_the_second(
    app: Flask, make: Builders, weeks: list[int], clock_at: ClockAt
) -> None:
    ann = make.person()
    join(app, make, weeks[0], ann)
    with app.app_context():
        bookings.give_up_place(1, ann, clock.now())
    clock_at("2026-09-09T10:00+01:00")
    assert laid(app, MessageKind.COURSE_STARTS) == []
    clock_at("2026-09-16T10:00+01:00")
    assert [booking for booking, _due in laid(app, MessageKind.COURSE_STARTS)] == [2]


def test_a_start_is_said_once_though_she_skips_the_week_it_told_of(
    app: Flask, make: Builders, weeks: list[int], clock_at: ClockAt
) -> None:
    ann = make.person()
    join(app, make, weeks[0], ann)
    clock_at("2026-09-09T10:00+01:00")
    laid(app, MessageKind.COURSE_STARTS)
    with app.app_context():
        db.session.execute(db.update(Message).values(state=MessageState.SENT))
        db.session.commit()
        bookings.give_up_place(1, ann, clock.now())
    clock_at("2026-09-16T10:00+01:00")
    assert laid(app, MessageKind.COURSE_STARTS) == []
    assert [booking for booking, _due in laid(app, MessageKind.REMINDER)] == [2]


def test_a_start_that_is_late_waits_for_the_morning(
    app: Flask, make: Builders, weeks: list[int], clock_at: ClockAt
) -> None:
    join(app, make, weeks[0], make.person())
    clock_at("2026-09-09T22:00+01:00")
    ((_booking, due),) = laid(app, MessageKind.COURSE_STARTS)
    assert due == datetime.fromisoformat("2026-09-10T08:00+01:00")


def test_nobody_is_told_of_a_start_while_she_wants_to_be_left_in_peace(
    app: Flask, make: Builders, weeks: list[int], clock_at: ClockAt
) -> None:
    join(app, make, weeks[0], make.person(status=PersonStatus.PAUSED))
    clock_at("2026-09-09T10:00+01:00")
    assert laid(app, MessageKind.COURSE_STARTS) == []


def test_a_death_ends_the_course_silently_and_its_undoing_brings_it_back(
    app: Flask, make: Builders, weeks: list[int]
) -> None:
    ann, ada = make.person(), make.admin()
    join(app, make, weeks[0], ann)
    with app.app_context():
        deaths.mark_died(ann, ada, clock.now())
    assert states(app) == [(ann, EnrolmentState.LEFT)]
    assert live(app, ann) == 0
    assert laid(app, MessageKind.COURSE_LEFT) == laid(app, MessageKind.COURSE_BOOKED) == []
    with app.app_context():
        deaths.undo_death(ann, ada, clock.now())
    assert states(app) == [(ann, EnrolmentState.ENROLLED)]
    assert live(app, ann) == 3


def test_closing_an_account_leaves_the_course(app: Flask, make: Builders, weeks: list[int]) -> None:
    ann = make.person()
    join(app, make, weeks[0], ann)
    with app.app_context():
        closing.close_account(ann, ann, clock.now())
    assert states(app) == [(ann, EnrolmentState.LEFT)]
    assert live(app, ann) == 0


def test_a_course_moves_with_its_record_and_back(app: Flask, make: Builders, weeks: list[int]) -> None:
    ann, same, ada = make.person(), make.person("Anna"), make.admin()
    join(app, make, weeks[0], same)
    with app.app_context():
        deed = merging.merge(ann, same, ada, clock.now())
        assert problems() == []
    assert states(app) == [(ann, EnrolmentState.ENROLLED)]
    with app.app_context():
        merging.undo_merge(deed, ada, clock.now())
        assert problems() == []
    assert states(app) == [(same, EnrolmentState.ENROLLED)]


def test_two_records_on_one_course_are_on_it_once(app: Flask, make: Builders, weeks: list[int]) -> None:
    ann, same, ada = make.person(), make.person("Anna"), make.admin()
    join(app, make, weeks[0], ann)
    join(app, make, weeks[0], same)
    with app.app_context():
        # The better of two places stays: of this week it is the other record's.
        bookings.give_up_place(2, ann, clock.now())
        deed = merging.merge(ann, same, ada, clock.now())
        assert problems() == []
    assert states(app) == [(ann, EnrolmentState.ENROLLED), (ann, EnrolmentState.LEFT)]
    assert live(app, ann) == 3
    with app.app_context():
        merging.undo_merge(deed, ada, clock.now())
        assert problems() == []
    assert states(app) == [(ann, EnrolmentState.ENROLLED), (same, EnrolmentState.ENROLLED)]
    assert live(app, same) == 3


def test_the_doctor_names_a_week_of_somebody_elses_course(
    app: Flask, make: Builders, weeks: list[int]
) -> None:
    ann, ben = make.person(), make.person("Ben")
    enrolment = join(app, make, weeks[0], ann)
    odd = make.booking(weeks[1], ben, enrolment_id=enrolment)
    other = make.booking(make.session(starts_in=timedelta(days=9)), ann, enrolment_id=enrolment)
    with app.app_context():
        assert [sentence.split(" is")[0] for sentence in problems()] == [f"Booking {odd}", f"Booking {other}"]


def test_taking_a_merge_back_puts_nobody_on_a_course_she_left_since(
    app: Flask, make: Builders, weeks: list[int]
) -> None:
    ann, same, ada = make.person(), make.person("Anna"), make.admin()
    stays = join(app, make, weeks[0], ann)
    join(app, make, weeks[0], same)
    with app.app_context():
        deed = merging.merge(ann, same, ada, clock.now())
        courses.leave_course(stays, ann, clock.now())
        assert merging.undo_merge(deed, ada, clock.now()) == []
        assert problems() == []
    assert states(app) == [(ann, EnrolmentState.LEFT), (same, EnrolmentState.LEFT)]
    assert live(app, ann) == live(app, same) == 0
