"""Make room for courses, deeds of the season, listings, support entries, photos of doors and feeds."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

TABLES = (
    "listing",
    "support_entry",
    "calendar_feed",
    "season_deed",
    "venue_photo",
    "enrolment",
    "season_step",
)


def upgrade() -> None:
    """Make the tables."""
    make_lists()
    make_deeds()
    make_courses()


def downgrade() -> None:
    """Take the tables away."""
    for name in reversed(TABLES):
        op.drop_table(name)


def make_lists() -> None:
    """Make what is listed: others' events, ways to support, calendar feeds."""
    op.create_table(
        "listing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("run_by", sa.String(length=200), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("nation", sa.String(length=30), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("when_words", sa.String(length=200), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.CheckConstraint("kind IN ('retreat', 'other_group', 'event')", name=op.f("ck_listing_kind_known")),
        sa.CheckConstraint(
            "state IN ('draft', 'published', 'cancelled')", name=op.f("ck_listing_state_known")
        ),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_listing_ends_after_start")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listing")),
    )
    with op.batch_alter_table("listing", schema=None) as batch_op:
        batch_op.create_index("ix_listing_starts_on", ["starts_on", "id"], unique=False)

    op.create_table(
        "support_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("section_id", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["section_id"], ["support_entry.id"], name=op.f("fk_support_entry_section_id_support_entry")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_support_entry")),
    )
    with op.batch_alter_table("support_entry", schema=None) as batch_op:
        batch_op.create_index("ix_support_entry_section_id", ["section_id", "position"], unique=False)

    op.create_table(
        "calendar_feed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(), nullable=True),
        sa.CheckConstraint("kind IN ('office')", name=op.f("ck_calendar_feed_kind_known")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_calendar_feed_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_feed")),
    )
    with op.batch_alter_table("calendar_feed", schema=None) as batch_op:
        batch_op.create_index("ix_calendar_feed_person_id", ["person_id", "kind"], unique=False)


def make_deeds() -> None:
    """Make the deeds with their steps, and the photos."""
    op.create_table(
        "season_deed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("done_at", sa.DateTime(), nullable=False),
        sa.Column("done_by", sa.Integer(), nullable=True),
        sa.Column("undone_at", sa.DateTime(), nullable=True),
        sa.Column("undone_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("kind IN ('cancelled', 'moved')", name=op.f("ck_season_deed_kind_known")),
        sa.ForeignKeyConstraint(["done_by"], ["person.id"], name=op.f("fk_season_deed_done_by_person")),
        sa.ForeignKeyConstraint(["undone_by"], ["person.id"], name=op.f("fk_season_deed_undone_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_season_deed")),
    )
    with op.batch_alter_table("season_deed", schema=None) as batch_op:
        batch_op.create_index("ix_season_deed_done_at", ["done_at"], unique=False)

    op.create_table(
        "venue_photo",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("venue_id", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("words", sa.String(length=300), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["venue_id"], ["venue.id"], name=op.f("fk_venue_photo_venue_id_venue")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_venue_photo")),
        sa.UniqueConstraint("venue_id", name=op.f("uq_venue_photo_venue_id")),
    )
    op.create_table(
        "season_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("deed_id", sa.Integer(), nullable=False),
        sa.Column("row_kind", sa.String(length=20), nullable=False),
        sa.Column("row_id", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.Column("was", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["deed_id"], ["season_deed.id"], name=op.f("fk_season_step_deed_id_season_deed")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_season_step")),
    )
    with op.batch_alter_table("season_step", schema=None) as batch_op:
        batch_op.create_index("ix_season_step_deed_id", ["deed_id"], unique=False)
        batch_op.create_index("ix_season_step_row", ["row_kind", "row_id"], unique=False)


def make_courses() -> None:
    """Make the enrolments."""
    op.create_table(
        "enrolment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("state_at", sa.DateTime(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.CheckConstraint("state IN ('enrolled', 'left')", name=op.f("ck_enrolment_state_known")),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_enrolment_made_by_person")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_enrolment_person_id_person")),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name=op.f("fk_enrolment_series_id_series")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolment")),
    )
    with op.batch_alter_table("enrolment", schema=None) as batch_op:
        batch_op.create_index("ix_enrolment_person_id", ["person_id"], unique=False)
        batch_op.create_index(
            "uq_enrolment_live",
            ["series_id", "person_id"],
            unique=True,
            sqlite_where=sa.text("state = 'enrolled'"),
            postgresql_where=sa.text("state = 'enrolled'"),
        )
