"""The public list with few and with many sessions: how many SQL statements, and how many pages a second."""

import socket
import threading
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from booking import clock, create_app
from booking.db import db
from booking.models import ScheduledSession, SessionFacilitator
from booking.models.kinds import Mode
from booking.rules.wall_time import to_local
from tests.support.builders import Builders
from tests.support.databases import settings_for_tests
from tests.support.processes import Service, service
from tests.support.smtp import free_port

SIZES = (20, 200, 2_000)
MOST_STATEMENTS = 6
AIM = 0.2
SECONDS, CONNECTIONS = 2.0, 4
LENGTH, HORIZON = timedelta(minutes=90), timedelta(weeks=26)


def run(database_url: str, folder: Path) -> list[str]:
    """Measure each size beside the bare page, print it, and return what went wrong."""
    app = create_app(settings_for_tests(database_url))
    statements: dict[int, int] = {}
    with service(database_url, folder) as running:
        bare = _start_bare(running)
        running.start_web(workers=1, threads=CONNECTIONS)
        season = Season(app)
        for size in SIZES:
            season.grow(size)
            statements[size] = count_statements(app)
            ratio, listed, least = _compare(running.port, bare)
            print(
                f"  {size:5} sessions: {statements[size]} SQL statements, {listed:.0f} pages/s, "
                f"{ratio:.2f} of a bare page ({least:.0f}/s; the aim is {AIM})",
                flush=True,
            )
    with app.app_context():
        db.engine.dispose()
    return _broken(statements)


def count_statements(app: Flask) -> int:
    """Open the list once and count what the database was asked."""
    return len(statements_of(app, app.test_client(), "/sessions"))


def statements_of(app: Flask, client: FlaskClient, path: str) -> list[str]:
    """Open a page once and return what the database was asked."""
    asked: list[str] = []
    with app.app_context():
        engine = db.engine

    def note(*arguments: Any) -> None:
        asked.append(arguments[2])

    event.listen(engine, "before_cursor_execute", note)
    answer = client.get(path)
    event.remove(engine, "before_cursor_execute", note)
    if answer.status_code != 200:
        raise AssertionError(f"{path} answered {answer.status}")
    return [words for words in asked if not words.startswith("BEGIN")]


class Season:
    """Twelve series whose dates fill the next half year evenly."""

    def __init__(self, app: Flask) -> None:
        self.app, self.held = app, 0
        make = Builders(app)
        self.hosts = [make.facilitator(f"Host{number}") for number in range(5)]
        self.series = [
            make.series(
                f"Series {number}",
                mode=list(Mode)[number % 3],
                programme_id=make.programme(f"Programme {number % 3}"),
                **({} if number % 3 == 1 else {"venue_id": make.venue(f"Venue {number % 4}")}),
            )
            for number in range(12)
        ]

    def grow(self, size: int) -> None:
        """Add dates until there are so many."""
        with self.app.app_context():
            dates = [self._date(number, size) for number in range(self.held, size)]
            db.session.add_all(dates)
            db.session.flush()
            for number, added in enumerate(dates):
                host = self.hosts[number % len(self.hosts)]
                db.session.add(SessionFacilitator(session_id=added.id, person_id=host, added_at=clock.now()))
            db.session.commit()
        self.held = size

    def _date(self, number: int, size: int) -> ScheduledSession:
        starts_at = (clock.now() + HORIZON * (number + 1) / size).replace(microsecond=0)
        local, local_end = to_local(starts_at), to_local(starts_at + LENGTH)
        mode = list(Mode)[number % 3]
        return ScheduledSession(
            series_id=self.series[number % 12],
            uid=f"bench-{number}@example.org",
            # A series has each of its rule's dates once; which they are matters to nobody here.
            rule_date=date(2030, 1, 1) + timedelta(days=number),
            local_date=local.date(),
            start_time=local.time(),
            end_time=local_end.time(),
            starts_at=starts_at,
            ends_at=starts_at + LENGTH,
            mode=mode,
            venue_id=None if mode is Mode.ONLINE else 1,
            places_room=0 if mode is Mode.ONLINE else 20,
            places_online=0 if mode is Mode.IN_PERSON else 20,
            changed_at=clock.now(),
            created_at=clock.now(),
        )


def _start_bare(running: Service) -> int:
    """Start the bare page on the same kind of server, and return its port."""
    port = free_port()
    command = ["gunicorn", "-k", "gthread", "--no-control-socket", "--log-level", "warning"]
    command += ["--workers", "1", "--threads", str(CONNECTIONS), "--bind", f"127.0.0.1:{port}"]
    running.start("bare", [*command, "bench.bare:app"])
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return port
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"the bare page did not get ready\n{running.log()}")


def _compare(port: int, bare: int) -> tuple[float, float, float]:
    """Measure both twice, in turns, so that a busy moment of the machine weighs on both alike."""
    listed = least = 0.0
    for _ in range(2):
        least += pages_a_second(bare, "/") / 2
        listed += pages_a_second(port, "/sessions") / 2
    return listed / least, listed, least


def pages_a_second(port: int, path: str) -> float:
    """Ask for one page again and again over a few open connections."""
    until = time.perf_counter() + SECONDS
    counts: list[int] = []
    threads = [
        threading.Thread(target=lambda: counts.append(_ask(port, path, until))) for _ in range(CONNECTIONS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / SECONDS


def _ask(port: int, path: str, until: float) -> int:
    """Read whole answers as cheaply as Python can, so that the server is measured and not the client."""
    question = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
    number = 0
    with socket.create_connection(("127.0.0.1", port), 30) as connection:
        while time.perf_counter() < until:
            connection.sendall(question)
            head, _, body = connection.recv(65_536).partition(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200"):
                raise AssertionError(head[:200])
            length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
            while len(body) < length:
                body += connection.recv(65_536)
            number += 1
    return number


def _broken(statements: dict[int, int]) -> list[str]:
    problems = []
    if len(set(statements.values())) > 1:
        problems.append(f"the number of SQL statements grows with the season: {statements}")
    if max(statements.values()) > MOST_STATEMENTS:
        problems.append(f"/sessions asks {max(statements.values())} times, more than {MOST_STATEMENTS}")
    return problems
