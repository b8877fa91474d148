"""What the service says about its own post, and a worker that meets trouble."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, text

from booking import clock, create_app, worker
from booking.db import db
from booking.messages.channels import Temporary
from booking.models import Booking, MailboxLetter
from booking.models.kinds import BookingState, MessageKind, PersonStatus
from booking.queries import messages as asked
from booking.queries import outgoing
from booking.services import delivery
from tests.letters.desk import Desk
from tests.support.databases import settings_for_tests
from tests.support.pages import rows, write
from tests.support.smtp import free_port


@contextmanager
def refusing(app: Flask, columns: str) -> Iterator[None]:
    """Let the database take no second row that is alike in these columns."""
    write(app, text(f"CREATE UNIQUE INDEX in_the_way ON {columns}"))
    try:
        yield
    finally:
        write(app, text("DROP INDEX in_the_way"))


def test_the_post_is_healthy_while_a_worker_lives_and_nothing_is_late(
    desk: Desk, clock_at: Callable[[datetime], datetime]
) -> None:
    desk.place()
    desk.post(MessageKind.BOOKED)
    with desk.app.app_context():
        assert not asked.is_healthy(clock.now())
        delivery.beat("worker", clock.now(), clock.now())
        assert asked.is_healthy(clock.now())
        later = clock_at(clock.now() + timedelta(minutes=6))
        delivery.beat("worker", later, later)
        assert not asked.is_healthy(later)
        assert asked.tray(later) == asked.Tray(waiting=1, failed=0, calls=0, overdue=1)


def turned_away(desk: Desk, *message_ids: int, code: str = "451", soon: bool = False) -> None:
    """Let the worker try letters that the mail server does not take for now."""
    with desk.app.app_context():
        assert delivery.claim("worker", clock.now()) == list(message_ids)
        for message_id in message_ids:
            delivery.begins(message_id, "worker", clock.now())
            delivery.failed_for_now(message_id, "worker", code, clock.now(), soon=soon)


def overdue(desk: Desk) -> int:
    with desk.app.app_context():
        return asked.overdue(clock.now())


def test_one_address_that_takes_nothing_for_now_is_no_fault_of_the_post(
    desk: Desk, clock_at: Callable[[str], datetime]
) -> None:
    clock_at("2026-08-20T10:30+01:00")
    desk.place()
    turned_away(desk, desk.post(MessageKind.BOOKED))
    desk.post(MessageKind.GIVEN_UP)
    for minute in ("32", "36", "44"):
        clock_at(f"2026-08-20T10:{minute}+01:00")
        with desk.app.app_context():
            (first,) = delivery.claim("worker", clock.now())
            delivery.failed_for_now(first, "worker", "451", clock.now())
    assert overdue(desk) == 0
    with desk.app.app_context():
        assert outgoing.figures(clock.now()).failing == 1
        found = outgoing.found(outgoing.Look(failing_at=clock.now()))
    assert [(one.message_id, one.why) for one in found] == [(first, "451")]
    # Nobody tries it again: the worker is dead, or stuck.
    clock_at("2026-08-20T11:10+01:00")
    assert overdue(desk) == 2


def test_what_is_not_held_up_by_order_is_late_all_the_same(
    desk: Desk, clock_at: Callable[[str], datetime]
) -> None:
    clock_at("2026-08-20T10:30+01:00")
    desk.place()
    turned_away(desk, desk.post(MessageKind.BOOKED))
    ben = desk.make.person("Ben")
    desk.booking_id = desk.make.booking(desk.session_id, ben)
    desk.post(MessageKind.BOOKED)
    clock_at("2026-08-20T10:35:30+01:00")
    assert overdue(desk) == 1


def test_a_server_that_turns_everybody_away_is_said_aloud(
    desk: Desk, clock_at: Callable[[str], datetime]
) -> None:
    clock_at("2026-08-20T10:30+01:00")
    desk.place()
    anns = desk.post(MessageKind.BOOKED)
    desk.booking_id = desk.make.booking(desk.session_id, desk.make.person("Ben"))
    turned_away(desk, anns, desk.post(MessageKind.BOOKED))
    served = desk.make.booking(desk.session_id, desk.make.person("Cat"))
    clock_at("2026-08-20T10:35:30+01:00")
    assert overdue(desk) == 2
    desk.booking_id = served
    cats = desk.post(MessageKind.BOOKED)
    with desk.app.app_context():
        delivery.sent(cats, clock.now())
    assert overdue(desk) == 0


def test_a_sender_that_nobody_takes_is_no_fault_of_one_address(
    desk: Desk, clock_at: Callable[[str], datetime]
) -> None:
    clock_at("2026-08-20T10:30+01:00")
    desk.place()
    turned_away(desk, desk.post(MessageKind.BOOKED), code=Temporary("550", is_away=True).why, soon=True)
    clock_at("2026-08-20T10:35:05+01:00")
    assert overdue(desk) == 1


def test_a_worker_that_was_seen_before_the_clock_was_put_back_may_be_dead(
    desk: Desk, clock_at: Callable[[str], datetime]
) -> None:
    clock_at("2026-08-20T10:30+01:00")
    with desk.app.app_context():
        delivery.beat("worker", clock.now(), clock.now())
        clock_at("2026-08-20T10:29+01:00")
        assert asked.is_healthy(clock.now())
        clock_at("2026-08-20T08:30+01:00")
        assert not asked.is_healthy(clock.now())
        assert outgoing.how_it_goes(clock.now()).worker_is_late


def test_workers_that_ended_long_ago_are_forgotten(app: Flask) -> None:
    now = clock.now()
    with app.app_context():
        delivery.beat("old", now - timedelta(days=2), now - timedelta(days=2))
        delivery.beat("new", now, now)
        names = db.session.execute(db.text("SELECT name FROM worker_beat")).scalars().all()
    assert names == ["new"]


def test_one_round_by_command_sends_what_waits(desk: Desk) -> None:
    desk.place()
    desk.post(MessageKind.BOOKED)
    done = desk.app.test_cli_runner().invoke(args=["worker", "--once"])
    assert (done.exit_code, done.output) == (0, "")
    with desk.app.app_context():
        assert db.session.scalars(db.select(MailboxLetter.recipient)).all() == ["ann@example.org"]


@pytest.mark.parametrize("waiting", [0, 1])
def test_a_mail_server_that_is_away_is_said_in_one_line(desk: Desk, waiting: int) -> None:
    desk.place()
    for _letter in range(waiting):
        desk.post(MessageKind.BOOKED)
    desk.send_through(f"smtp://127.0.0.1:{free_port()}")
    done = desk.app.test_cli_runner().invoke(args=["worker", "--once"])
    assert done.exit_code == 1
    (line,) = done.stderr.splitlines()
    assert line.endswith("Nothing is lost: what waits is sent later.")


def test_a_worker_survives_a_database_that_is_away_for_a_moment(
    app: Flask, database_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    is_sqlite = database_url.startswith("sqlite")
    nobody = f"postgresql+psycopg://nobody@127.0.0.1:{free_port()}/nowhere"
    away = create_app(settings_for_tests(f"sqlite:///{tmp_path}/no/where.sqlite3" if is_sqlite else nobody))
    with app.app_context():
        hired = worker.hire()
    worker._survived(away, hired)
    assert "database not available" in caplog.text
    assert "Traceback" not in caplog.text
    caplog.clear()
    worker._survived(app, hired)
    assert caplog.text == ""


def test_a_round_that_fails_for_another_reason_says_where(
    app: Flask, clock_at: Callable[[str], datetime], caplog: pytest.LogCaptureFixture
) -> None:
    now = clock_at("2026-08-20T10:30+01:00")
    with app.app_context():
        hired = worker.hire()
        delivery.beat("another", now, now)
    with refusing(app, "worker_beat (beat_at)"):
        worker._survived(app, hired)
    assert "round failed" in caplog.text
    assert "IntegrityError" in caplog.text
    assert "database not available" not in caplog.text


def test_a_part_that_fails_stops_no_letter(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    desk.place()
    desk.post(MessageKind.BOOKED)
    for name in ("Ruth", "Rue"):
        held = desk.make.person(name, status=PersonStatus.UNPROVEN)
        desk.make.booking(desk.session_id, held, state=BookingState.HELD, held_until=clock.now())
    # The second place that is freed can't be noted, and with it the first can't be freed.
    with refusing(desk.app, "audit_entry (action)"):
        done = desk.app.test_cli_runner().invoke(args=["worker", "--once"])
    assert done.exit_code == 0
    assert "part of a round failed" in caplog.text
    assert rows(desk.app, select(MailboxLetter.recipient)) == ["ann@example.org"]
    assert rows(desk.app, select(Booking.id).where(Booking.state == BookingState.EXPIRED)) == []
