"""What the office did to dates of the season, kept so that it can be taken back, and its calendar feeds."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from booking.db import Base
from booking.models.columns import one_of, words
from booking.models.kinds import FeedKind, SeasonDeedKind


class SeasonDeed(Base):
    """One cancelling or moving of one or several dates; the messages it laid name it."""

    __tablename__ = "season_deed"
    __table_args__ = (one_of("kind", SeasonDeedKind), Index("ix_season_deed_done_at", "done_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[SeasonDeedKind] = mapped_column(words(SeasonDeedKind))
    reason: Mapped[str] = mapped_column(String(300), default="")
    done_at: Mapped[datetime]
    done_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class SeasonStep(Base):
    """One field of one session or booking that a deed changed, with what it was."""

    __tablename__ = "season_step"
    __table_args__ = (
        Index("ix_season_step_deed_id", "deed_id"),
        Index("ix_season_step_row", "row_kind", "row_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    deed_id: Mapped[int] = mapped_column(ForeignKey("season_deed.id"))
    # "session" or "booking", and the row's id.
    row_kind: Mapped[str] = mapped_column(String(20))
    row_id: Mapped[int]
    field: Mapped[str] = mapped_column(String(40))
    was: Mapped[str] = mapped_column(Text)


class CalendarFeed(Base):
    """Somebody's private calendar address; a revoked one answers like one that never was."""

    __tablename__ = "calendar_feed"
    __table_args__ = (one_of("kind", FeedKind), Index("ix_calendar_feed_person_id", "person_id", "kind"))

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[FeedKind] = mapped_column(words(FeedKind))
    nonce: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
