"""An undone deed leaves numbers that only rise, and a season as true as if time had simply gone on."""

from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from booking import clock
from booking.db import db
from booking.models import Booking, Message, ScheduledSession, Series
from booking.models.kinds import BookingState, CallOutcome, MessageKind
from booking.queries import told, upkeep
from booking.queries.effects import seen_mark
from booking.refusals import CannotUndo
from booking.rules.edits import SeriesEdit, SessionChange
from booking.rules.recurrence import parse_rule
from booking.services import calling_off, messages, tasks
from booking.services import series as series_deeds
from tests.support import pages
from tests.support.builders import Builders

ClockAt = Callable[[str], datetime]


class Scene:
    """Wednesdays with Ann booked on the first; Ada undoes what she did."""

    def __init__(self, app: Flask, make: Builders, **person: Any) -> None:
        self.app = app
        self.series = make.series(rule="FREQ=WEEKLY;BYDAY=WE;COUNT=6", starts_on=date(2027, 1, 27))
        self.first, self.second, self.third = (
            make.session(self.series, on=on)
            for on in (date(2027, 1, 27), date(2027, 2, 3), date(2027, 2, 10))
        )
        self.ann, self.ada = make.person(**person), make.admin()
        make.booking(self.first, self.ann)

    def cancel(self, session_id: int) -> int:
        with self.app.app_context():
            return calling_off.cancel_sessions([session_id], "", self.ada, clock.now())

    def move(self, hour: int, seen: int) -> int:
        change = SessionChange(start_time=time(hour))
        with self.app.app_context():
            return calling_off.move_session(self.first, change, self.ada, clock.now(), seen)

    def edit(self, edit: SeriesEdit) -> None:
        with self.app.app_context():
            mark = seen_mark(db.session.get_one(Series, self.series))
            series_deeds.change_series(self.series, edit, None, self.ada, clock.now(), mark)

    def undo(self, deed_id: int) -> None:
        with self.app.app_context():
            calling_off.undo(deed_id, self.ada, clock.now())
            assert upkeep.problems() == []

    def date(self) -> ScheduledSession:
        found = pages.rows(self.app, select(ScheduledSession).where(ScheduledSession.id == self.first))[0]
        assert isinstance(found, ScheduledSession)
        return found


@pytest.fixture
def scene(app: Flask, make: Builders, clock_at: ClockAt) -> Scene:
    clock_at("2027-01-10T22:00+00:00")
    return Scene(app, make)


def sequence(client: FlaskClient) -> int:
    lines = client.get("/sessions.ics").text.splitlines()
    return int(next(line for line in lines if line.startswith("SEQUENCE:")).split(":")[1])


def test_no_number_in_a_calendar_ever_falls(scene: Scene, client: FlaskClient, clock_at: ClockAt) -> None:
    found = [sequence(client)]
    for minute, deed in ((1, "move"), (3, "move"), (5, "cancel"), (7, "move")):
        clock_at(f"2027-01-10T22:0{minute}+00:00")
        version = scene.date().schedule_version
        done = scene.move(13 + minute // 2, version) if deed == "move" else scene.cancel(scene.first)
        found.append(sequence(client))
        at = clock_at(f"2027-01-10T22:0{minute + 1}+00:00")
        scene.undo(done)
        assert scene.date().changed_at == at
        found.append(sequence(client))
    assert found == sorted(set(found))


def test_a_reminder_that_was_sent_is_not_sent_again(scene: Scene, clock_at: ClockAt) -> None:
    reminders = select(Message.state).where(Message.kind == MessageKind.REMINDER)
    clock_at("2027-01-25T11:00+00:00")
    pages.write(scene.app, db.update(Booking).values(state_at=datetime.fromisoformat("2027-01-10T12:00Z")))
    with scene.app.app_context():
        assert messages.lay_out_reminders(clock.now()) == 1
    scene.undo(scene.cancel(scene.first))
    with scene.app.app_context():
        assert messages.lay_out_reminders(clock.now()) == 0
    assert len(pages.rows(scene.app, reminders)) == 1


def test_a_date_whose_series_went_on_without_it_differs(scene: Scene) -> None:
    deed = scene.cancel(scene.first)
    scene.edit(SeriesEdit(start_time=time(15)))
    scene.undo(deed)
    assert scene.date().start_time == time(13, 30)
    assert scene.date().own == {"start_time"}
    assert scene.date().differs


def test_a_date_that_its_rule_has_no_more_waits_for_a_decision(scene: Scene) -> None:
    deed = scene.cancel(scene.first)
    pages.write(scene.app, db.update(Series).values(rule="FREQ=WEEKLY;BYDAY=TH;COUNT=6"))
    scene.undo(deed)
    assert scene.date().differs
    assert scene.date().own == frozenset()
    scene.edit(SeriesEdit(rule=parse_rule("FREQ=WEEKLY;BYDAY=WE;COUNT=6")))
    assert not scene.date().differs


@pytest.mark.parametrize("outcome", [CallOutcome.REACHED, CallOutcome.LEFT_WORD])
def test_what_was_said_in_a_call_is_known_though_the_call_stands_open_again(
    app: Flask, make: Builders, clock_at: ClockAt, outcome: CallOutcome
) -> None:
    clock_at("2027-01-10T12:00+00:00")
    scene = Scene(app, make, email=None, phone="07700 900123", may_leave_word=True)
    deed = scene.cancel(scene.first)
    call = pages.rows(app, select(Message.id))[0]
    with app.app_context():
        tasks.note_call(call, outcome, scene.ada, clock.now())
        tasks.reopen_call(call, scene.ada, clock.now())
    with pytest.raises(CannotUndo):
        scene.undo(deed)


def test_a_call_that_nobody_answered_told_nobody(app: Flask, make: Builders, clock_at: ClockAt) -> None:
    clock_at("2027-01-10T12:00+00:00")
    scene = Scene(app, make, email=None, phone="07700 900123")
    deed = scene.cancel(scene.first)
    with app.app_context():
        call = told.not_told(deed, clock.now()).calls[0].message_id
        tasks.note_call(call, CallOutcome.NO_ANSWER, scene.ada, clock.now())
    scene.undo(deed)


def test_who_has_her_own_place_again_is_offered_none(scene: Scene, clock_at: ClockAt) -> None:
    first = scene.cancel(scene.first)
    kept = select(Booking.session_id, Booking.state).where(Booking.instead_of_id.is_not(None))
    assert [one.session_id for one in pages.rows(scene.app, kept)] == [scene.second]
    clock_at("2027-01-10T22:10+00:00")
    second = scene.cancel(scene.second)
    scene.undo(first)
    scene.undo(second)
    assert {one.state for one in pages.rows(scene.app, kept)} == {BookingState.CANCELLED}
    hers = select(Booking.state).where(Booking.session_id == scene.first)
    assert pages.rows(scene.app, hers) == [BookingState.BOOKED]


def test_a_place_whose_time_ran_out_meanwhile_is_kept_no_longer(scene: Scene, clock_at: ClockAt) -> None:
    scene.cancel(scene.first)
    second = scene.cancel(scene.second)
    clock_at("2027-01-12T22:00+00:00")
    scene.undo(second)
    kept = select(Booking.state).where(Booking.session_id == scene.second)
    assert pages.rows(scene.app, kept) == [BookingState.EXPIRED]
