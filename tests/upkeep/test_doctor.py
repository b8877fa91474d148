"""The doctor names everything that must never be, by id and without names."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Index, delete, text, update

from booking import clock
from booking.cli import doctor
from booking.db import db
from booking.models import AttendanceMark, Booking, Message, Person, ScheduledSession, SessionVersion
from booking.models.kinds import (
    Attendance,
    BookingState,
    Channel,
    MessageKind,
    MessageState,
    PersonStatus,
    SessionState,
)
from booking.queries.upkeep import problems
from tests.support.builders import Builders


def examined(app: Flask) -> list[str]:
    with app.app_context():
        return problems()


def change(app: Flask, *statements: Any) -> None:
    """Break something past every rule of the service."""
    with app.app_context(), db.engine.begin() as connection:
        for statement in statements:
            connection.execute(statement)


@pytest.fixture
def booking(make: Builders) -> int:
    """Ann's place in a session of twenty; its id is 1, as are hers and the session's."""
    return make.booking(make.session(), make.person("Ann"))


def a_message(app: Flask, **facts: Any) -> None:
    values: dict[str, Any] = {
        "kind": MessageKind.BOOKED,
        "channel": Channel.EMAIL,
        "recipient": "ann@example.org",
        "dedupe_key": "booking:1:booked:v1",
        "message_id": "<m.1@example.org>",
        "person_id": 1,
        "booking_id": 1,
        "created_at": clock.now(),
        "due_at": clock.now(),
    }
    with app.app_context():
        db.session.add(Message(**(values | facts)))
        db.session.commit()


@pytest.mark.usefixtures("booking")
def test_a_sound_house_has_no_problems(app: Flask) -> None:
    a_message(app)
    assert examined(app) == []
    done = app.test_cli_runner().invoke(doctor)
    assert (done.exit_code, done.output) == (0, "All is well.\n")


def test_problems_are_printed_and_end_with_status_one(app: Flask, make: Builders) -> None:
    session_id = make.session(make.series(places_room=1))
    for name in ("Ann", "Ben"):
        make.booking(session_id, make.person(name))
    done = app.test_cli_runner().invoke(doctor)
    assert done.exit_code == 1
    assert done.output == f"Session {session_id} has 2 room places taken of 1.\n1 problems found.\n"


def test_a_place_held_for_somebody_who_is_proven_is_stranded(app: Flask, make: Builders) -> None:
    chat, until = make.session(), clock.now() + timedelta(hours=1)
    for name, status in (("Ann", PersonStatus.ACTIVE), ("Ruth", PersonStatus.UNPROVEN)):
        make.booking(chat, make.person(name, status=status), state=BookingState.HELD, held_until=until)
    assert examined(app) == ["Booking 1 is held, but person 1 has nothing to confirm."]


def test_a_pool_that_a_session_does_not_have_is_oversold_by_one(app: Flask, make: Builders) -> None:
    session_id = make.session()
    make.booking(session_id, make.person("Ann"), pool="online")  # type: ignore[arg-type]
    assert examined(app) == [f"Session {session_id} has 1 online places taken of 0."]


def test_somebody_who_walked_in_oversells_nothing(app: Flask, make: Builders) -> None:
    session_id = make.session(make.series(places_room=1))
    make.booking(session_id, make.person("Ann"))
    make.booking(session_id, None, attendance=Attendance.WALKED_IN)
    assert examined(app) == []


@pytest.fixture
def without_the_judge(app: Flask) -> Iterator[None]:
    """The database without the index that refuses a second live booking."""
    index = next(one for one in Booking.__table__.indexes if one.name == "uq_booking_live")  # type: ignore[attr-defined]
    assert isinstance(index, Index)
    change(app, text("DROP INDEX uq_booking_live"))
    yield
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(delete(Booking))
        index.create(connection)


@pytest.mark.usefixtures("without_the_judge")
def test_somebody_booked_twice_is_named(app: Flask, make: Builders) -> None:
    session_id, ann = make.session(), make.person("Ann")
    for _ in range(2):
        make.booking(session_id, ann)
    assert examined(app) == [f"Person {ann} has 2 live bookings of session {session_id}."]


@pytest.mark.parametrize(
    ("broken", "named"),
    [
        (
            update(ScheduledSession).values(state=SessionState.CANCELLED),
            "Booking 1 is live, but its session 1 is cancelled.",
        ),
        (
            update(ScheduledSession).values(ends_at=ScheduledSession.starts_at, starts_at=clock.now()),
            "Session 1 starts or ends at another instant than its wall time says.",
        ),
        (delete(SessionVersion), "Session 1 is at version 1, but 0 versions of it are kept."),
        (
            update(ScheduledSession).values(schedule_version=2),
            "Session 1 is at version 2, but 1 versions of it are kept.",
        ),
    ],
)
@pytest.mark.usefixtures("booking")
def test_a_session_that_contradicts_itself_is_named(app: Flask, broken: Any, named: str) -> None:
    change(app, broken)
    assert examined(app) == [named]


def test_a_booking_that_contradicts_its_register_is_named(app: Flask, booking: int) -> None:
    with app.app_context():
        for attendance in (Attendance.DID_NOT_COME, Attendance.CAME):
            mark = AttendanceMark(booking_id=booking, was=Attendance.NOT_RECORDED, attendance=attendance)
            mark.marked_at = clock.now()
            db.session.add(mark)
            db.session.flush()
        db.session.commit()
    assert examined(app) == ["Booking 1 says something else than its latest mark on the register."]
    change(app, update(Booking).values(attendance=Attendance.CAME))
    assert examined(app) == []


@pytest.mark.parametrize(
    ("facts", "named"),
    [
        ({"dedupe_key": " "}, "Message 1 has no key."),
        ({"message_id": ""}, "Message 1 has no Message-ID."),
        ({"state": MessageState.SENT}, "Message 1 was sent, but nobody noted when."),
        ({"state": MessageState.SENDING}, "Message 1 is being sent by nobody."),
        ({"recipient": None}, "Message 1 goes by email to no address."),
    ],
)
@pytest.mark.usefixtures("booking")
def test_a_message_that_would_be_lost_is_named(app: Flask, facts: dict[str, Any], named: str) -> None:
    a_message(app, **facts)
    assert examined(app) == [named]


@pytest.mark.parametrize("status", [PersonStatus.DIED, PersonStatus.CLOSED, PersonStatus.MERGED])
@pytest.mark.usefixtures("booking")
def test_a_message_that_waits_for_somebody_who_must_have_none_is_named(
    app: Flask, status: PersonStatus
) -> None:
    a_message(app)
    change(app, update(Person).values(status=status))
    assert examined(app)[-1] == "Message 1 waits for somebody who must not be written to."


@pytest.mark.usefixtures("booking")
def test_two_messages_with_one_message_id_are_named(app: Flask) -> None:
    for key in ("one", "two"):
        a_message(app, dedupe_key=key)
    assert examined(app) == ["1 Message-IDs stand at several messages."]


@pytest.mark.usefixtures("booking")
def test_a_row_that_lost_what_it_belongs_to_is_named(app: Flask) -> None:
    with app.app_context(), db.engine.connect() as connection:
        off = (
            "PRAGMA foreign_keys=OFF"
            if db.engine.dialect.name == "sqlite"
            else "SET session_replication_role=replica"
        )
        driver: Any = connection.connection.driver_connection
        driver.execute(off)
        driver.execute("DELETE FROM person")
        driver.commit()
        connection.invalidate()
    assert examined(app) == [
        "1 rows of contact_point name a row of person that is not there.",
        "1 rows of booking name a row of person that is not there.",
    ]


def test_tables_of_another_version_are_named_and_nothing_else_is_asked(app: Flask) -> None:
    (head,) = _revision(app, "0001")
    assert examined(app) == ["The database is not up to date: run flask db upgrade."]
    _revision(app, "9998")
    assert examined(app) == ["The database was made by a newer version of this service."]
    _revision(app, head)
    assert examined(app) == []


def test_a_session_on_the_night_the_clock_goes_back_is_sound(app: Flask, make: Builders) -> None:
    make.session(make.series(), starts_in=timedelta(days=1))
    for day in ("2026-10-25", "2027-03-28", "2026-07-01"):
        make.session(on=date.fromisoformat(day))
    assert examined(app) == []


def _revision(app: Flask, number: str) -> Any:
    with app.app_context(), db.engine.begin() as connection:
        before = connection.execute(text("SELECT version_num FROM alembic_version")).one()
        connection.execute(text("UPDATE alembic_version SET version_num = :number"), {"number": number})
        return before


@pytest.mark.parametrize("status", [PersonStatus.DIED, PersonStatus.CLOSED, PersonStatus.MERGED])
def test_a_place_to_come_of_a_record_that_is_shut_is_named(
    app: Flask, booking: int, status: PersonStatus
) -> None:
    change(app, update(Person).values(status=status))
    assert examined(app) == [
        f"Booking {booking} is live, but the record of person 1 is {status.value}.",
    ]


def test_a_place_of_the_past_stays_whatever_became_of_the_record(app: Flask, make: Builders) -> None:
    make.booking(make.session(starts_in=timedelta(days=-7)), make.person(status=PersonStatus.DIED))
    assert examined(app) == []
