"""What the migrations are called, and whether the tables they make are those of the models."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import CheckConstraint, Connection, MetaData

_NAME = re.compile(
    r"(\d{4})_(add|change|drop|move|split|rename|fill|remove|make|keep|mark|give|index)_[a-z_]+\.py"
)


def misnumbered(sources: Mapping[str, str]) -> list[str]:
    """Name the files that are not number, verb, thing, and the numbers that do not follow each other."""
    found = []
    for position, (name, source) in enumerate(sorted(sources.items()), start=1):
        number = f"{position:04}"
        before = f'"{position - 1:04}"' if position > 1 else "None"
        if not _NAME.fullmatch(name) or not name.startswith(number):
            found.append(f"{name} should be {number}, a verb and a thing")
        if not re.search(rf'^revision(: str)? = "{number}"', source, re.MULTILINE):
            found.append(f"{name} is not revision {number}")
        if not re.search(rf"^down_revision.* = {before}$", source, re.MULTILINE):
            found.append(f"{name} does not follow {before}")
    return found


def files(folder: Path) -> dict[str, str]:
    """Return the source of every migration by its name."""
    return {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.py")}


def differences(connection: Connection, metadata: MetaData) -> list[str]:
    """Name what the models say and the tables do not, or the other way round."""
    context = MigrationContext.configure(connection, opts={"compare_type": True, "target_metadata": metadata})
    plain = [_words(difference) for difference in compare_metadata(context, metadata)]
    return plain + _checks(connection, metadata) + _conditions(connection, metadata)


def _words(difference: Any) -> str:
    return f"differs: {difference[0] if isinstance(difference, tuple) else difference}"


def _checks(connection: Connection, metadata: MetaData) -> list[str]:
    """Compare the named checks, which autogenerate does not look at; their words too where they are kept."""
    there, meant = {}, {}
    for table in _present(connection, metadata):
        kept = sa.inspect(connection).get_check_constraints(table.name)
        there |= {f"{table.name}.{one['name']}": _plain(one["sqltext"]) for one in kept}
        checks = [one for one in table.constraints if isinstance(one, CheckConstraint)]
        meant |= {f"{table.name}.{one.name}": _plain(str(one.sqltext)) for one in checks}
    return _compared("check", there, meant, words=connection.dialect.name == "sqlite")


def _conditions(connection: Connection, metadata: MetaData) -> list[str]:
    """Compare the indexes that hold for some rows only."""
    dialect = connection.dialect.name
    there, meant = {}, {}
    for table in _present(connection, metadata):
        for kept in sa.inspect(connection).get_indexes(table.name):
            where = kept.get("dialect_options", {}).get(f"{dialect}_where")
            there |= {f"{table.name}.{kept['name']}": _plain(str(where))} if where is not None else {}
        for index in table.indexes:
            where = index.dialect_options[dialect].get("where")
            meant |= {f"{table.name}.{index.name}": _plain(str(where))} if where is not None else {}
    return _compared("partial index", there, meant, words=dialect == "sqlite")


def _present(connection: Connection, metadata: MetaData) -> list[sa.Table]:
    present = set(sa.inspect(connection).get_table_names())
    return [table for table in metadata.sorted_tables if table.name in present]


def _compared(kind: str, there: dict[str, str], meant: dict[str, str], words: bool) -> list[str]:
    lost = [f"{kind} {name} is not in the tables" for name in meant.keys() - there.keys()]
    extra = [f"{kind} {name} is not in the models" for name in there.keys() - meant.keys()]
    # PostgreSQL says a condition in its own words, so only SQLite's can be compared letter by letter.
    other = [
        f"{kind} {name} differs"
        for name in there.keys() & meant.keys()
        if words and there[name] != meant[name]
    ]
    return sorted([*lost, *extra, *other])


def _plain(sql: str) -> str:
    return re.sub(r"[\s()\"]", "", sql).lower()


def numbers(names: Iterable[str]) -> list[str]:
    """Return the number of each migration, the first one first."""
    return sorted(name[:4] for name in names)
