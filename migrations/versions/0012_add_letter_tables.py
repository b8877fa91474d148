"""Make room for words written to many, wordings, bounces, a stop of all letters, and cover."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

# The kinds of messages as they are from the next migration on: wordings were never kept for fewer.
KINDS = (
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
    "announcement",
    "news",
    "rota",
    "rota_changed",
    "tomorrow",
    "register_reminder",
    "cover_wanted",
    "digest",
)


def upgrade() -> None:
    """Make the tables."""
    make_table(
        "announcement",
        [
            sa.Column("session_id", sa.Integer(), nullable=True),
            sa.Column("author_id", sa.Integer(), nullable=False),
            sa.Column("heading", sa.String(length=150), nullable=False),
            sa.Column("words", sa.Text(), nullable=False),
            sa.Column("includes_waiting", sa.Boolean(), nullable=False),
            sa.Column("people", sa.Integer(), nullable=False),
            sa.Column("created_at", sa.DateTime(), nullable=False),
            sa.Column("withdrawn_at", sa.DateTime(), nullable=True),
        ],
        {"session_id": "scheduled_session", "author_id": "person"},
        ["session_id", "author_id"],
    )
    listed = ", ".join(f"'{kind}'" for kind in KINDS)
    make_table(
        "letter_wording",
        [
            sa.Column("kind", sa.String(length=20), nullable=False),
            sa.Column("variant", sa.String(length=30), nullable=False),
            sa.Column("language", sa.String(length=10), nullable=False),
            sa.Column("wording_version", sa.Integer(), nullable=False),
            sa.Column("subject", sa.String(length=300), nullable=False),
            sa.Column("opening", sa.Text(), nullable=False),
            sa.Column("closing", sa.Text(), nullable=False),
            sa.Column("is_original", sa.Boolean(), nullable=False),
            sa.Column("saved_by", sa.Integer(), nullable=False),
            sa.Column("saved_at", sa.DateTime(), nullable=False),
            sa.CheckConstraint(f"kind IN ({listed})", name=op.f("ck_letter_wording_kind_known")),
            sa.UniqueConstraint(
                "kind",
                "variant",
                "language",
                "wording_version",
                name=op.f("uq_letter_wording_kind_variant_language_wording_version"),
            ),
        ],
        {"saved_by": "person"},
        [],
    )
    make_table(
        "bounce",
        [
            sa.Column("message_id", sa.Integer(), nullable=False),
            sa.Column("person_id", sa.Integer(), nullable=True),
            sa.Column("address_key", sa.String(length=500), nullable=False),
            sa.Column("code", sa.String(length=20), nullable=False),
            sa.Column("noted_at", sa.DateTime(), nullable=False),
            sa.UniqueConstraint("message_id", name=op.f("uq_bounce_message_id")),
        ],
        {"message_id": "message", "person_id": "person"},
        ["address_key", "person_id"],
    )
    make_table(
        "outgoing_stop",
        [
            sa.Column("stopped_at", sa.DateTime(), nullable=False),
            sa.Column("stopped_by", sa.Integer(), nullable=False),
            sa.Column("resumed_at", sa.DateTime(), nullable=True),
            sa.Column("resumed_by", sa.Integer(), nullable=True),
        ],
        {"stopped_by": "person", "resumed_by": "person"},
        [],
    )
    make_table(
        "cover_request",
        [
            sa.Column("session_id", sa.Integer(), nullable=False),
            sa.Column("person_id", sa.Integer(), nullable=False),
            sa.Column("asked_at", sa.DateTime(), nullable=False),
            sa.Column("covered_by", sa.Integer(), nullable=True),
            sa.Column("covered_at", sa.DateTime(), nullable=True),
            sa.Column("withdrawn_at", sa.DateTime(), nullable=True),
        ],
        {"session_id": "scheduled_session", "person_id": "person", "covered_by": "person"},
        ["session_id", "person_id"],
    )


def downgrade() -> None:
    """Take the tables away."""
    for table in ("cover_request", "outgoing_stop", "bounce", "letter_wording", "announcement"):
        op.drop_table(table)


def make_table(
    name: str, parts: list[sa.schema.SchemaItem], points_to: dict[str, str], found_by: list[str]
) -> None:
    """Make one table with its key, what it points to, and what it is found by."""
    op.create_table(
        name,
        sa.Column("id", sa.Integer(), nullable=False),
        *parts,
        *(
            sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{name}_{column}_{target}"))
            for column, target in points_to.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
    )
    for column in found_by:
        op.create_index(f"ix_{name}_{column}", name, [column])
