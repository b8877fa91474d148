"""Add the schedule."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Add the schedule."""
    op.create_table(
        "programme",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("discreet_name", sa.String(length=100), nullable=False),
        sa.Column("tone", sa.String(length=20), nullable=False),
        sa.Column("facilitator_word", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme")),
        sa.UniqueConstraint("key", name=op.f("uq_programme_key")),
    )
    op.create_table(
        "venue",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("nation", sa.String(length=30), nullable=False),
        sa.Column("directions", sa.Text(), nullable=False),
        sa.Column("step_free", sa.String(length=20), nullable=False),
        sa.Column("hearing_loop", sa.String(length=20), nullable=False),
        sa.Column("parking", sa.String(length=20), nullable=False),
        sa.Column("toilets", sa.String(length=20), nullable=False),
        sa.Column("quiet_corner", sa.String(length=20), nullable=False),
        sa.CheckConstraint(
            "hearing_loop IN ('yes', 'no', 'not_known')", name=op.f("ck_venue_hearing_loop_known")
        ),
        sa.CheckConstraint("parking IN ('yes', 'no', 'not_known')", name=op.f("ck_venue_parking_known")),
        sa.CheckConstraint(
            "quiet_corner IN ('yes', 'no', 'not_known')", name=op.f("ck_venue_quiet_corner_known")
        ),
        sa.CheckConstraint("step_free IN ('yes', 'no', 'not_known')", name=op.f("ck_venue_step_free_known")),
        sa.CheckConstraint("toilets IN ('yes', 'no', 'not_known')", name=op.f("ck_venue_toilets_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_venue")),
        sa.UniqueConstraint("name", name=op.f("uq_venue_name")),
    )
    op.create_table(
        "series",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("discreet_name", sa.String(length=200), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("mode", sa.String(length=20), nullable=False),
        sa.Column("venue_id", sa.Integer(), nullable=True),
        sa.Column("nation", sa.String(length=30), nullable=False),
        sa.Column("rule", sa.String(length=200), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("start_time", sa.Time(), nullable=False),
        sa.Column("end_time", sa.Time(), nullable=False),
        sa.Column("zone", sa.String(length=40), nullable=False),
        sa.Column("places_room", sa.Integer(), nullable=True),
        sa.Column("places_online", sa.Integer(), nullable=True),
        sa.Column("audience", sa.String(length=20), nullable=False),
        sa.Column("companions", sa.String(length=20), nullable=False),
        sa.Column("enrol", sa.String(length=20), nullable=False),
        sa.Column("welcome_call", sa.Boolean(), nullable=False),
        sa.Column("movement_check", sa.Boolean(), nullable=False),
        sa.Column("meeting_url", sa.String(length=500), nullable=False),
        sa.Column("grant_tag", sa.String(length=100), nullable=False),
        sa.Column("office_notes", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.CheckConstraint(
            "audience IN ('anyone', 'patients', 'facilitators')", name=op.f("ck_series_audience_known")
        ),
        sa.CheckConstraint(
            "companions IN ('never', 'first_visit', 'always')", name=op.f("ck_series_companions_known")
        ),
        sa.CheckConstraint("enrol IN ('each', 'course')", name=op.f("ck_series_enrol_known")),
        sa.CheckConstraint("mode IN ('in_person', 'online', 'hybrid')", name=op.f("ck_series_mode_known")),
        sa.CheckConstraint(
            "state IN ('draft', 'published', 'cancelled')", name=op.f("ck_series_state_known")
        ),
        sa.CheckConstraint(
            "places_online IS NULL OR places_online >= 0", name=op.f("ck_series_places_online_sane")
        ),
        sa.CheckConstraint(
            "places_room IS NULL OR places_room >= 0", name=op.f("ck_series_places_room_sane")
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_series_programme_id_programme")
        ),
        sa.ForeignKeyConstraint(["venue_id"], ["venue.id"], name=op.f("fk_series_venue_id_venue")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series")),
        sa.UniqueConstraint("key", name=op.f("uq_series_key")),
    )
    op.create_table(
        "scheduled_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=100), nullable=False),
        sa.Column("rule_date", sa.Date(), nullable=False),
        sa.Column("local_date", sa.Date(), nullable=False),
        sa.Column("start_time", sa.Time(), nullable=False),
        sa.Column("end_time", sa.Time(), nullable=False),
        sa.Column("zone", sa.String(length=40), nullable=False),
        sa.Column("starts_at", sa.DateTime(), nullable=False),
        sa.Column("ends_at", sa.DateTime(), nullable=False),
        sa.Column("mode", sa.String(length=20), nullable=False),
        sa.Column("venue_id", sa.Integer(), nullable=True),
        sa.Column("meeting_url", sa.String(length=500), nullable=False),
        sa.Column("places_room", sa.Integer(), nullable=True),
        sa.Column("places_online", sa.Integer(), nullable=True),
        sa.Column("own_title", sa.String(length=200), nullable=False),
        sa.Column("own_description", sa.Text(), nullable=False),
        sa.Column("differs", sa.Boolean(), nullable=False),
        sa.Column("public_reason", sa.String(length=300), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("schedule_version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("turns", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "mode IN ('in_person', 'online', 'hybrid')", name=op.f("ck_scheduled_session_mode_known")
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'published', 'cancelled')", name=op.f("ck_scheduled_session_state_known")
        ),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_scheduled_session_ends_after_start")),
        sa.CheckConstraint(
            "places_online IS NULL OR places_online >= 0",
            name=op.f("ck_scheduled_session_places_online_sane"),
        ),
        sa.CheckConstraint(
            "places_room IS NULL OR places_room >= 0", name=op.f("ck_scheduled_session_places_room_sane")
        ),
        sa.ForeignKeyConstraint(
            ["series_id"], ["series.id"], name=op.f("fk_scheduled_session_series_id_series")
        ),
        sa.ForeignKeyConstraint(["venue_id"], ["venue.id"], name=op.f("fk_scheduled_session_venue_id_venue")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scheduled_session")),
        sa.UniqueConstraint("series_id", "rule_date", name=op.f("uq_scheduled_session_series_id_rule_date")),
        sa.UniqueConstraint("uid", name=op.f("uq_scheduled_session_uid")),
    )
    with op.batch_alter_table("scheduled_session", schema=None) as batch_op:
        batch_op.create_index("ix_scheduled_session_starts_at", ["starts_at", "id"], unique=False)

    op.create_table(
        "series_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("rule_date", sa.Date(), nullable=False),
        sa.Column("action", sa.String(length=10), nullable=False),
        sa.Column("moved_to", sa.Date(), nullable=True),
        sa.Column("end_time", sa.Time(), nullable=True),
        sa.Column("venue_name", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name=op.f("fk_series_change_series_id_series")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series_change")),
        sa.UniqueConstraint("series_id", "rule_date", name=op.f("uq_series_change_series_id_rule_date")),
    )
    op.create_table(
        "series_facilitator",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_series_facilitator_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["series_id"], ["series.id"], name=op.f("fk_series_facilitator_series_id_series")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series_facilitator")),
        sa.UniqueConstraint("series_id", "person_id", name=op.f("uq_series_facilitator_series_id_person_id")),
    )
    op.create_table(
        "session_facilitator",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_session_facilitator_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["scheduled_session.id"],
            name=op.f("fk_session_facilitator_session_id_scheduled_session"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session_facilitator")),
        sa.UniqueConstraint(
            "session_id", "person_id", name=op.f("uq_session_facilitator_session_id_person_id")
        ),
    )
    with op.batch_alter_table("session_facilitator", schema=None) as batch_op:
        batch_op.create_index("ix_session_facilitator_person_id", ["person_id"], unique=False)

    op.create_table(
        "session_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("schedule_version", sa.Integer(), nullable=False),
        sa.Column("local_date", sa.Date(), nullable=False),
        sa.Column("start_time", sa.Time(), nullable=False),
        sa.Column("end_time", sa.Time(), nullable=False),
        sa.Column("mode", sa.String(length=20), nullable=False),
        sa.Column("venue_id", sa.Integer(), nullable=True),
        sa.Column("meeting_url", sa.String(length=500), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["scheduled_session.id"],
            name=op.f("fk_session_version_session_id_scheduled_session"),
        ),
        sa.ForeignKeyConstraint(["venue_id"], ["venue.id"], name=op.f("fk_session_version_venue_id_venue")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session_version")),
        sa.UniqueConstraint(
            "session_id", "schedule_version", name=op.f("uq_session_version_session_id_schedule_version")
        ),
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_table("session_version")
    with op.batch_alter_table("session_facilitator", schema=None) as batch_op:
        batch_op.drop_index("ix_session_facilitator_person_id")

    op.drop_table("session_facilitator")
    op.drop_table("series_facilitator")
    op.drop_table("series_change")
    with op.batch_alter_table("scheduled_session", schema=None) as batch_op:
        batch_op.drop_index("ix_scheduled_session_starts_at")

    op.drop_table("scheduled_session")
    op.drop_table("series")
    op.drop_table("venue")
    op.drop_table("programme")
