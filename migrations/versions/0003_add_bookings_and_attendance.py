"""Add bookings and attendance."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Add bookings and attendance."""
    op.create_table(
        "booking",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("walk_in_name", sa.String(length=100), nullable=False),
        sa.Column("pool", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("party_size", sa.Integer(), nullable=False),
        sa.Column("attendance", sa.String(length=20), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("state_at", sa.DateTime(), nullable=False),
        sa.Column("booked_by", sa.Integer(), nullable=True),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("told_version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "attendance IN ('not_recorded', 'came', 'joined_online', 'part', 'walked_in', 'did_not_come')",
            name=op.f("ck_booking_attendance_known"),
        ),
        sa.CheckConstraint(
            "person_id IS NOT NULL OR attendance = 'walked_in' OR state = 'cancelled'",
            name=op.f("ck_booking_nameless_walked_in"),
        ),
        sa.CheckConstraint("pool IN ('room', 'online')", name=op.f("ck_booking_pool_known")),
        sa.CheckConstraint(
            "state IN ('held', 'provisional', 'booked', 'waiting', 'offered', "
            "'given_up', 'cancelled', 'expired')",
            name=op.f("ck_booking_state_known"),
        ),
        sa.CheckConstraint("party_size >= 1", name=op.f("ck_booking_party_size_sane")),
        sa.ForeignKeyConstraint(["booked_by"], ["person.id"], name=op.f("fk_booking_booked_by_person")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_booking_person_id_person")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["scheduled_session.id"], name=op.f("fk_booking_session_id_scheduled_session")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking")),
    )
    with op.batch_alter_table("booking", schema=None) as batch_op:
        batch_op.create_index("ix_booking_person_id", ["person_id", "state"], unique=False)
        batch_op.create_index("ix_booking_session_id", ["session_id", "state"], unique=False)
        batch_op.create_index(
            "uq_booking_live",
            ["session_id", "person_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('held', 'provisional', 'booked', 'offered', 'waiting')"),
            postgresql_where=sa.text("state IN ('held', 'provisional', 'booked', 'offered', 'waiting')"),
        )

    op.create_table(
        "attendance_mark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("was", sa.String(length=20), nullable=False),
        sa.Column("attendance", sa.String(length=20), nullable=False),
        sa.Column("marked_by", sa.Integer(), nullable=True),
        sa.Column("marked_at", sa.DateTime(), nullable=False),
        sa.CheckConstraint(
            "attendance IN ('not_recorded', 'came', 'joined_online', 'part', 'walked_in', 'did_not_come')",
            name=op.f("ck_attendance_mark_attendance_known"),
        ),
        sa.CheckConstraint(
            "was IN ('not_recorded', 'came', 'joined_online', 'part', 'walked_in', 'did_not_come')",
            name=op.f("ck_attendance_mark_was_known"),
        ),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("fk_attendance_mark_booking_id_booking")
        ),
        sa.ForeignKeyConstraint(
            ["marked_by"], ["person.id"], name=op.f("fk_attendance_mark_marked_by_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendance_mark")),
    )
    with op.batch_alter_table("attendance_mark", schema=None) as batch_op:
        batch_op.create_index("ix_attendance_mark_booking_id", ["booking_id", "id"], unique=False)


def downgrade() -> None:
    """Take it back."""
    with op.batch_alter_table("attendance_mark", schema=None) as batch_op:
        batch_op.drop_index("ix_attendance_mark_booking_id")

    op.drop_table("attendance_mark")
    with op.batch_alter_table("booking", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_booking_live",
            sqlite_where=sa.text("state IN ('held', 'provisional', 'booked', 'offered', 'waiting')"),
            postgresql_where=sa.text("state IN ('held', 'provisional', 'booked', 'offered', 'waiting')"),
        )
        batch_op.drop_index("ix_booking_session_id")
        batch_op.drop_index("ix_booking_person_id")

    op.drop_table("booking")
