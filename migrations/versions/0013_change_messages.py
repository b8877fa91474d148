"""Let messages speak to hosts, be joined and sent again; let people choose when, and news."""

from collections.abc import Sequence
from secrets import token_hex

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
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
            "waiting",
            "offered",
            "provisional",
        ),
        (
            "announcement",
            "news",
            "rota",
            "rota_changed",
            "tomorrow",
            "register_reminder",
            "cover_wanted",
            "digest",
        ),
    ),
    "call_note": (
        "outcome",
        ("reached", "left_word", "no_answer", "not_needed"),
        ("try_again", "posted"),
    ),
    "consent": ("purpose", ("keep_details", "ground_rules", "photos", "movement", "equality"), ("news",)),
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
            "welcome_call",
        ),
        ("letters_bounce", "register_missing", "cover_wanted"),
    ),
}
# Each new column that is never empty, and what the rows of before hold in it.
FILLED = {
    "person": [
        sa.Column("remind_days_before", sa.Integer(), nullable=False, server_default="2"),
        sa.Column("remind_hour", sa.Integer(), nullable=False, server_default="10"),
        sa.Column("morning_hour", sa.Integer(), nullable=False, server_default="8"),
        sa.Column("wants_news", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("may_leave_word", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("language", sa.String(length=10), nullable=False, server_default="en"),
        sa.Column("mail_nonce", sa.String(length=32), nullable=False, server_default=""),
    ],
}
EMPTY = {
    "message": [sa.Column("about_on", sa.Date(), nullable=True)],
    "call_note": [sa.Column("try_again_at", sa.DateTime(), nullable=True)],
    "booking": [
        sa.Column("remind_two_days", sa.Boolean(), nullable=True),
        sa.Column("remind_that_morning", sa.Boolean(), nullable=True),
    ],
}
# Table, column, the table it points to.
POINTERS = (
    ("message", "session_id", "scheduled_session"),
    ("message", "announcement_id", "announcement"),
    ("message", "joined_to_id", "message"),
    ("message", "again_of_id", "message"),
    ("task", "session_id", "scheduled_session"),
)
SANE = {
    "person": {
        "remind_days_before_sane": "remind_days_before BETWEEN 1 AND 14",
        "remind_hour_sane": "remind_hour BETWEEN 8 AND 19",
        "morning_hour_sane": "morning_hour BETWEEN 8 AND 19",
    },
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
    """Add the columns, widen the checks, and give everybody the mark that her links are made of."""
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
    give_marks()
    make_views()


def give_marks() -> None:
    """Give each person a mark that nobody can guess."""
    person = sa.table("person", sa.column("id", sa.Integer), sa.column("mail_nonce", sa.String))
    connection = op.get_bind()
    marks = [{"of": row.id, "mark": token_hex(16)} for row in connection.execute(sa.select(person.c.id))]
    if marks:
        one = sa.update(person).where(person.c.id == sa.bindparam("of"))
        connection.execute(one.values(mail_nonce=sa.bindparam("mark")), marks)


def downgrade() -> None:
    """Take the columns away, and the rows that the older words can't say."""
    drop_views()
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
    """Delete what only the newer words could say, and what points at such rows."""
    for table, (column, before, _more) in CHECKS.items():
        listed = ", ".join(f"'{word}'" for word in before)
        if table == "message":
            newer = f"(SELECT id FROM message WHERE kind NOT IN ({listed}))"
            op.execute(f"DELETE FROM call_note WHERE message_id IN {newer}")
            op.execute(f"DELETE FROM bounce WHERE message_id IN {newer}")
            for pointer in ("joined_to_id", "again_of_id"):
                op.execute(f"UPDATE message SET {pointer} = NULL WHERE {pointer} IN {newer}")
        op.execute(f"DELETE FROM {table} WHERE {column} NOT IN ({listed})")


def drop_views() -> None:
    """Drop the reporting views."""
    for name in reversed(VIEWS):
        op.execute(f"DROP VIEW {name}")


def make_views() -> None:
    """Make the reporting views again."""
    for words in VIEWS.values():
        op.execute(words)
