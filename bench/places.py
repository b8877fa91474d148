"""How many places are booked in a second, beside the same work in bare SQL, and how long people wait."""

import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from pathlib import Path

from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.engine import make_url

from booking import create_app
from booking.db import Base, db
from booking.models import Booking
from booking.models.kinds import LIVE
from tests.support import postgres
from tests.support.builders import Builders
from tests.support.crowd import Answer, Browser, at_once, browser_of
from tests.support.databases import settings_for_tests
from tests.support.pages import rows
from tests.support.processes import Service, service

WORKERS, THREADS = 2, 8
PEOPLE, SPREAD, AT_ONCE, CROWD = 200, 200, 16, 100
BARE_SECONDS = 5
BARE_PEOPLE = 200_000
_BARE = """SELECT nextval('bench_person') AS person \\gset
\\set session {first} + random(0, {dates} - 1)
BEGIN;
UPDATE person SET turns = turns + 1 WHERE id = :person;
UPDATE scheduled_session SET turns = turns + 1 WHERE id = :session;
SELECT coalesce(sum(party_size), 0) AS taken FROM booking
  WHERE session_id = :session AND pool = 'room'
  AND state IN ('held', 'provisional', 'booked', 'offered') \\gset
{booking} RETURNING id AS booking \\gset
{message};
{audit};
END;
"""


def run(database_url: str, folder: Path) -> list[str]:
    """Measure on PostgreSQL, print what was found, and return what went wrong."""
    if not database_url.startswith("postgresql"):
        return []
    app = create_app(settings_for_tests(database_url))
    make = Builders(app)
    hot = make.session(places_room=None)
    series = make.series(places_room=None)
    spread = [make.session(series, starts_in=timedelta(days=5 + day)) for day in range(SPREAD)]
    people = [make.person(f"P{number}") for number in range(2 * PEOPLE + CROWD)]
    with service(database_url, folder) as running:
        running.start_web(workers=WORKERS, threads=THREADS)
        one = _a_second(app, make, running, people[:PEOPLE], [hot])
        many = _a_second(app, make, running, people[PEOPLE : 2 * PEOPLE], spread)
        broken = _crowd(app, make, running, people[2 * PEOPLE :])
    _lay_out_people(app)
    for words, ours, dates in (("one date", one, [hot]), (f"{SPREAD} dates", many, spread)):
        bare = _bare(app, database_url, folder, dates)
        part = f"{ours / bare:.3f} of the {bare:.0f} a second that the same transaction does in bare SQL"
        print(f"  {ours:5.0f} places booked a second at {words}: {part}", flush=True)
    with app.app_context():
        db.engine.dispose()
    return broken


def _a_second(app: Flask, make: Builders, running: Service, people: list[int], dates: list[int]) -> float:
    """Let some press at a time until everybody has her place. Units: places a second."""
    presses = [
        _before_the_button(app, make, running, person, dates[number % len(dates)])
        for number, person in enumerate(people)
    ]
    began = time.perf_counter()
    with ThreadPoolExecutor(AT_ONCE) as crowd:
        answers = list(crowd.map(lambda press: press(), presses))
    seconds = time.perf_counter() - began
    return sum(answer.status == 303 for answer in answers) / seconds


def _before_the_button(
    app: Flask, make: Builders, running: Service, person: int, date: int
) -> Callable[[], Answer]:
    browser, path = browser_of(app, make, person, running.port), f"/sessions/{date}/book"
    browser.get(path)
    return partial(Browser.post, browser, path, pool="room", seen="0")


def _crowd(app: Flask, make: Builders, running: Service, people: list[int]) -> list[str]:
    """Let a hundred press in the same moment for as many places, and say how long the 95th waited."""
    date = make.session(places_room=len(people))
    presses = [_before_the_button(app, make, running, person, date) for person in people]
    waited, _seconds = at_once([partial(_timed, press) for press in presses])
    last = sorted(waited)[len(people) * 95 // 100 - 1]
    print(f"  {len(people)} people at once: the 95th has her place after {last:.2f} s", flush=True)
    asked = select(func.count()).where(Booking.session_id == date, Booking.state.in_(LIVE))
    taken = rows(app, asked)[0]
    return [] if taken == len(people) else [f"{taken} of {len(people)} people have a place"]


def _timed(press: Callable[[], Answer]) -> float:
    began = time.perf_counter()
    press()
    return time.perf_counter() - began


def _lay_out_people(app: Flask) -> None:
    """Add people by the thousand, copied from one, for whom bare SQL books."""
    with app.app_context():
        copied = _copy("person", {}).replace("LIMIT 1", "")
        last = db.session.scalar(text("SELECT max(id) FROM person"))
        db.session.execute(text(f"{copied} CROSS JOIN generate_series(1, {BARE_PEOPLE}) WHERE t.id = {last}"))
        db.session.execute(text(f"CREATE SEQUENCE bench_person START {int(last or 0) + 1}"))
        db.session.commit()


def _copy(table: str, instead: dict[str, str]) -> str:
    """Say how to add a row like one that is there, with some values of its own."""
    names = [column.name for column in Base.metadata.tables[table].columns if column.name != "id"]
    values = ", ".join(instead.get(name, f"t.{name}") for name in names)
    template = f"(SELECT * FROM {table} ORDER BY id LIMIT 1) t" if instead else f"{table} t LIMIT 1"
    return f"INSERT INTO {table} ({', '.join(names)}) SELECT {values} FROM {template}"


def _bare(app: Flask, database_url: str, folder: Path, dates: list[int]) -> float:
    """Let pgbench do what booking a place does, with as many at a time. Units: transactions a second."""
    booking = {"session_id": ":session", "person_id": ":person", "booked_by": ":person", "state": "'booked'"}
    key = "'bare:' || :booking"
    message = {"person_id": ":person", "booking_id": ":booking", "dedupe_key": key, "message_id": key}
    audit = {"actor_id": ":person", "subject": "'booking:' || :booking"}
    script = folder / "bare.sql"
    script.write_text(
        _BARE.format(
            first=dates[0],
            dates=len(dates),
            booking=_copy("booking", booking),
            message=_copy("message", message),
            audit=_copy("audit_entry", audit),
        )
    )
    there = make_url(database_url)
    command = [postgres.binaries() / "pgbench", "-n", "-f", script, "-c", AT_ONCE, "-j", WORKERS]
    command += ["-T", BARE_SECONDS, "-h", there.host, "-p", there.port, "-U", there.username, there.database]
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=True)
    (said,) = [line for line in done.stdout.splitlines() if line.startswith("tps = ")]
    return float(said.split()[2])
