"""What the service says about its own post, and a worker that meets trouble."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask

from booking import clock, worker
from booking.db import db
from booking.models import MailboxLetter
from booking.models.kinds import MessageKind
from booking.queries import messages as asked
from booking.services import delivery
from tests.letters.desk import Desk
from tests.support.smtp import free_port


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
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    with app.app_context():
        hired = worker.hire()
        db.session.execute(db.text("ALTER TABLE worker_beat RENAME TO away"))
        db.session.commit()
    try:
        assert worker._survived(app, hired) is False
        assert "database not available" in caplog.text
    finally:
        with app.app_context():
            db.session.execute(db.text("ALTER TABLE away RENAME TO worker_beat"))
            db.session.commit()
    assert worker._survived(app, hired) is False
