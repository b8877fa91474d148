"""Today: calls with their outcome, registers nobody took, letters in trouble, the worker's pulse."""

from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, select, update

from booking import clock
from booking.models import AuditEntry, Booking, CallNote, Message, ScheduledSession, WorkerBeat
from booking.models.kinds import Channel, MessageKind, MessageState
from tests.office.season import Season
from tests.support import pages
from tests.support.builders import Builders


@pytest.fixture
def call(app: Flask, make: Builders, season: Season) -> int:
    """Cat has a phone and no email; her session changed an hour ago."""
    cat = make.person("Cato", email=None, phone="07700 900123", may_leave_word=True)
    session = make.session(season.tea)
    booking = make.booking(session, cat)
    return message(app, MessageKind.BOOKED, cat, booking, Channel.CALL)


def message(
    app: Flask, kind: MessageKind, person: int, booking: int, channel: Channel, **facts: object
) -> int:
    hour_ago = clock.now() - timedelta(hours=1)
    values = {
        "kind": kind,
        "person_id": person,
        "booking_id": booking,
        "channel": channel,
        "dedupe_key": f"booking:{booking}:{kind.value}:v1",
        "created_at": hour_ago,
        "due_at": hour_ago,
        "schedule_version": 1,
        "message_id": f"<{booking}@example.org>",
    }
    pages.write(app, insert(Message).values(**{**values, **facts}))
    return int(pages.rows(app, select(Message.id))[-1])


def test_a_call_says_whom_and_what(desk: FlaskClient, call: int) -> None:
    page = desk.get("/office")
    said = pages.words(page)
    assert 'href="tel:07700900123"' in page.text
    assert "Cato Example" in said
    assert "You have a place at Tea & A Chat Manchester on" in said


def test_a_call_that_reached_her_leaves_the_list(app: Flask, desk: FlaskClient, call: int) -> None:
    answer = pages.send(desk, f"/office/calls/{call}", page="/office", outcome="reached")
    assert "No calls to make" in pages.after(desk, answer)
    assert pages.rows(app, select(CallNote.outcome)) == ["reached"]


def test_a_slip_of_the_finger_is_put_back_on_the_list(app: Flask, desk: FlaskClient, call: int) -> None:
    answer = pages.send(desk, f"/office/calls/{call}", page="/office", outcome="reached")
    said = pages.after(desk, answer)
    assert "Reached: Cato." in said
    assert "Calls settled today Cato · Booked · Reached Put back on the list" in said
    answer = pages.send(desk, f"/office/calls/{call}/reopen", page="/office")
    said = pages.after(desk, answer)
    assert "You have a place at Tea & A Chat Manchester on" in said
    assert "Calls settled today" not in said
    assert pages.rows(app, select(AuditEntry.action))[-1] == "call put back"


def test_a_call_goes_back_once(app: Flask, desk: FlaskClient, call: int) -> None:
    pages.send(desk, f"/office/calls/{call}", page="/office", outcome="not_needed")
    pages.send(desk, f"/office/calls/{call}/reopen", page="/office")
    again = pages.send(desk, f"/office/calls/{call}/reopen", page="/office")
    assert "can't be put back" in pages.after(desk, again)


def test_a_call_of_yesterday_stays_settled(app: Flask, desk: FlaskClient, call: int) -> None:
    pages.send(desk, f"/office/calls/{call}", page="/office", outcome="reached")
    pages.write(app, update(CallNote).values(noted_at=clock.now() - timedelta(days=1)))
    assert "Calls settled today" not in pages.words(desk.get("/office"))
    answer = pages.send(desk, f"/office/calls/{call}/reopen", page="/office/people")
    assert "can't be put back" in pages.after(desk, answer)
    assert pages.rows(app, select(Message.state)) == [MessageState.SENT]


def test_a_change_told_by_mistake_is_untold(app: Flask, desk: FlaskClient, call: int) -> None:
    changed = update(Message).values(kind=MessageKind.SESSION_CHANGED, schedule_version=2)
    pages.write(app, changed)
    pages.write(app, update(ScheduledSession).values(schedule_version=2))
    told = select(Booking.told_version).where(Booking.id == select(Message.booking_id).scalar_subquery())
    pages.send(desk, f"/office/calls/{call}", page="/office", outcome="reached")
    assert pages.rows(app, told) == [2]
    pages.send(desk, f"/office/calls/{call}/reopen", page="/office")
    assert pages.rows(app, told) == [1]


def test_a_letter_by_email_is_not_put_back(app: Flask, desk: FlaskClient, season: Season) -> None:
    letter = message(app, MessageKind.BOOKED, season.ann, season.anns_october, Channel.EMAIL)
    assert pages.send(desk, f"/office/calls/{letter}/reopen", page="/office/people").status_code == 404


def test_what_is_on_today_and_tomorrow_stands_first(
    desk: FlaskClient, make: Builders, season: Season
) -> None:
    assert "No sessions today or tomorrow." in pages.words(desk.get("/office"))
    make.booking(make.session(season.tea, on=date(2026, 11, 23)), season.ann)
    make.session(season.tea, on=date(2026, 11, 24))
    said = pages.words(desk.get("/office"))
    assert "On tomorrow 1:30pm" in said
    assert "Friends' Meeting House 1 of 20 in the room" in said
    assert said.count("Meeting House") == 1


def test_an_old_register_no_longer_fills_the_list(desk: FlaskClient, make: Builders, season: Season) -> None:
    make.booking(make.session(season.tea, on=date(2026, 9, 2)), season.ann)
    assert "1 session of the last 8 weeks is over" in pages.words(desk.get("/office"))


def test_no_answer_keeps_the_call_and_counts_the_try(desk: FlaskClient, call: int) -> None:
    answer = pages.send(desk, f"/office/calls/{call}", page="/office", outcome="no_answer")
    assert "tried once" in pages.after(desk, answer)


def test_a_call_noted_twice_is_noted_once(app: Flask, desk: FlaskClient, call: int) -> None:
    pages.send(desk, f"/office/calls/{call}", page="/office", outcome="left_word")
    again = pages.send(desk, f"/office/calls/{call}", page="/office/people", outcome="left_word")
    assert "off the list already" in pages.after(desk, again)
    assert len(pages.rows(app, select(CallNote.id))) == 1


def test_an_outcome_nobody_knows_changes_nothing(app: Flask, desk: FlaskClient, call: int) -> None:
    answer = pages.send(desk, f"/office/calls/{call}", page="/office", outcome="sang")
    assert answer.status_code == 400
    assert pages.rows(app, select(CallNote.id)) == []


def test_a_letter_by_email_is_no_call(app: Flask, desk: FlaskClient, season: Season) -> None:
    letter = message(app, MessageKind.BOOKED, season.ann, season.anns_october, Channel.EMAIL)
    answer = pages.send(desk, f"/office/calls/{letter}", page="/office/people", outcome="reached")
    assert answer.status_code == 404


def test_a_register_with_a_gap_is_listed(desk: FlaskClient) -> None:
    said = pages.words(desk.get("/office"))
    assert "1 session of the last 8 weeks is over and its register is not complete." in said
    assert "Chair yoga Wednesday 4 November 2026" in said


def test_a_letter_that_failed_is_listed_with_its_reason(
    app: Flask, desk: FlaskClient, season: Season
) -> None:
    message(
        app,
        MessageKind.BOOKED,
        season.ann,
        season.anns_october,
        Channel.EMAIL,
        state=MessageState.FAILED,
        why="550",
    )
    assert "1 letter failed or waits for long." in pages.words(desk.get("/office"))
    assert "550" in pages.words(desk.get("/office"))


def test_a_worker_that_is_gone_is_said_aloud(app: Flask, desk: FlaskClient) -> None:
    assert "no worker has been seen" in pages.words(desk.get("/office"))
    now = clock.now()
    pages.write(app, insert(WorkerBeat).values(name="one", started_at=now, beat_at=now))
    assert "was last seen at midday" in pages.words(desk.get("/office"))
    pages.write(app, update(WorkerBeat).values(beat_at=now - timedelta(minutes=10)))
    assert "the worker was last seen on Sunday 22 November 2026 at 11:50am" in pages.words(
        desk.get("/office")
    )
