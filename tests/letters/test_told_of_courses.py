"""A week of a course moves before the letter about the course has left, and moves back afterwards."""

from collections.abc import Callable
from datetime import date, datetime, time

import pytest
from flask import Flask
from sqlalchemy import select

from booking import clock
from booking.db import db
from booking.models import Booking, Message, ScheduledSession
from booking.models.kinds import BookingState, MessageKind, MessageState, Pool, SessionState
from booking.services import courses, messages, schedule
from booking.services.steps.changing import SessionChange
from tests.letters.desk import Desk
from tests.support import pages
from tests.support.builders import Builders

CHANGES = select(Message.state).where(Message.kind == MessageKind.SESSION_CHANGED).order_by(Message.id)


@pytest.fixture
def week(app: Flask, make: Builders, clock_at: Callable[[str], datetime]) -> int:
    """Ann is on a course of three weeks; this is the second one."""
    clock_at("2026-09-01T10:00+01:00")
    weeks, ann = make.course(3), make.person()
    with app.app_context():
        courses.book_course(make.series_of(weeks[0]), ann, Pool.ROOM, ann, clock.now())
    return weeks[1]


def move(app: Flask, week: int, hour: int) -> None:
    with app.app_context():
        seen = db.session.get_one(ScheduledSession, week).schedule_version
        schedule.change_session(week, SessionChange(start_time=time(hour)), None, clock.now(), seen)
        messages.withdraw_overtaken(clock.now())


def course_letter(app: Flask, state: MessageState) -> None:
    booked = Message.kind == MessageKind.COURSE_BOOKED
    pages.write(app, db.update(Message).where(booked).values(state=state, sent_at=clock.now()))


def test_the_move_back_is_told_while_the_letter_may_have_said_the_other_hour(app: Flask, week: int) -> None:
    was = pages.rows(app, select(ScheduledSession.start_time).where(ScheduledSession.id == week))[0]
    move(app, week, 9)
    # It is at the mail server: written with 9 o'clock, and nobody has noted yet that it left.
    course_letter(app, MessageState.SENDING)
    move(app, week, was.hour)
    assert pages.rows(app, CHANGES)[-1] is MessageState.WAITING


def test_once_it_is_known_what_the_letter_said_nothing_is_told_for_nothing(app: Flask, week: int) -> None:
    was = pages.rows(app, select(ScheduledSession.start_time).where(ScheduledSession.id == week))[0]
    course_letter(app, MessageState.SENT)
    move(app, week, 9)
    move(app, week, was.hour)
    assert set(pages.rows(app, CHANGES)) == {MessageState.WITHDRAWN}
    assert pages.rows(app, select(Booking.told_version).where(Booking.session_id == week)) == [1]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_one_week_that_is_cancelled_takes_no_other_from_her(
    desk: Desk, clock_at: Callable[[str], datetime]
) -> None:
    clock_at("2026-08-20T10:00+01:00")
    desk.place()
    desk.enrol(date(2026, 9, 2), date(2026, 9, 9))
    desk.change(ScheduledSession, desk.session_id, state=SessionState.CANCELLED)
    desk.change(Booking, desk.booking_id, state=BookingState.CANCELLED)
    letter = desk.letter(MessageKind.SESSION_CANCELLED)
    stay = "Your places on the other 2 dates of this course stay yours."
    assert stay in letter.text
    assert stay in letter.html
    assert stay in letter.short
    assert "My course: http://localhost/my-sessions/courses/1" in letter.text
