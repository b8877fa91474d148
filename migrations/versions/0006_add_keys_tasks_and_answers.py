"""Add keys, tasks and what people say of themselves."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Add keys, tasks and what people say of themselves."""
    op.create_table(
        "emergency_contact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("phone", sa.String(length=100), nullable=False),
        sa.Column("saved_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_emergency_contact_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emergency_contact")),
        sa.UniqueConstraint("person_id", name=op.f("uq_emergency_contact_person_id")),
    )
    op.create_table(
        "equality_answers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("age_band", sa.String(length=40), nullable=False),
        sa.Column("ethnicity", sa.String(length=60), nullable=False),
        sa.Column("gender", sa.String(length=40), nullable=False),
        sa.Column("orientation", sa.String(length=40), nullable=False),
        sa.Column("disability", sa.String(length=40), nullable=False),
        sa.Column("saved_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_equality_answers_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_equality_answers")),
        sa.UniqueConstraint("person_id", name=op.f("uq_equality_answers_person_id")),
    )
    op.create_table(
        "movement_check_in",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("flags", sa.String(length=100), nullable=False),
        sa.Column("wants_call", sa.Boolean(), nullable=False),
        sa.Column("answered_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_movement_check_in_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_movement_check_in")),
    )
    with op.batch_alter_table("movement_check_in", schema=None) as batch_op:
        batch_op.create_index("ix_movement_check_in_person_id", ["person_id"], unique=False)

    op.create_table(
        "password",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("hashed", sa.String(length=200), nullable=False),
        sa.Column("set_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_password_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password")),
        sa.UniqueConstraint("person_id", name=op.f("uq_password_person_id")),
    )
    op.create_table(
        "recovery_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("used_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_recovery_code_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
    )
    with op.batch_alter_table("recovery_code", schema=None) as batch_op:
        batch_op.create_index("ix_recovery_code_person_id", ["person_id"], unique=False)

    op.create_table(
        "reversible_deed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("other_person_id", sa.Integer(), nullable=True),
        sa.Column("done_at", sa.DateTime(), nullable=False),
        sa.Column("done_by", sa.Integer(), nullable=False),
        sa.Column("undone_at", sa.DateTime(), nullable=True),
        sa.Column("undone_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("kind IN ('died', 'merged')", name=op.f("ck_reversible_deed_kind_known")),
        sa.ForeignKeyConstraint(["done_by"], ["person.id"], name=op.f("fk_reversible_deed_done_by_person")),
        sa.ForeignKeyConstraint(
            ["other_person_id"], ["person.id"], name=op.f("fk_reversible_deed_other_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_reversible_deed_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["undone_by"], ["person.id"], name=op.f("fk_reversible_deed_undone_by_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reversible_deed")),
    )
    with op.batch_alter_table("reversible_deed", schema=None) as batch_op:
        batch_op.create_index("ix_reversible_deed_person_id", ["person_id"], unique=False)

    op.create_table(
        "second_factor",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(), nullable=True),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_second_factor_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_factor")),
        sa.UniqueConstraint("person_id", name=op.f("uq_second_factor_person_id")),
    )
    op.create_table(
        "deed_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("deed_id", sa.Integer(), nullable=False),
        sa.Column("row_kind", sa.String(length=40), nullable=False),
        sa.Column("row_id", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.Column("was", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["deed_id"], ["reversible_deed.id"], name=op.f("fk_deed_step_deed_id_reversible_deed")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deed_step")),
    )
    with op.batch_alter_table("deed_step", schema=None) as batch_op:
        batch_op.create_index("ix_deed_step_deed_id", ["deed_id"], unique=False)

    op.create_table(
        "task",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("for_person_id", sa.Integer(), nullable=True),
        sa.Column("booking_id", sa.Integer(), nullable=True),
        sa.Column("series_id", sa.Integer(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("reply_to", sa.String(length=300), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("settled_at", sa.DateTime(), nullable=True),
        sa.Column("settled_by", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('call_newcomer', 'consent_withdrawn', 'movement_call', 'death_reported', "
            "'complaint', 'speak_with_office')",
            name=op.f("ck_task_kind_known"),
        ),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_task_booking_id_booking")),
        sa.ForeignKeyConstraint(["for_person_id"], ["person.id"], name=op.f("fk_task_for_person_id_person")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_task_person_id_person")),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name=op.f("fk_task_series_id_series")),
        sa.ForeignKeyConstraint(["settled_by"], ["person.id"], name=op.f("fk_task_settled_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
    )
    with op.batch_alter_table("task", schema=None) as batch_op:
        batch_op.create_index("ix_task_for_person_id", ["for_person_id"], unique=False)
        batch_op.create_index("ix_task_person_id", ["person_id"], unique=False)
        batch_op.create_index("ix_task_settled_at", ["settled_at", "kind"], unique=False)


def downgrade() -> None:
    """Take it back."""
    with op.batch_alter_table("task", schema=None) as batch_op:
        batch_op.drop_index("ix_task_settled_at")
        batch_op.drop_index("ix_task_person_id")
        batch_op.drop_index("ix_task_for_person_id")

    op.drop_table("task")
    with op.batch_alter_table("deed_step", schema=None) as batch_op:
        batch_op.drop_index("ix_deed_step_deed_id")

    op.drop_table("deed_step")
    op.drop_table("second_factor")
    with op.batch_alter_table("reversible_deed", schema=None) as batch_op:
        batch_op.drop_index("ix_reversible_deed_person_id")

    op.drop_table("reversible_deed")
    with op.batch_alter_table("recovery_code", schema=None) as batch_op:
        batch_op.drop_index("ix_recovery_code_person_id")

    op.drop_table("recovery_code")
    op.drop_table("password")
    with op.batch_alter_table("movement_check_in", schema=None) as batch_op:
        batch_op.drop_index("ix_movement_check_in_person_id")

    op.drop_table("movement_check_in")
    op.drop_table("equality_answers")
    op.drop_table("emergency_contact")
