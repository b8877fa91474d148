"""Migrations are numbered, reversible with rows present, equal to the models, and lose no row."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import downgrade, upgrade

from booking.db import Base, db
from tests.house import rows
from tests.house.sources import ROOT
from tests.house.tables import differences, files, misnumbered, numbers

VERSIONS = ROOT / "migrations" / "versions"
REBUILD = '''
"""Rebuild a table that others belong to."""
import sqlalchemy as sa
from alembic import op
revision, down_revision, branch_labels, depends_on = "9999", "{head}", None, None

def upgrade():
    sqlite = op.get_context().dialect.name == "sqlite"
    tables = sa.inspect(op.get_bind())
    names = tables.get_view_names() if sqlite else []
    views = {{name: tables.get_view_definition(name) for name in names}}
    for name in views:
        op.execute(f"DROP VIEW {{name}}")
    with op.batch_alter_table("scheduled_session", recreate="always" if sqlite else "never"):
        pass
    # Here a careless sample deletes.
    for words in views.values():
        op.execute(words)

def downgrade():
    pass
'''
HEAD = numbers(files(VERSIONS))[-1]


@pytest.fixture
def full(app: Flask) -> Iterator[Flask]:
    """The house with a row in every table."""
    with app.app_context(), db.engine.begin() as connection:
        rows.fill(connection)
    yield app
    with app.app_context():
        # The PostgreSQL of this run is used by the next test, with every table there.
        upgrade()


def test_migrations_are_numbered_one_after_the_other_with_one_head(app: Flask) -> None:
    assert misnumbered(files(VERSIONS)) == []
    with app.app_context():
        config = app.extensions["migrate"].migrate.get_config()
        assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def test_a_gap_a_second_head_and_a_name_without_a_verb_are_named() -> None:
    first = 'revision = "0001"\ndown_revision = None\n'
    gap = misnumbered(
        {"0001_add_x.py": first, "0003_add_y.py": 'revision = "0003"\ndown_revision = "0001"\n'}
    )
    second = misnumbered(
        {"0001_add_x.py": first, "0002_add_y.py": 'revision = "0002"\ndown_revision = None\n'}
    )
    assert gap != []
    assert second == ['0002_add_y.py does not follow "0001"']
    assert misnumbered({"0001_people.py": first}) == ["0001_people.py should be 0001, a verb and a thing"]


def test_every_step_goes_down_and_up_again_with_rows_present(full: Flask) -> None:
    with full.app_context():
        before = _differences()
        for number in reversed([None, *numbers(files(VERSIONS))[:-1]]):
            downgrade(revision=number or "base")
        upgrade()
        assert before == _differences() == []


def test_the_tables_are_those_of_the_models(app: Flask) -> None:
    with app.app_context():
        assert _differences() == []


@pytest.mark.parametrize(
    "change",
    [
        "DROP INDEX uq_booking_live",
        "CREATE INDEX ix_extra ON booking (state) WHERE state = 'held'",
        "ALTER TABLE person ADD COLUMN shoe_size INTEGER",
        "DROP TABLE call_note",
    ],
)
def test_tables_that_are_not_those_of_the_models_are_named(app: Flask, change: str) -> None:
    with app.app_context(), db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.begin()
        else:
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.exec_driver_sql(change)
        assert differences(connection, Base.metadata) != []
        connection.rollback()


def test_a_check_that_is_gone_is_named(app: Flask) -> None:
    metadata = sa.MetaData(naming_convention=Base.metadata.naming_convention)
    for table in Base.metadata.sorted_tables:
        table.to_metadata(metadata)
    extra = sa.CheckConstraint("id > 0", name="id_sane")
    metadata.tables["person"].append_constraint(extra)
    with app.app_context(), db.engine.connect() as connection:
        assert differences(connection, metadata) == ["check person.ck_person_id_sane is not in the tables"]


def test_rebuilding_a_table_keeps_the_rows_that_belong_to_it(full: Flask, tmp_path: Path) -> None:
    folder = _with_rebuild(tmp_path)
    with full.app_context():
        before = _counts()
        upgrade(directory=str(folder))
        assert _counts() == before
        _undo_rebuild()


# PostgreSQL changes its tables without rebuilding them, so only SQLite can lose rows this way.
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_rebuilding_with_foreign_keys_on_would_not_pass(full: Flask, tmp_path: Path) -> None:
    folder = _with_rebuild(tmp_path, careless=True)
    with full.app_context(), pytest.raises(sa.exc.IntegrityError):
        upgrade(directory=str(folder))


def test_a_migration_that_orphans_a_row_is_refused(full: Flask, tmp_path: Path) -> None:
    folder = _with_rebuild(tmp_path)
    script = folder / "versions" / "9999_rebuild.py"
    deletes = 'op.execute("DELETE FROM scheduled_session")'
    words = script.read_text().replace("# Here a careless sample deletes.", deletes)
    script.write_text(words)
    with full.app_context():
        before = _counts()
        with pytest.raises((SystemExit, sa.exc.IntegrityError)):
            upgrade(directory=str(folder))
        assert _counts() == before


def _differences() -> list[str]:
    with db.engine.connect() as connection:
        return differences(connection, Base.metadata)


def _counts() -> dict[str, int]:
    with db.engine.connect() as connection:
        return {name: len(kept) for name, kept in rows.everything(connection).items()}


def _with_rebuild(tmp_path: Path, careless: bool = False) -> Path:
    folder = tmp_path / "migrations"
    shutil.copytree(ROOT / "migrations", folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "versions" / "9999_rebuild.py").write_text(REBUILD.format(head=HEAD))
    if careless:
        env = folder / "env.py"
        env.write_text(env.read_text().replace("foreign_keys=OFF", "foreign_keys=ON"))
    return folder


def _undo_rebuild() -> None:
    """Forget the number of the sample, which no other test knows."""
    with db.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{HEAD}'")
