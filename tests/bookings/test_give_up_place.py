"""Giving a place back: two taps, no reason, at any time, and never a scolding."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from booking.models import AttendanceMark, AuditEntry, Booking, Message
from booking.models.kinds import (
    ATTENDED,
    Attendance,
    BookingState,
    Channel,
    MessageKind,
    MessageState,
    SessionState,
)
from tests.support.builders import Builders
from tests.support.pages import after, rows, send, words, write

STATES = select(Booking.state).order_by(Booking.id)
ANY_TIME = [timedelta(days=10), timedelta(minutes=1), timedelta(minutes=-30), timedelta(days=-2)]


@pytest.mark.parametrize("starts_in", ANY_TIME)
def test_ann_gives_up_before_during_and_after(
    app: Flask, client: FlaskClient, make: Builders, starts_in: timedelta
) -> None:
    ann = make.person("Ann")
    booking = make.booking(make.session(starts_in=starts_in), ann)
    make.sign_in(client, ann)
    answer = send(client, f"/my-sessions/{booking}/give-up")
    assert "That's fine. Your place has been given up" in after(client, answer)
    assert rows(app, STATES) == [BookingState.GIVEN_UP]


def test_the_first_tap_only_asks(app: Flask, client: FlaskClient, make: Builders) -> None:
    ann = make.person("Ann")
    booking = make.booking(make.session(), ann)
    make.sign_in(client, ann)
    page = words(client.get(f"/my-sessions/{booking}/give-up"))
    assert "Give up this place?" in page
    assert "you don't have to say why" in page
    assert rows(app, STATES) == [BookingState.BOOKED]


def test_somebody_else_takes_the_place_that_ann_gave_up(
    app: Flask, client: FlaskClient, make: Builders
) -> None:
    ann, ben, chat = make.person("Ann"), make.person("Ben"), make.session(places_room=1)
    booking = make.booking(chat, ann)
    send(make.sign_in(client, ann), f"/my-sessions/{booking}/give-up")
    send(make.sign_in(app.test_client(), ben), f"/sessions/{chat}/book", pool="room", seen="0")
    assert rows(app, STATES) == [BookingState.GIVEN_UP, BookingState.BOOKED]


def test_giving_up_twice_is_giving_up_once(app: Flask, client: FlaskClient, make: Builders) -> None:
    ann = make.person("Ann")
    booking = make.booking(make.session(), ann)
    make.sign_in(client, ann)
    for _ in range(2):
        answer = send(client, f"/my-sessions/{booking}/give-up", page="/me/reminders")
        assert "That's fine" in after(client, answer)
    assert rows(app, select(Message.kind)) == [MessageKind.GIVEN_UP]
    assert rows(app, select(AuditEntry.action)) == ["place given up"]


def test_an_old_page_after_giving_up_says_that_it_is_done(client: FlaskClient, make: Builders) -> None:
    ann = make.person("Ann")
    booking = make.booking(make.session(), ann, state=BookingState.GIVEN_UP)
    make.sign_in(client, ann)
    assert "has been given up" in after(client, client.get(f"/my-sessions/{booking}/give-up"))


@pytest.mark.parametrize("whose", ["ben", "nobody"])
def test_what_is_not_hers_is_not_there(app: Flask, client: FlaskClient, make: Builders, whose: str) -> None:
    booking = make.booking(make.session(), make.person("Ben"))
    path = f"/my-sessions/{booking + (whose == 'nobody')}/give-up"
    make.sign_in(client, make.person("Ann"))
    assert client.get(path).status_code == 404
    assert send(client, path, page="/me/reminders").status_code == 404
    assert rows(app, STATES) == [BookingState.BOOKED]


@pytest.mark.parametrize("role", ["facilitator", "admin"])
def test_a_role_opens_nobody_elses_places(app: Flask, client: FlaskClient, make: Builders, role: str) -> None:
    fay = make.facilitator("Fay") if role == "facilitator" else make.admin("Ada")
    booking = make.booking(make.session(led_by=(fay,)), make.person("Ben"))
    make.sign_in(client, fay)
    assert client.get(f"/my-sessions/{booking}/give-up").status_code == 404


def test_a_stranger_is_sent_to_sign_in(app: Flask, client: FlaskClient, make: Builders) -> None:
    booking = make.booking(make.session(), make.person("Ben"))
    answer = client.get(f"/my-sessions/{booking}/give-up")
    posted = send(client, f"/my-sessions/{booking}/give-up", page="/sign-in")
    assert answer.location == f"/sign-in?next=/my-sessions/{booking}/give-up"
    assert posted.location == "/sign-in"
    assert rows(app, STATES) == [BookingState.BOOKED]


@pytest.mark.parametrize("attendance", ATTENDED)
def test_who_was_there_keeps_the_place(
    app: Flask, client: FlaskClient, make: Builders, attendance: Attendance
) -> None:
    ann = make.person("Ann")
    booking = make.booking(make.session(starts_in=timedelta(minutes=-30)), ann, attendance=attendance)
    make.sign_in(client, ann)
    answer = send(client, f"/my-sessions/{booking}/give-up")
    assert "The register says that you came" in after(client, answer)
    assert rows(app, STATES) == [BookingState.BOOKED]


def test_giving_up_late_is_not_counted_as_not_coming(app: Flask, client: FlaskClient, make: Builders) -> None:
    ann = make.person("Ann")
    chat = make.session(starts_in=timedelta(hours=-2))
    booking = make.booking(chat, ann, attendance=Attendance.DID_NOT_COME)
    send(make.sign_in(client, ann), f"/my-sessions/{booking}/give-up")
    assert rows(app, select(Booking.attendance)) == [Attendance.NOT_RECORDED]
    marks = select(AttendanceMark.was, AttendanceMark.attendance, AttendanceMark.marked_by)
    assert rows(app, marks) == [(Attendance.DID_NOT_COME, Attendance.NOT_RECORDED, ann)]


def test_a_cancelled_session_has_no_place_to_give_up(app: Flask, client: FlaskClient, make: Builders) -> None:
    ann = make.person("Ann")
    booking = make.booking(make.session(state=SessionState.CANCELLED), ann, state=BookingState.CANCELLED)
    make.sign_in(client, ann)
    answer = send(client, f"/my-sessions/{booking}/give-up", page="/me/reminders")
    assert "This session was cancelled" in after(client, answer)
    assert rows(app, STATES) == [BookingState.CANCELLED]
    assert rows(app, select(Message.id)) == []


def test_what_the_change_overtook_is_set_aside(app: Flask, client: FlaskClient, make: Builders) -> None:
    ann, chat = make.person("Ann"), make.session()
    make.sign_in(client, ann)
    send(client, f"/sessions/{chat}/book", pool="room", seen="0")
    (booking,) = rows(app, select(Booking.id))
    send(client, f"/my-sessions/{booking}/give-up")
    letters = select(Message.kind, Message.state).order_by(Message.id)
    assert rows(app, letters) == [
        (MessageKind.BOOKED, MessageState.WITHDRAWN),
        (MessageKind.GIVEN_UP, MessageState.WAITING),
    ]


def test_a_letter_that_has_gone_stays_as_it_was(app: Flask, client: FlaskClient, make: Builders) -> None:
    ann, chat = make.person("Ann"), make.session()
    make.sign_in(client, ann)
    send(client, f"/sessions/{chat}/book", pool="room", seen="0")
    write(app, update(Message).values(state=MessageState.SENT))
    (booking,) = rows(app, select(Booking.id))
    send(client, f"/my-sessions/{booking}/give-up")
    states = select(Message.state).order_by(Message.id)
    assert rows(app, states) == [MessageState.SENT, MessageState.WAITING]


def test_after_the_end_no_letter_is_written(app: Flask, client: FlaskClient, make: Builders) -> None:
    ann = make.person("Ann")
    booking = make.booking(make.session(starts_in=timedelta(days=-2)), ann)
    send(make.sign_in(client, ann), f"/my-sessions/{booking}/give-up")
    assert rows(app, select(Message.id)) == []


def test_without_email_the_answer_is_a_call_to_make(app: Flask, client: FlaskClient, make: Builders) -> None:
    ann = make.person("Ann", email=None, phone="020 7946 0123")
    booking = make.booking(make.session(), ann)
    send(make.sign_in(client, ann), f"/my-sessions/{booking}/give-up")
    assert rows(app, select(Message.channel, Message.recipient)) == [(Channel.CALL, "020 7946 0123")]
