"""Calls and letters on paper: how each can end, when somebody is tried again, and what is printed."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, select, update

from booking import clock
from booking.db import db
from booking.models import Announcement, CallNote, ContactPoint, Message, Person
from booking.models.kinds import Channel, MessageKind, MessageState, Pool
from booking.queries import tasks as asked
from booking.services import bookings
from booking.web.office import said
from tests.office.season import Season
from tests.support import pages
from tests.support.builders import Builders

ONE_DATABASE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ClockAt = Callable[[datetime], datetime]


@pytest.fixture
def session(make: Builders, season: Season) -> int:
    return make.session(season.tea, starts_in=timedelta(days=4))


def booked(app: Flask, session: int, person: int) -> int:
    """Let somebody have a place, and return the message that tells her."""
    with app.app_context():
        bookings.book_place(session, person, Pool.ROOM, person, clock.now())
    return int(pages.rows(app, select(Message.id).order_by(Message.id.desc()).limit(1))[0])


@pytest.fixture
def call(app: Flask, make: Builders, session: int) -> int:
    """Cato has a phone and no email."""
    return booked(app, session, make.person("Cato", email=None, phone="07700 900123"))


@pytest.fixture
def paper(app: Flask, make: Builders, session: int, season: Season) -> int:
    """Dora wants post."""
    dora = make.person("Dora", channel=Channel.POST)
    return booked(app, session, dora)


def noted(desk: FlaskClient, message_id: int, outcome: str, **more: str) -> str:
    sent = pages.send(desk, f"/office/calls/{message_id}", page="/office/people", outcome=outcome, **more)
    return pages.after(desk, sent)


def state(app: Flask, message_id: int) -> MessageState:
    found = pages.rows(app, select(Message.state).where(Message.id == message_id))[0]
    assert isinstance(found, MessageState)
    return found


def test_word_is_left_only_where_she_allows_it(app: Flask, desk: FlaskClient, call: int) -> None:
    assert "Left word" not in pages.words(desk.get("/office"))
    assert "not said that we may leave word" in noted(desk, call, "left_word")
    assert state(app, call) is MessageState.WAITING
    pages.write(app, update(Person).where(Person.known_as == "Cato").values(may_leave_word=True))
    assert "Left word" in pages.words(desk.get("/office"))
    noted(desk, call, "left_word")
    assert state(app, call) is MessageState.SENT


def test_who_asks_to_be_tried_again_waits_at_the_end_of_the_list(
    app: Flask, desk: FlaskClient, call: int, make: Builders, session: int
) -> None:
    other = booked(app, session, make.person("Eva", email=None, phone="07700 900124"))
    said = noted(desk, call, "try_again", again_at="2026-11-23T15")
    assert "Asked to be tried again on Monday 23 November 2026 at 3pm." in said
    with app.app_context():
        assert [one.message_id for one in asked.calls_to_make(clock.now())] == [other, call]
    assert state(app, call) is MessageState.WAITING


def test_when_that_time_has_come_the_call_is_like_any_other(
    app: Flask, desk: FlaskClient, call: int, clock_at: ClockAt
) -> None:
    noted(desk, call, "try_again", again_at="2026-11-23T15")
    with app.app_context():
        later = clock_at(clock.now() + timedelta(hours=28))
        assert [one.again_at for one in asked.calls_to_make(later)] == [None]


@pytest.mark.parametrize(
    "at", ["2026-11-21T15", "2026-11-26T14", "", "tomorrowT15", "2026-11-23T99", "2026-11-23", "T"]
)
def test_a_time_that_is_none_or_too_late_is_refused(
    app: Flask, desk: FlaskClient, call: int, at: str
) -> None:
    assert "Error: Choose a time from now on" in noted(desk, call, "try_again", again_at=at)
    assert pages.rows(app, select(CallNote.id)) == []


def test_a_time_that_has_passed_meanwhile_stays_chosen_beside_its_error(
    desk: FlaskClient, call: int, clock_at: ClockAt
) -> None:
    clock_at(clock.now() + timedelta(hours=4))
    chosen = {"outcome": "try_again", "again_at": "2026-11-22T15"}
    sent = pages.send(desk, f"/office/calls/{call}", page="/office/people", **chosen)
    assert sent.location.endswith(f"#call-{call}")
    page = desk.get(sent.location).text
    assert '<option value="2026-11-22T15" selected>' in page
    assert '<option value="2026-11-22T14"' not in page


@ONE_DATABASE
@pytest.mark.parametrize(
    ("before", "first", "last"),
    [
        (timedelta(hours=3), "26T11", "26T13"),
        (timedelta(days=1), "25T14", "26T13"),
        (timedelta(minutes=5), "", ""),
    ],
)
def test_only_times_before_the_start_are_offered(
    app: Flask, call: int, clock_at: ClockAt, before: timedelta, first: str, last: str
) -> None:
    starts = datetime(2026, 11, 26, 13, 30, tzinfo=UTC)
    with app.app_context():
        (one,) = asked.calls_to_make(clock.now())
    clock_at(starts - before)
    with app.test_request_context():
        days = said.times_to_try_again(replace(one, of_use_until=starts))
    offered = [value for _day, hours in days for value, _words in hours]
    assert [value[8:] for value in offered[:1] + offered[-1:]] == ([first, last] if first else [])


def test_a_call_is_not_posted(app: Flask, desk: FlaskClient, call: int) -> None:
    assert "not a letter to post" in noted(desk, call, "posted")
    assert state(app, call) is MessageState.WAITING


def test_letters_are_printed_with_the_words_of_today_and_their_address(
    app: Flask, desk: FlaskClient, paper: int
) -> None:
    assert "No postal address is known." in pages.words(desk.get("/office/messages/post"))
    known = {"kind": "post", "written": "1 Mill Lane\nLeeds", "key": "1 mill lane"}
    person = pages.rows(app, select(Message.person_id).where(Message.id == paper))[0]
    pages.write(app, insert(ContactPoint).values(known | {"person_id": person, "created_at": clock.now()}))
    said = pages.words(desk.get("/office/messages/post"))
    assert "Dora Example 1 Mill Lane Leeds" in said
    assert "Hello Dora, You have a place at Tea" in said


def test_posted_takes_a_letter_off_the_list_and_can_be_put_back(
    app: Flask, desk: FlaskClient, paper: int
) -> None:
    assert "No letters to post" in noted(desk, paper, "posted", on_paper="1")
    assert state(app, paper) is MessageState.SENT
    assert "off the list already" in noted(desk, paper, "posted")
    pages.send(desk, f"/office/calls/{paper}/reopen", page="/office")
    assert "Hello Dora" in pages.words(desk.get("/office/messages/post"))


def test_one_letter_that_nobody_can_write_does_not_keep_the_others_from_print(
    app: Flask, desk: FlaskClient, paper: int, make: Builders, session: int
) -> None:
    bad = booked(app, session, make.person("Eva", channel=Channel.POST))
    pages.write(app, update(Message).where(Message.id == bad).values(kind=MessageKind.ROTA, booking_id=None))
    said = pages.words(desk.get("/office/messages/post"))
    assert "Hello Dora" in said
    assert "Not to be posted now Eva Example" in said


def test_a_message_to_everybody_is_read_out_on_the_phone(
    app: Flask, desk: FlaskClient, call: int, session: int, season: Season
) -> None:
    with app.app_context():
        facts = {"session_id": session, "author_id": season.ada, "created_at": clock.now()}
        written = Announcement(words="Please bring a cushion.\n\nSee you there.", **facts)
        db.session.add(written)
        db.session.commit()
        about = {"announcement_id": written.id, "session_id": session, "booking_id": None}
    kind = MessageKind.ANNOUNCEMENT
    pages.write(app, update(Message).where(Message.id == call).values(kind=kind, **about))
    said = pages.words(desk.get("/office"))
    assert "A message to everybody of Tea & A Chat Manchester" in said
    assert "Please bring a cushion." in said


def test_a_host_without_email_is_told_on_the_phone_what_the_letter_says(
    app: Flask, desk: FlaskClient, call: int
) -> None:
    host = {"kind": MessageKind.ROTA, "booking_id": None}
    pages.write(app, update(Message).where(Message.id == call).values(host))
    assert "What to read out" in pages.words(desk.get("/office"))
    assert desk.get(f"/office/messages/{call}").status_code == 200
