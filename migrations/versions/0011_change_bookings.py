"""Let bookings wait, be offered, swapped, shared and joined; let people, series and feeds say more."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

# The words each column may hold, before and after: SQLite rebuilds a table to change its check.
CHECKS = {
    "message": (
        "kind",
        (
            "confirm_email",
            "sign_in",
            "booked",
            "given_up",
            "reminder",
            "session_changed",
            "session_cancelled",
            "change_email",
            "email_changed",
            "password_changed",
            "factor_changed",
            "course_booked",
            "course_starts",
            "course_left",
        ),
        ("waiting", "offered", "provisional"),
    ),
    "task": (
        "kind",
        (
            "call_newcomer",
            "consent_withdrawn",
            "movement_call",
            "death_reported",
            "complaint",
            "speak_with_office",
            "series_ends",
        ),
        ("welcome_call",),
    ),
    "calendar_feed": ("kind", ("office",), ("person",)),
}
# Each new column that is never empty, and what the rows of before hold in it.
FILLED = {
    "booking": [
        sa.Column("rests", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("tells_late", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("times_offered", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("companion_name", sa.String(length=100), nullable=False, server_default=""),
        sa.Column("revision", sa.Integer(), nullable=False, server_default="0"),
    ],
    "person": [
        sa.Column("notice_hours", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("plain_titles", sa.Boolean(), nullable=False, server_default=sa.false()),
    ],
    "series": [
        sa.Column("waiting_books", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("dial_in", sa.String(length=200), nullable=False, server_default=""),
    ],
}
EMPTY = {
    "booking": [
        sa.Column("waits_since", sa.DateTime(), nullable=True),
        sa.Column("queue_at", sa.DateTime(), nullable=True),
        sa.Column("joined_at", sa.DateTime(), nullable=True),
        sa.Column("stuck_at", sa.DateTime(), nullable=True),
    ],
}
# Table, column, the table it points to.
POINTERS = (("booking", "swap_for_id", "booking"),)
SANE = {
    "booking": {"times_offered_sane": "times_offered >= 0"},
    "person": {"notice_hours_sane": "notice_hours >= 0"},
}

# A change of a table under a view drops the views first and makes them again, as they are at this step.
V_PERSON = """
CREATE VIEW v_person AS
WITH kept AS (SELECT id, status FROM person)
SELECT p.id,
       (SELECT c.written FROM contact_point c
         WHERE c.person_id = p.id AND c.kind = 'email'
         ORDER BY c.is_preferred DESC, c.id LIMIT 1) AS email,
       p.status,
       EXISTS (SELECT 1 FROM person_role r
                WHERE r.person_id = p.id AND r.role = 'facilitator') AS is_facilitator,
       EXISTS (SELECT 1 FROM person_role r
                WHERE r.person_id = p.id AND r.role = 'admin') AS is_admin
  FROM kept p
"""

V_SESSION = """
CREATE VIEW v_session AS
SELECT s.id,
       e.key AS series_key,
       COALESCE(NULLIF(s.own_title, ''), e.title) AS title,
       s.starts_at AS starts_utc,
       s.ends_at AS ends_utc,
       s.state,
       s.places_room,
       s.places_online
  FROM scheduled_session s
  JOIN series e ON e.id = s.series_id
"""

V_BOOKING = """
CREATE VIEW v_booking AS
WITH kept AS (
    SELECT id, session_id, person_id, pool, state, party_size, attendance, created_at AS created_utc
      FROM booking
)
SELECT id, session_id, person_id, pool, state, party_size, attendance, created_utc
  FROM kept
"""

V_MESSAGE = """
CREATE VIEW v_message AS
WITH kept AS (
    SELECT id, kind, person_id, recipient, channel, state, dedupe_key, attempts,
           due_at AS due_utc, sent_at AS sent_utc
      FROM message
)
SELECT id, kind, person_id, recipient, channel, state, dedupe_key, attempts, due_utc, sent_utc
  FROM kept
"""

V_AUDIT = """
CREATE VIEW v_audit AS
WITH kept AS (
    SELECT id, at AS at_utc, actor_id, action, subject
      FROM audit_entry
)
SELECT id, at_utc, actor_id, action, subject
  FROM kept
"""

VIEWS = {
    "v_person": V_PERSON,
    "v_session": V_SESSION,
    "v_booking": V_BOOKING,
    "v_message": V_MESSAGE,
    "v_audit": V_AUDIT,
}


def upgrade() -> None:
    """Add the columns, widen the checks, and give whoever waits already her rank."""
    drop_views()
    for table, columns in EMPTY.items():
        for column in columns:
            op.add_column(table, column._copy())
    for table, columns in FILLED.items():
        add_filled(table, columns)
    for table, column, target in POINTERS:
        add_pointer(table, column, target)
    for table, checks in SANE.items():
        with op.batch_alter_table(table) as batch:
            for name, condition in checks.items():
                batch.create_check_constraint(name, condition)
    for table, (column, before, more) in CHECKS.items():
        change_check(table, column, (*before, *more))
    op.execute("UPDATE booking SET waits_since = created_at, queue_at = created_at WHERE state = 'waiting'")
    make_views()


def downgrade() -> None:
    """Take the columns away, and the rows that the older words can't say.

    Whoever is offered a place that she waited for waits again: the older words would not know why it is hers.
    """
    drop_views()
    op.execute(
        "UPDATE booking SET state = 'waiting', held_until = NULL"
        " WHERE state = 'offered' AND waits_since IS NOT NULL"
    )
    op.execute("UPDATE booking SET held_until = NULL WHERE state = 'waiting'")
    forget_newer_rows()
    for table, (column, before, _more) in CHECKS.items():
        change_check(table, column, before)
    for table, checks in SANE.items():
        with op.batch_alter_table(table) as batch:
            for name in checks:
                batch.drop_constraint(op.f(f"ck_{table}_{name}"), type_="check")
    for table, column, target in reversed(POINTERS):
        drop_pointer(table, column, target)
    for columns_of in (FILLED, EMPTY):
        for table, columns in columns_of.items():
            with op.batch_alter_table(table) as batch:
                for column in columns:
                    batch.drop_column(column.name)
    make_views()


def add_filled(table: str, columns: list[sa.Column[object]]) -> None:
    """Add columns with a value for the rows that are there, and no default for those to come."""
    for column in columns:
        op.add_column(table, column._copy())
    with op.batch_alter_table(table) as batch:
        for column in columns:
            batch.alter_column(column.name, existing_type=column.type, nullable=False, server_default=None)


def change_check(table: str, column: str, words: Sequence[str]) -> None:
    """Say anew which words a column may hold."""
    listed = ", ".join(f"'{word}'" for word in words)
    with op.batch_alter_table(table) as batch:
        batch.drop_constraint(op.f(f"ck_{table}_{column}_known"), type_="check")
        batch.create_check_constraint(f"{column}_known", f"{column} IN ({listed})")


def add_pointer(table: str, column: str, target: str) -> None:
    """Add a column that may name a row of another table."""
    op.add_column(table, sa.Column(column, sa.Integer(), nullable=True))
    with op.batch_alter_table(table) as batch:
        batch.create_foreign_key(op.f(f"fk_{table}_{column}_{target}"), target, [column], ["id"])
    op.create_index(f"ix_{table}_{column}", table, [column])


def drop_pointer(table: str, column: str, target: str) -> None:
    """Take such a column away."""
    op.drop_index(f"ix_{table}_{column}", table)
    with op.batch_alter_table(table) as batch:
        batch.drop_constraint(op.f(f"fk_{table}_{column}_{target}"), type_="foreignkey")
        batch.drop_column(column)


def forget_newer_rows() -> None:
    """Delete what only the newer words could say; nothing but calls noted points at these rows."""
    for table, (column, before, _more) in CHECKS.items():
        listed = ", ".join(f"'{word}'" for word in before)
        if table == "message":
            op.execute(
                "DELETE FROM call_note WHERE message_id IN "
                f"(SELECT id FROM message WHERE kind NOT IN ({listed}))"
            )
        op.execute(f"DELETE FROM {table} WHERE {column} NOT IN ({listed})")


def drop_views() -> None:
    """Drop the reporting views."""
    for name in reversed(VIEWS):
        op.execute(f"DROP VIEW {name}")


def make_views() -> None:
    """Make the reporting views again."""
    for words in VIEWS.values():
        op.execute(words)
