"""Let people be found by folded names, places be held, codes be tried, and messages say when they began."""

import unicodedata
from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

# The words each column may hold, before and after: SQLite rebuilds a table to change its check.
CHECKS = {
    "person_role": ("role", ("facilitator", "admin"), ("safeguarding",)),
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
        ),
        ("change_email", "email_changed", "password_changed", "factor_changed"),
    ),
    "email_link": ("purpose", ("confirm_email", "sign_in"), ("change_email",)),
    "consent": ("purpose", ("keep_details",), ("ground_rules", "photos", "movement", "equality")),
}
# Each new column that is never empty, and what the rows of before hold in it.
FILLED = {
    "email_link": [sa.Column("code_tries", sa.Integer(), nullable=False, server_default="0")],
    "person": [
        sa.Column("search_key", sa.String(length=400), nullable=False, server_default=""),
        sa.Column("nation", sa.String(length=30), nullable=False, server_default=""),
        sa.Column("region", sa.String(length=100), nullable=False, server_default=""),
    ],
    "sign_in": [sa.Column("how", sa.String(length=20), nullable=False, server_default="link")],
}
EMPTY = {"booking": "held_until", "message": "began_at", "sign_in": "second_factor_at"}

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
    """Add the columns, widen the checks, and fold the names that are there."""
    drop_views()
    for table, name in EMPTY.items():
        op.add_column(table, sa.Column(name, sa.DateTime(), nullable=True))
    for table, columns in FILLED.items():
        add_filled(table, columns)
    for table, (column, before, more) in CHECKS.items():
        change_check(table, column, (*before, *more))
    with op.batch_alter_table("sign_in") as batch:
        batch.create_check_constraint("how_known", "how IN ('link', 'code', 'password')")
    op.create_index("ix_booking_held_until", "booking", ["held_until"])
    op.create_index("ix_person_search_key", "person", ["search_key"])
    fold_names()
    make_views()


def downgrade() -> None:
    """Take the columns away, and the rows that the older words can't say."""
    drop_views()
    forget_newer_rows()
    op.drop_index("ix_person_search_key", "person")
    op.drop_index("ix_booking_held_until", "booking")
    with op.batch_alter_table("sign_in") as batch:
        batch.drop_constraint(op.f("ck_sign_in_how_known"), type_="check")
    for table, (column, before, _more) in CHECKS.items():
        change_check(table, column, before)
    for table, columns in FILLED.items():
        with op.batch_alter_table(table) as batch:
            for column in columns:
                batch.drop_column(column.name)
    for table, name in EMPTY.items():
        with op.batch_alter_table(table) as batch:
            batch.drop_column(name)
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


def fold_names() -> None:
    """Give everybody the key by which the office's search finds her."""
    connection = op.get_bind()
    person = sa.table(
        "person", sa.column("id"), sa.column("full_name"), sa.column("known_as"), sa.column("search_key")
    )
    rows = connection.execute(sa.select(person.c.id, person.c.full_name, person.c.known_as)).all()
    keys = [{"row": row.id, "key": folded(f"{row.full_name} {row.known_as}")} for row in rows]
    if keys:
        change = sa.update(person).where(person.c.id == sa.bindparam("row"))
        connection.execute(change.values(search_key=sa.bindparam("key")), keys)


def folded(name: str) -> str:
    """Fold a name as the service did at this step."""
    plain = "".join(char for char in unicodedata.normalize("NFKD", name) if not unicodedata.combining(char))
    return " ".join(plain.casefold().split())[:400]


def forget_newer_rows() -> None:
    """Delete what only the newer words could say; nothing else points at these rows."""
    op.execute("UPDATE message SET link_id = NULL WHERE kind = 'change_email'")
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
