"""Copies of the database: sound while it is written to, whole or not there, and brought back entirely."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from booking.cli import backup, doctor, restore
from booking.db import db
from booking.models import AuditEntry, Booking, Person
from tests.support.builders import Builders
from tests.support.processes import service

COPIES = 20
NOW = datetime.fromisoformat("2026-08-06T12:00:00+00:00")


def run(app: Flask, command: object, *words: object) -> tuple[int, str]:
    """Run a command as an operator does; a polite no is one line and status 1."""
    done = app.test_cli_runner().invoke(command, [str(word) for word in words])  # type: ignore[arg-type]
    return done.exit_code, (done.output + (str(done.exception) if done.exception else "")).strip()


@contextmanager
def busy(app: Flask, make: Builders) -> Iterator[None]:
    """Go on booking people into sessions until the block ends, two rows in each transaction."""
    stop, session_id = threading.Event(), make.session()

    def write() -> None:
        while not stop.is_set():
            with app.app_context():
                booking = Booking(session_id=session_id, pool="room", state="booked", attendance="walked_in")
                booking.nonce, booking.created_at, booking.state_at = "n", NOW, NOW
                db.session.add_all([booking, AuditEntry(at=NOW, action="place booked", subject="booking")])
                db.session.commit()

    writers = [threading.Thread(target=write) for _ in range(2)]
    for writer in writers:
        writer.start()
    yield
    stop.set()
    for writer in writers:
        writer.join()


@pytest.mark.race
def test_twenty_copies_made_while_people_book_are_all_sound(
    app: Flask, make: Builders, tmp_path: Path
) -> None:
    with busy(app, make):
        copies = [tmp_path / f"copy-{number}" for number in range(COPIES)]
        assert [run(app, backup, copy)[0] for copy in copies] == [0] * COPIES
    for copy in copies if _kind(app) == "sqlite" else copies[:: COPIES // 4]:
        assert run(app, restore, copy, "--replace") == (0, f"Brought back: {copy}.")
        with app.app_context():
            assert db.session.scalar(_count(Booking)) == db.session.scalar(_count(AuditEntry))
        assert run(app, doctor)[0] == 0
    with app.app_context():
        assert db.session.scalar(_count(Booking)), "nothing was written while the copies were made"


def test_a_copy_brings_everybody_back(app: Flask, make: Builders, tmp_path: Path) -> None:
    make.booking(make.session(), make.person("Zoë O'Hara"))
    assert run(app, backup, tmp_path / "copy")[0] == 0
    assert (tmp_path / "copy").stat().st_mode & 0o777 == 0o600
    make.person("Ben")
    assert run(app, restore, tmp_path / "copy", "--replace")[0] == 0
    with app.app_context():
        assert db.session.scalars(select(Person.known_as)).all() == ["Zoë O'Hara"]


def test_a_copy_never_overwrites_a_file(app: Flask, tmp_path: Path) -> None:
    (tmp_path / "copy").write_text("something dear")
    status, words = run(app, backup, tmp_path / "copy")
    assert (status, "never overwrites" in words) == (1, True)
    assert [path.name for path in tmp_path.iterdir() if "copy" in path.name] == ["copy"]
    assert (tmp_path / "copy").read_text() == "something dear"


def test_a_copy_into_no_folder_is_one_line(app: Flask, tmp_path: Path) -> None:
    status, words = run(app, backup, tmp_path / "no" / "copy")
    assert (status, words) == (1, "The file can't be made: No such file or directory.")


def test_people_are_not_replaced_unless_somebody_says_so(app: Flask, make: Builders, tmp_path: Path) -> None:
    run(app, backup, tmp_path / "copy")
    make.person("Ann")
    status, words = run(app, restore, tmp_path / "copy")
    assert (status, "--replace" in words) == (1, True)
    with app.app_context():
        assert db.session.scalar(_count(Person)) == 1


@pytest.mark.parametrize("damage", ["cut", "words", "empty", "gone"])
def test_a_file_that_is_no_sound_copy_changes_nothing(
    app: Flask, make: Builders, tmp_path: Path, damage: str
) -> None:
    make.person("Ann")
    copy = tmp_path / "copy"
    run(app, backup, copy)
    _damage(copy, damage)
    status, words = run(app, restore, copy, "--replace")
    assert (status, "\n" in words) == (1, False)
    with app.app_context():
        assert db.session.scalar(_count(Person)) == 1


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_without_postgresqls_programs_one_line_says_so(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    status, words = run(app, backup, tmp_path / "copy")
    assert (status, "pg_dump is not here" in words) == (1, True)
    assert list(tmp_path.glob("*copy*")) == []


@pytest.mark.parametrize(
    "command", [["doctor"], ["backup", "x"], ["make-admin", "ada@example.org"], ["db", "upgrade"]]
)
def test_an_unreadable_database_is_one_line(tmp_path: Path, command: list[str]) -> None:
    (tmp_path / "broken").write_text("This is no database, it is a shopping list. " * 100)
    with service(f"sqlite:///{tmp_path}/broken", tmp_path) as running:
        done = running.run(*command)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr + done.stdout
    assert len((done.stderr + done.stdout).strip().splitlines()) == 1


def test_a_database_without_tables_says_what_to_do(tmp_path: Path) -> None:
    with service(f"sqlite:///{tmp_path}/new", tmp_path) as running:
        for command in (["doctor"], ["make-admin", "ada@example.org"]):
            done = running.run(*command)
            assert (done.returncode, "run flask db upgrade" in done.stdout + done.stderr) == (1, True)
        with pytest.raises(AssertionError, match="run flask db upgrade"):
            running.start_web()


def _damage(copy: Path, how: str) -> None:
    if how == "cut":
        copy.write_bytes(copy.read_bytes()[: copy.stat().st_size // 2])
    elif how == "gone":
        copy.unlink()
    else:
        copy.write_text("a letter" if how == "words" else "")


def _kind(app: Flask) -> str:
    with app.app_context():
        return db.engine.dialect.name


def _count(model: type) -> Any:
    return select(func.count()).select_from(model)
