"""Cancelling one date: every booking is cancelled, everybody is told once."""

from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from booking.models import AuditEntry, Booking, Message, ScheduledSession
from booking.models.kinds import BookingState, Channel, MessageKind, SessionState
from booking.refusals import InThePast, NotFound
from booking.rules.addresses import TooLong
from booking.services import schedule
from tests.support.builders import Builders
from tests.support.pages import rows

ON = date(2026, 12, 30)
STATES = select(Booking.state).order_by(Booking.id)


def cancel(app: Flask, session_id: int, now: datetime, reason: str = "The heating broke.") -> None:
    """Cancel a date as Ada does."""
    with app.app_context():
        schedule.cancel_session(session_id, reason, None, now)


def test_everybody_booked_is_told_once_and_has_no_place_any_more(
    app: Flask, make: Builders, now: datetime
) -> None:
    chat, ann, ben = make.session(on=ON), make.person("Ann"), make.person("Ben")
    first, second = make.booking(chat, ann), make.booking(chat, ben)
    cancel(app, chat, now)
    state = select(ScheduledSession.state, ScheduledSession.public_reason, ScheduledSession.cancelled_at)
    assert rows(app, state) == [(SessionState.CANCELLED, "The heating broke.", now)]
    assert rows(app, STATES) == [BookingState.CANCELLED] * 2
    keys = select(Message.dedupe_key).where(Message.kind == MessageKind.SESSION_CANCELLED)
    assert set(rows(app, keys)) == {f"booking:{each}:session_cancelled:v1" for each in (first, second)}


def test_cancelling_twice_is_cancelling_once(app: Flask, make: Builders, now: datetime) -> None:
    chat = make.session(on=ON)
    make.booking(chat, make.person("Ann"))
    for reason in ("The heating broke.", "Another reason"):
        cancel(app, chat, now, reason)
    assert len(rows(app, select(Message.id))) == len(rows(app, select(AuditEntry.id))) == 1
    assert rows(app, select(ScheduledSession.public_reason)) == ["The heating broke."]


def test_who_had_given_up_keeps_that_and_is_not_told(app: Flask, make: Builders, now: datetime) -> None:
    chat = make.session(on=ON)
    make.booking(chat, make.person("Ann"), state=BookingState.GIVEN_UP)
    cancel(app, chat, now)
    assert rows(app, STATES) == [BookingState.GIVEN_UP]
    assert rows(app, select(Message.id)) == []


def test_an_address_that_is_not_proven_gets_no_second_letter(
    app: Flask, make: Builders, now: datetime
) -> None:
    chat = make.session(on=ON)
    make.booking(chat, make.person("Ann"), state=BookingState.HELD)
    cancel(app, chat, now)
    assert rows(app, STATES) == [BookingState.CANCELLED]
    assert rows(app, select(Message.id)) == []


def test_somebody_without_email_becomes_a_call_to_make(app: Flask, make: Builders, now: datetime) -> None:
    chat = make.session(on=ON)
    make.booking(chat, make.person("Ann", email=None, phone="0161 496 0000"))
    cancel(app, chat, now)
    assert rows(app, select(Message.channel)) == [Channel.CALL]


def test_a_session_that_runs_can_still_be_cancelled_but_not_one_that_is_over(
    app: Flask, make: Builders, now: datetime
) -> None:
    running = make.session(starts_in=timedelta(minutes=-10))
    over = make.session(starts_in=timedelta(hours=-3))
    cancel(app, running, now)
    with pytest.raises(InThePast):
        cancel(app, over, now)


def test_nothing_that_does_not_exist_is_cancelled(app: Flask, now: datetime) -> None:
    with pytest.raises(NotFound):
        cancel(app, 12345, now)


def test_a_reason_longer_than_its_field_is_refused(app: Flask, make: Builders, now: datetime) -> None:
    with pytest.raises(TooLong):
        cancel(app, make.session(on=ON), now, "x" * 301)
