"""The session and its two kinds of transaction: one that reads, one that writes."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, DateTime, Dialect, Engine, MetaData, event
from sqlalchemy.orm import DeclarativeBase, registry
from sqlalchemy.types import TypeDecorator

_WRITING = "booking_writing"
_PRAGMAS = (
    "journal_mode=WAL",
    "foreign_keys=ON",
    "busy_timeout=15000",
    "synchronous=NORMAL",
    # What is deleted is overwritten, so that nothing of a closed record lingers in the file.
    "secure_delete=ON",
)
_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: aware in Python, UTC without an offset in the database.

    Refuses: naive values, because nobody can say afterwards which zone they meant.
    """

    impl = DateTime(timezone=False)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    """The base of every model: instants are aware, every constraint has a name."""

    metadata = MetaData(naming_convention=_NAMES)
    registry = registry(type_annotation_map={datetime: UtcDateTime})


db = SQLAlchemy(model_class=Base, disable_autonaming=True)


class NestedTransaction(RuntimeError):
    """A public call of a service called another one: steps are shared, transactions are not."""


@contextmanager
def transaction() -> Iterator[None]:
    """Open the writing transaction, commit at the end, roll back on any fault or refusal.

    What was read before is rolled back and forgotten first: a decision taken on rows that were
    read earlier is a decision on yesterday's truth.
    """
    if db.session.info.get(_WRITING):
        raise NestedTransaction("a transaction is already open")
    db.session.rollback()
    db.session.expire_all()
    db.session.info[_WRITING] = True
    try:
        db.session.connection(execution_options={_WRITING: True})
        yield
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
    finally:
        db.session.info.pop(_WRITING, None)


def stop_reading() -> None:
    """Let go of what was read, and of the connection, before something slow: hashing, for one."""
    if db.session.info.get(_WRITING):
        raise NestedTransaction("a transaction is open")
    db.session.rollback()


def prepare_engine(engine: Engine) -> None:
    """Teach an SQLite engine to begin its own transactions, keep foreign keys and wait for its turn."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)


def _prepare_sqlite(connection: Any, record: object) -> None:
    # The driver's own habit of beginning late would turn two readers that write into "locked".
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writing = connection.get_execution_options().get(_WRITING)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
