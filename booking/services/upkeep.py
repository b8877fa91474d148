"""Looking after the database: is it there, keep a copy, bring one back."""

import os
import sqlite3
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path

from flask_babel import lazy_gettext as _l
from sqlalchemy import insert
from sqlalchemy.engine import URL, make_url

from booking.db import db, transaction
from booking.models import WorkerBeat
from booking.queries import upkeep as asked
from booking.refusals import CannotCopy
from booking.settings import settings

_LOCK_WAIT = "SET lock_timeout = '20s';\n"


class _Enough(Exception):
    """Ends a transaction that was only a trial."""


def prove_writable(now: datetime) -> None:
    """Take the write lock, write a row and roll it back; any fault means that nothing can be kept."""
    trial = {"name": f"trial {uuid.uuid4().hex}", "started_at": now, "beat_at": now}
    with suppress(_Enough), transaction():
        db.session.execute(insert(WorkerBeat).values(trial))
        raise _Enough


def backup(path: Path) -> None:
    """Write a sound copy of the whole database to a new file, readable by its owner alone.

    The service may go on writing meanwhile: the copy shows one moment.
    Refuses: a file that is there already, a folder that is not, and a copy that turns out not sound.
    """
    with _new_file(path) as unfinished:
        url = make_url(settings().database_url)
        if url.get_backend_name() == "sqlite":
            _copy_sqlite(url, unfinished)
        else:
            _run(["pg_dump", "--format=custom", "--no-owner", f"--file={unfinished}"], url)


def restore(path: Path, replace: bool) -> None:
    """Put a copy in the place of what is in the database; all of it, or nothing changes.

    Refuses: a database that holds people or sessions unless `replace` says so, a file that is no sound
    copy, and one made by a newer version of the service.
    """
    if not path.is_file():
        raise CannotCopy(_l("There is no such file."))
    if not replace and asked.holds_anything():
        raise CannotCopy(_l("The database is not empty. To put the copy in its place, add --replace."))
    url = make_url(settings().database_url)
    # Nothing of ours may hold the database open, or the copy would wait for it for ever.
    db.session.remove()
    if url.get_backend_name() == "sqlite":
        _restore_sqlite(url, path)
    else:
        _restore_postgresql(url, path)


@contextmanager
def _new_file(path: Path) -> Iterator[Path]:
    """Make the file under another name first: what stands under the real one is always whole."""
    if path.exists():
        raise CannotCopy(_l("There is a file of that name already; a copy never overwrites one."))
    unfinished = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}")
    try:
        os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except OSError as fault:
        raise CannotCopy(_l("The file can't be made: %(why)s.", why=fault.strerror)) from None
    try:
        yield unfinished
        _keep(unfinished)
        # A link, unlike a renaming, refuses to replace what somebody put there in the meantime.
        os.link(unfinished, path)
    except OSError as fault:
        raise CannotCopy(_l("The file can't be written: %(why)s.", why=fault.strerror)) from None
    finally:
        unfinished.unlink(missing_ok=True)


def _keep(path: Path) -> None:
    """Wait until the disk has it: a copy that a power cut takes away is none."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _copy_sqlite(url: URL, to: Path) -> None:
    """Let SQLite write the copy: copying the file of a live database breaks most copies."""
    try:
        with closing(sqlite3.connect(str(url.database), timeout=30)) as source:
            source.execute("VACUUM INTO ?", (str(to),))
    except sqlite3.Error as fault:
        raise CannotCopy(_l("The copy can't be made: %(why)s.", why=str(fault))) from None
    _check_sqlite(to)


def _check_sqlite(path: Path) -> None:
    """Refuse what is not a whole database of this service, before anything is touched."""
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as copy:
            sound = copy.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
            orphans = copy.execute("PRAGMA foreign_key_check").fetchone()
            revision = copy.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error:
        raise CannotCopy(_l("The file is not a copy of this service's database.")) from None
    if not sound or orphans:
        raise CannotCopy(_l("The file is damaged."))
    if revision is None or revision[0] not in asked.known_revisions():
        raise CannotCopy(_l("The file was made by another version of this service."))


def _restore_sqlite(url: URL, path: Path) -> None:
    _check_sqlite(path)
    try:
        with (
            closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as source,
            closing(sqlite3.connect(str(url.database), timeout=30)) as target,
        ):
            source.backup(target)
            target.execute("PRAGMA journal_mode=WAL")
    except sqlite3.Error as fault:
        raise CannotCopy(_l("The copy can't be brought back: %(why)s.", why=str(fault))) from None


def _restore_postgresql(url: URL, path: Path) -> None:
    """Drop what is there and bring the copy in, in one transaction: a fault leaves all as it was."""
    script = _run(["pg_restore", "--no-owner", "--no-privileges", "--file=-", str(path)], None)
    if "COPY public.alembic_version " not in script:
        raise CannotCopy(_l("The file is not a copy of this service's database."))
    if not any(f"\n{revision}\n" in script for revision in asked.known_revisions()):
        raise CannotCopy(_l("The file was made by another version of this service."))
    command = [
        "psql",
        "--quiet",
        "--no-psqlrc",
        "--single-transaction",
        "--set=ON_ERROR_STOP=1",
        "--output=/dev/null",
    ]
    _run(command, url, said=_LOCK_WAIT + asked.dropping() + script)


def _run(command: list[str], url: URL | None, said: str | None = None) -> str:
    """Run one of PostgreSQL's own programs; the password goes where no list of processes shows it."""
    environment = dict(os.environ)
    if url is not None:
        plain = url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
        environment |= {"PGPASSWORD": url.password} if url.password else {}
        command = [*command, f"--dbname={plain}"]
    try:
        done = subprocess.run(
            command, input=said, env=environment, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        raise CannotCopy(
            _l("The program %(name)s is not here; install PostgreSQL's client programs.", name=command[0])
        ) from None
    if done.returncode != 0:
        raise CannotCopy(_l("%(name)s says: %(why)s", name=command[0], why=_first_line(done.stderr)))
    return done.stdout


def _first_line(words: str) -> str:
    """Keep the one line that says why; the lines after it may quote rows."""
    return next((line.strip() for line in words.splitlines() if line.strip()), "nothing")
