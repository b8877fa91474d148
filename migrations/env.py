"""How migrations reach the database, with the care that SQLite's foreign keys need."""

from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy import Connection, create_engine, event
from sqlalchemy.pool import NullPool

import booking.models  # noqa: F401  The models must be known before they are compared.
from booking.db import UtcDateTime, db


def render_item(kind: str, item: Any, _context: Any) -> str | bool:
    """Write our own instant type as what it is in the database: a migration stands on its own."""
    return "sa.DateTime()" if kind == "type" and isinstance(item, UtcDateTime) else False


def run_offline() -> None:
    """Print the SQL."""
    context.configure(url=db.engine.url, target_metadata=db.metadata, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()


def run_online() -> None:
    """Run the migrations in one transaction, foreign keys off while SQLite rebuilds tables."""
    # An engine of its own: foreign keys must be off before BEGIN, the pragma is ignored inside.
    engine = create_engine(current_app.config["SQLALCHEMY_DATABASE_URI"], poolclass=NullPool)
    sqlite = engine.dialect.name == "sqlite"
    if sqlite:
        event.listen(engine, "connect", _without_foreign_keys)
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            render_as_batch=True,
            compare_type=True,
            render_item=render_item,
            transactional_ddl=True,
        )
        with context.begin_transaction():
            context.run_migrations()
            if sqlite:
                _check_foreign_keys(connection)
    engine.dispose()


def _without_foreign_keys(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA busy_timeout=15000")
    connection.execute("PRAGMA foreign_keys=OFF")


def _check_foreign_keys(connection: Connection) -> None:
    """Refuse to commit when a rebuild has orphaned a row."""
    orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    if orphans:
        raise RuntimeError(f"{len(orphans)} rows would lose what they belong to; nothing was changed")


if context.is_offline_mode():
    run_offline()
else:
    run_online()
