"""What has happened to people between a deed and its undoing is not undone with it."""

from datetime import date, time, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from booking import clock
from booking.db import db
from booking.models import Booking, Message, Person
from booking.models.kinds import BookingState, Channel, MessageKind, MessageState, PersonStatus
from booking.queries import upkeep
from booking.refusals import CannotUndo
from booking.services import calling_off, closing, deaths, merging, pauses
from booking.services.steps.changing import SessionChange
from tests.office.season import Season
from tests.support import pages
from tests.support.builders import Builders


@pytest.fixture
def coming(season: Season, make: Builders) -> int:
    """A Wednesday in December on which Ann has a place, the only one in the room."""
    session = make.session(season.tea, on=date(2026, 12, 16), places_room=1)
    make.booking(session, season.ann)
    return session


def cancelled(app: Flask, session_id: int) -> int:
    with app.app_context():
        return calling_off.cancel_sessions([session_id], "", 1, clock.now())


def moved(app: Flask, session_id: int) -> int:
    change = SessionChange(start_time=time(14), places_room=2)
    with app.app_context():
        return calling_off.move_session(session_id, change, 1, clock.now(), 1)


def undo(app: Flask, deed_id: int) -> None:
    with app.app_context():
        calling_off.undo(deed_id, 1, clock.now())
        assert upkeep.problems() == []


def places(app: Flask, session_id: int) -> list[tuple[int, BookingState]]:
    asked = select(Booking.person_id, Booking.state).where(Booking.session_id == session_id)
    return [(one.person_id, one.state) for one in pages.rows(app, asked.order_by(Booking.id))]


@pytest.mark.parametrize("status", [PersonStatus.DIED, PersonStatus.CLOSED, PersonStatus.MERGED])
def test_a_record_that_does_not_open_any_more_gets_no_place_back(
    app: Flask, season: Season, coming: int, status: PersonStatus
) -> None:
    deed = cancelled(app, coming)
    pages.write(app, db.update(Person).where(Person.id == season.ann).values(status=status))
    with app.app_context():
        calling_off.undo(deed, 1, clock.now())
    assert places(app, coming) == [(season.ann, BookingState.CANCELLED)]


def test_who_died_closed_or_became_one_record_in_between(app: Flask, season: Season, make: Builders) -> None:
    session = make.session(season.tea, on=date(2026, 12, 16))
    dead, closed, kept, other = (make.person(name) for name in ("Dee", "Cleo", "Kim", "Kimberley"))
    for person in (dead, closed, other):
        make.booking(session, person)
    deed = cancelled(app, session)
    with app.app_context():
        deaths.mark_died(dead, season.ada, clock.now())
        closing.close_account(closed, season.ada, clock.now())
        merging.merge(kept, other, season.ada, clock.now())
    undo(app, deed)
    assert [person for person, state in places(app, session) if state is BookingState.BOOKED] == [kept]


def test_fewer_places_than_are_taken_since_do_not_come_back(
    app: Flask, make: Builders, season: Season, coming: int
) -> None:
    deed = moved(app, coming)
    make.booking(coming, season.ben, told_version=1)
    with pytest.raises(CannotUndo):
        undo(app, deed)
    assert len(places(app, coming)) == 2


def test_somebody_new_whose_place_waits_has_read_the_new_time(
    app: Flask, make: Builders, coming: int
) -> None:
    deed = moved(app, coming)
    new = make.person("Ruth", status=PersonStatus.UNPROVEN)
    until = clock.now() + timedelta(days=1)
    make.booking(coming, new, state=BookingState.HELD, held_until=until, told_version=2)
    with pytest.raises(CannotUndo):
        undo(app, deed)


def test_who_asked_for_peace_since_keeps_her_place_and_gets_no_reminder(
    app: Flask, season: Season, coming: int
) -> None:
    row = Message(
        kind=MessageKind.REMINDER,
        person_id=season.ann,
        channel=Channel.CALL,
        dedupe_key="r",
        booking_id=pages.rows(app, select(Booking.id).where(Booking.session_id == coming))[0],
        message_id="<r>",
        schedule_version=1,
        created_at=clock.now(),
        due_at=clock.now(),
        state=MessageState.WAITING,
    )
    with app.app_context():
        db.session.add(row)
        db.session.commit()
    deed = moved(app, coming)
    with app.app_context():
        pauses.pause(season.ann, None, season.ada, clock.now())
    undo(app, deed)
    states = select(Message.state).where(Message.kind == MessageKind.REMINDER)
    assert pages.rows(app, states) == [MessageState.WITHDRAWN]
    assert places(app, coming) == [(season.ann, BookingState.BOOKED)]
