"""Make room for the reasons why the office moved somebody up on a waiting list."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "queue_move",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("moved_by", sa.Integer(), nullable=False),
        sa.Column("moved_at", sa.DateTime(), nullable=False),
        sa.Column("was_at", sa.DateTime(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("fk_queue_move_booking_id_booking")
        ),
        sa.ForeignKeyConstraint(["moved_by"], ["person.id"], name=op.f("fk_queue_move_moved_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_queue_move")),
    )
    op.create_index("ix_queue_move_booking_id", "queue_move", ["booking_id"])


def downgrade() -> None:
    """Take the table away."""
    op.drop_table("queue_move")
