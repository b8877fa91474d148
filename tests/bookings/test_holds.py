"""Places that wait for somebody new: released in time, and kept or let go by the office on the phone."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from booking import worker
from booking.db import db
from booking.models import Booking, ContactPoint, Message, Person, Task
from booking.models.kinds import BookingState, MessageKind, MessageState, PersonStatus, TaskKind
from booking.refusals import NotFound, SessionFull, TaskSettled
from booking.services import holds, messages, privacy
from tests.bookings.newcomers import BY_PHONE, LETTERS, STATES, hand_over, hold, link, release
from tests.people.test_same_work import questions
from tests.support.builders import Builders
from tests.support.pages import rows, send, words

Clock = Callable[[datetime], datetime]
STATUS = select(Person.status).where(Person.known_as == "Ruth")


@pytest.fixture
def ada(make: Builders) -> int:
    return make.admin("Ada")


@pytest.fixture
def task_id(app: Flask, client: FlaskClient, make: Builders, ada: int) -> int:
    """The call that Ruth's form asked for; she wants the only place there is."""
    hold(client, make.session(places_room=1), **BY_PHONE)
    (found,) = rows(app, select(Task.id))
    return int(found)


def test_the_worker_frees_a_place_in_time_and_not_before(
    app: Flask, client: FlaskClient, make: Builders, now: datetime, clock_at: Clock
) -> None:
    hold(client, make.session())
    hand_over(app)
    clock_at(now + timedelta(minutes=59))
    assert release(app) == 0
    clock_at(now + timedelta(minutes=60))
    with app.app_context():
        worker.run_once()
    assert rows(app, select(Booking.state, Booking.held_until)) == [(BookingState.EXPIRED, None)]
    assert release(app) == 0


def test_a_freed_place_is_somebody_elses(
    app: Flask, client: FlaskClient, make: Builders, now: datetime, clock_at: Clock
) -> None:
    chat = make.session(places_room=1)
    hold(client, chat)
    clock_at(now + timedelta(hours=25))
    release(app)
    ann = make.sign_in(app.test_client(), make.person("Ann"))
    send(ann, f"/sessions/{chat}/book", pool="room", seen="0")
    assert rows(app, STATES) == [BookingState.EXPIRED, BookingState.BOOKED]


def test_a_place_pressed_for_in_the_last_moment_stays_hers(
    app: Flask, client: FlaskClient, make: Builders, now: datetime, clock_at: Clock
) -> None:
    hold(client, make.session(places_room=1))
    hand_over(app)
    clock_at(now + timedelta(minutes=61))
    send(client, link(app))
    assert release(app) == 0
    assert rows(app, STATES) == [BookingState.BOOKED]


def test_many_places_are_freed_some_at_a_time(
    app: Flask, make: Builders, now: datetime, clock_at: Clock
) -> None:
    chat = make.session(places_room=None)
    for number in range(holds.AT_A_TIME + 1):
        ruth = make.person(f"Ruth{number}", status=PersonStatus.UNPROVEN)
        make.booking(chat, ruth, state=BookingState.HELD, held_until=now)
    assert release(app) == holds.AT_A_TIME
    assert release(app) == 1


def test_one_round_frees_them_all(app: Flask, make: Builders, now: datetime) -> None:
    chat = make.session(places_room=None)
    for number in range(holds.AT_A_TIME * 2 + 1):
        ruth = make.person(f"Ruth{number}", status=PersonStatus.UNPROVEN)
        make.booking(chat, ruth, state=BookingState.HELD, held_until=now)
    with app.app_context():
        worker.run_once()
    assert set(rows(app, STATES)) == {BookingState.EXPIRED}


def test_looking_for_what_is_over_keeps_no_writer_waiting(
    app: Flask, client: FlaskClient, make: Builders
) -> None:
    hold(client, make.session())
    with questions(app) as asked:
        assert release(app) == 0
    # SQLite says when a writing transaction begins; a reading one asks once and is done.
    assert [one for one in asked if "IMMEDIATE" in one] == []
    assert len([one for one in asked if "booking" in one]) == 1


def test_the_office_calls_and_the_place_is_hers(app: Flask, task_id: int, ada: int, now: datetime) -> None:
    with app.app_context():
        (kept,) = holds.confirm_newcomer(task_id, ada, now)
    assert kept.booking_id is not None
    assert rows(app, STATES) == [BookingState.BOOKED]
    assert rows(app, STATUS) == [PersonStatus.ACTIVE]
    assert rows(app, select(ContactPoint.proven_at).where(ContactPoint.kind == "phone")) == [now]
    assert rows(app, select(Task.settled_at, Task.settled_by)) == [(now, ada)]
    # She has just heard it, so no further call waits.
    assert rows(app, select(Message.kind, Message.state)) == [(MessageKind.BOOKED, MessageState.SENT)]


def test_a_call_that_comes_too_late_books_anew_if_there_is_room(
    app: Flask, task_id: int, ada: int, now: datetime, clock_at: Clock
) -> None:
    later = clock_at(now + timedelta(hours=30))
    release(app)
    with app.app_context():
        (kept,) = holds.confirm_newcomer(task_id, ada, later)
    assert kept.booking_id is not None
    assert rows(app, STATES) == [BookingState.EXPIRED, BookingState.BOOKED]


def test_a_call_that_comes_too_late_for_the_last_place_says_so(
    app: Flask, make: Builders, task_id: int, ada: int, now: datetime, clock_at: Clock
) -> None:
    later = clock_at(now + timedelta(hours=30))
    release(app)
    make.booking(rows(app, select(Booking.session_id))[0], make.person("Ben"))
    with app.app_context():
        (kept,) = holds.confirm_newcomer(task_id, ada, later)
    assert isinstance(kept.why_not, SessionFull)
    assert rows(app, STATUS) == [PersonStatus.ACTIVE]


def test_the_office_lets_her_go_and_the_place_is_free(
    app: Flask, task_id: int, ada: int, now: datetime
) -> None:
    with app.app_context():
        holds.let_newcomer_go(task_id, ada, now)
    assert rows(app, STATES) == [BookingState.EXPIRED]
    assert rows(app, STATUS) == [PersonStatus.UNPROVEN]
    assert rows(app, select(Task.settled_by)) == [ada]


@pytest.mark.parametrize("again", [holds.confirm_newcomer, holds.let_newcomer_go])
def test_of_two_in_the_office_the_second_is_told(
    app: Flask, task_id: int, ada: int, now: datetime, again: Callable[..., object]
) -> None:
    with app.app_context():
        holds.confirm_newcomer(task_id, ada, now)
        with pytest.raises(TaskSettled):
            again(task_id, ada, now)
    assert rows(app, STATES) == [BookingState.BOOKED]


@pytest.mark.parametrize("deed", [holds.confirm_newcomer, holds.let_newcomer_go])
def test_another_task_is_no_such_call(
    app: Flask, make: Builders, ada: int, now: datetime, deed: Callable[..., object]
) -> None:
    with app.app_context():
        db.session.add(Task(kind=TaskKind.COMPLAINT, person_id=ada, created_at=now))
        db.session.commit()
    with app.app_context():
        for task_id in (1, 99):
            with pytest.raises(NotFound):
                deed(task_id, ada, now)


def test_nobody_is_reminded_of_a_place_that_only_waits(
    app: Flask, client: FlaskClient, make: Builders, now: datetime, clock_at: Clock
) -> None:
    hold(client, make.session(starts_in=timedelta(days=2, hours=1)))
    later = clock_at(now + timedelta(hours=23))
    with app.app_context():
        assert messages.lay_out_reminders(later) == 0
    assert rows(app, LETTERS) == [MessageKind.CONFIRM_EMAIL]


def test_no_host_sees_who_only_asked(app: Flask, client: FlaskClient, make: Builders) -> None:
    fay = make.facilitator("Fay")
    chat = make.session(starts_in=timedelta(minutes=10), led_by=(fay,))
    hold(client, chat)
    roster = words(make.sign_in(app.test_client(), fay).get(f"/host/sessions/{chat}"))
    assert "Ruth" not in roster


def test_who_never_confirmed_leaves_no_name_but_her_rows(
    app: Flask, task_id: int, now: datetime, clock_at: Clock
) -> None:
    later = clock_at(now + timedelta(days=8))
    release(app)
    with app.app_context():
        assert privacy.forget_unproven(later) == 1
    assert rows(app, select(Person.full_name).where(Person.status == PersonStatus.CLOSED)) == [""]
    assert rows(app, STATES) == [BookingState.EXPIRED]
    assert rows(app, select(Task.settled_at)) == [later]
