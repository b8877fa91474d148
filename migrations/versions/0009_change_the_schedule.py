"""Let series decide more, dates keep what is their own, bookings belong to a course, venues be found."""

from collections.abc import Sequence
from datetime import UTC, datetime
from secrets import token_urlsafe

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
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
        ),
        ("course_booked", "course_starts", "course_left"),
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
        ),
        ("series_ends",),
    ),
}
# Each new column that is never empty, and what the rows of before hold in it.
FILLED = {
    "series": [
        sa.Column("join_until_week", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("single_weeks", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("waiting_list", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("closes_minutes_before", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("newcomer_places", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("min_facilitators", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("ground_rules_version", sa.String(length=20), nullable=False, server_default=""),
        sa.Column("suits", sa.String(length=80), nullable=False, server_default=""),
    ],
    "scheduled_session": [sa.Column("own_facts", sa.String(length=300), nullable=False, server_default="")],
    "venue": [
        sa.Column("hire_notes", sa.Text(), nullable=False, server_default=""),
        sa.Column("town", sa.String(length=100), nullable=False, server_default=""),
    ],
}
EMPTY = {
    "series": [
        sa.Column("opens_days_before", sa.Integer(), nullable=True),
        sa.Column("holds_from", sa.Date(), nullable=True),
    ],
    "venue": [
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
    ],
}
# Table, column, the table it points to.
POINTERS = (
    ("booking", "enrolment_id", "enrolment"),
    ("booking", "instead_of_id", "booking"),
    ("message", "season_deed_id", "season_deed"),
)
SANE = {
    "series": {
        "join_until_week_sane": "join_until_week >= 1",
        "newcomer_places_sane": "newcomer_places >= 0",
    },
    "venue": {"capacity_sane": "capacity IS NULL OR capacity >= 1"},
}
# What a date of before that differs keeps for itself: all that it could have changed.
ALL_ITS_OWN = "end_time local_date meeting_url mode places_online places_room start_time venue_id"

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
    """Add the columns, widen the checks, and fill what can be known of the rows that are there."""
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
    change_length_of_rule(200, 2000)
    op.execute(f"UPDATE scheduled_session SET own_facts = '{ALL_ITS_OWN}' WHERE differs")
    enrol_who_is_on_a_course()
    make_views()


def downgrade() -> None:
    """Take the columns away, and the rows that the older words can't say."""
    drop_views()
    forget_newer_rows()
    change_length_of_rule(2000, 200)
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


def change_length_of_rule(before: int, after: int) -> None:
    """Let a rule be a list of dates."""
    with op.batch_alter_table("series") as batch:
        batch.alter_column(
            "rule",
            existing_type=sa.String(length=before),
            type_=sa.String(length=after),
            existing_nullable=True,
        )


def enrol_who_is_on_a_course() -> None:
    """Give everybody living who has a week of a course to come the enrolment that joins her weeks.

    Who is enrolled already stays so: this step may have been taken back and be done again.
    """
    connection = op.get_bind()
    now = datetime.now(UTC).replace(tzinfo=None)
    for series_id, person_id, began in connection.execute(ON_A_COURSE, {"now": now}).all():
        given = {"series": series_id, "person": person_id, "began": began, "nonce": token_urlsafe(16)}
        connection.execute(ADD_ENROLMENT, given)
    connection.execute(NAME_ENROLMENT)


ON_A_COURSE = sa.text(
    "SELECT s.series_id, b.person_id, MAX(b.created_at) AS began FROM booking b"
    " JOIN scheduled_session s ON s.id = b.session_id JOIN series e ON e.id = s.series_id"
    " JOIN person p ON p.id = b.person_id"
    " WHERE e.enrol = 'course' AND b.state = 'booked' AND p.status IN ('unproven', 'active', 'paused')"
    " AND NOT EXISTS (SELECT 1 FROM enrolment n WHERE n.series_id = s.series_id"
    " AND n.person_id = b.person_id)"
    " GROUP BY s.series_id, b.person_id HAVING MAX(s.starts_at) > :now"
    " ORDER BY s.series_id, b.person_id"
).bindparams(sa.bindparam("now", type_=sa.DateTime()))
ADD_ENROLMENT = sa.text(
    "INSERT INTO enrolment (series_id, person_id, state, created_at, state_at, nonce)"
    " VALUES (:series, :person, 'enrolled', :began, :began, :nonce)"
)
NAME_ENROLMENT = sa.text(
    "UPDATE booking SET enrolment_id = (SELECT MAX(n.id) FROM enrolment n JOIN scheduled_session s"
    " ON s.series_id = n.series_id WHERE s.id = booking.session_id AND n.person_id = booking.person_id"
    " AND n.state = 'enrolled') WHERE state = 'booked' AND person_id IS NOT NULL"
)


def forget_newer_rows() -> None:
    """Delete what only the newer words could say; nothing else points at these rows."""
    for table, (column, before, _more) in CHECKS.items():
        listed = ", ".join(f"'{word}'" for word in before)
        if table == "message":
            op.execute(
                "DELETE FROM call_note WHERE message_id IN "
                f"(SELECT id FROM message WHERE kind NOT IN ({listed}))"
            )
        op.execute(f"DELETE FROM {table} WHERE {column} NOT IN ({listed})")
    # A list of dates is too long for the column of before: its dates stand, and nothing adds more.
    op.execute("UPDATE series SET rule = NULL WHERE rule LIKE 'RDATE%'")


def drop_views() -> None:
    """Drop the reporting views."""
    for name in reversed(VIEWS):
        op.execute(f"DROP VIEW {name}")


def make_views() -> None:
    """Make the reporting views again."""
    for words in VIEWS.values():
        op.execute(words)
