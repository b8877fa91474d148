"""An empty database of either kind for each test, made by the migrations and by nothing else."""

import os
import shutil
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import sqlalchemy as sa
from filelock import FileLock
from flask_migrate import upgrade
from psycopg import sql
from sqlalchemy import Engine
from sqlalchemy.engine import make_url

from booking import create_app
from booking.db import db
from config import Settings
from tests.support import postgres

KINDS = ("sqlite", "postgresql")
SECRET_KEY = "a key for tests that is long enough to be one"


@dataclass
class Databases:
    """The databases of one test process; `shared` is the folder of the whole run."""

    shared: Path
    worker: str
    _postgresql: str = field(default="", init=False)

    def empty(self, kind: str, folder: Path) -> str:
        """Return the address of a database with every table and no row."""
        return self._empty_sqlite(folder) if kind == "sqlite" else self._empty_postgresql()

    def _empty_sqlite(self, folder: Path) -> str:
        template = self.shared / "template.sqlite3"
        with FileLock(self.shared / "sqlite.lock"):
            if not template.exists():
                unfinished = self.shared / "unfinished.sqlite3"
                migrate(f"sqlite:///{unfinished}")
                unfinished.rename(template)
        shutil.copyfile(template, folder / "booking.sqlite3")
        return f"sqlite:///{folder / 'booking.sqlite3'}"

    def _empty_postgresql(self) -> str:
        if self._postgresql:
            clear(self._postgresql)
        else:
            self._postgresql = self._make_postgresql()
        return self._postgresql

    def _make_postgresql(self) -> str:
        address, name = postgres.server(self.shared), f"booking_{self.worker}"
        with FileLock(self.shared / "postgresql-template.lock"):
            if not (self.shared / "postgresql-template").exists():
                postgres.execute(f"{address}/postgres", sql.SQL("DROP DATABASE IF EXISTS template_booking"))
                postgres.execute(f"{address}/postgres", sql.SQL("CREATE DATABASE template_booking"))
                migrate(f"{address}/template_booking")
                (self.shared / "postgresql-template").touch()
            copy = sql.SQL("CREATE DATABASE {} TEMPLATE template_booking").format(sql.Identifier(name))
            postgres.execute(f"{address}/postgres", copy)
        return f"{address}/{name}"


def settings_for_tests(database_url: str, **changes: object) -> Settings:
    """The settings of a development machine, with throttling off unless a test asks for it."""
    settings: dict[str, object] = {
        "database_url": database_url,
        "secret_key": SECRET_KEY,
        "base_url": "http://localhost",
        "mail_url": "mailbox://",
        "rate_limits": False,
        "log_level": "WARNING",
    }
    return Settings(**{**settings, **changes})  # type: ignore[arg-type]


def migrate(database_url: str) -> None:
    """Bring a database to the newest migration, as `flask db upgrade` does."""
    app = create_app(settings_for_tests(database_url))
    with app.app_context():
        upgrade()
        kept = rows(db.engine)
        db.session.remove()
        db.engine.dispose()
    if kept:
        raise AssertionError(f"The migrations leave rows in {kept}, which every test would have to expect.")


def rows(engine: Engine) -> list[str]:
    """Name the tables that hold anything."""
    with engine.connect() as connection:
        return _filled(connection, _tables(connection))


def clear(database_url: str) -> None:
    """Empty a PostgreSQL database, touching only what was used: a few rows go quicker than they truncate."""
    tables = _tables_once(database_url)
    with _cleaner(database_url).begin() as connection:
        _end_the_others(connection)
        # Neither foreign keys nor triggers look while everything goes.
        connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
        for name in _filled(connection, tables):
            connection.execute(sa.text(f"DELETE FROM {name}"))
        used = sa.text("SELECT sequencename FROM pg_sequences WHERE last_value IS NOT NULL")
        for name in connection.scalars(used).all():
            connection.execute(sa.text(f'ALTER SEQUENCE "{name}" RESTART'))


@cache
def _cleaner(database_url: str) -> Engine:
    """Keep the one connection that clears, and nothing between two clearings."""
    return sa.create_engine(make_url(database_url), pool_size=1, max_overflow=0, pool_pre_ping=True)


@cache
def _tables_once(database_url: str) -> list[str]:
    with _cleaner(database_url).connect() as connection:
        return _tables(connection)


def _end_the_others(connection: sa.Connection) -> None:
    """A process that a failed test left behind must not hold the next one's tables."""
    ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    connection.execute(sa.text(f"{ended} WHERE datname = current_database() AND pid <> pg_backend_pid()"))


def _tables(connection: sa.Connection) -> list[str]:
    preparer = connection.dialect.identifier_preparer
    names = sa.inspect(connection).get_table_names()
    return [preparer.quote(name) for name in sorted(names) if name != "alembic_version"]


def _filled(connection: sa.Connection, tables: list[str]) -> list[str]:
    if not tables:
        return []
    asked = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {name})" for name in tables)
    return [str(name) for name in connection.scalars(sa.text(asked))]


def worker_name() -> str:
    """Say which of the parallel test processes this is."""
    return os.environ.get("PYTEST_XDIST_WORKER", "alone")
