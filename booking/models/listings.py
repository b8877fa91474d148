"""What others run, and what the office wants everybody to find: listed here, never booked here."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from booking.db import Base
from booking.models.columns import one_of, words
from booking.models.kinds import ListingKind, SessionState


class Listing(Base):
    """A retreat, another charity's group, an outside event: somebody else's, with a link to them."""

    __tablename__ = "listing"
    __table_args__ = (
        one_of("kind", ListingKind),
        one_of("state", SessionState),
        CheckConstraint("ends_on >= starts_on", name="ends_after_start"),
        Index("ix_listing_starts_on", "starts_on", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[ListingKind] = mapped_column(words(ListingKind))
    title: Mapped[str] = mapped_column(String(200))
    # Who runs it: it is clearly theirs.
    run_by: Mapped[str] = mapped_column(String(200))
    place: Mapped[str] = mapped_column(String(200), default="")
    nation: Mapped[str] = mapped_column(String(30))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    # As their own page says it: "10am to 4pm", "every first Monday".
    when_words: Mapped[str] = mapped_column(String(200), default="")
    description: Mapped[str] = mapped_column(Text, default="")
    url: Mapped[str] = mapped_column(String(500))
    state: Mapped[SessionState] = mapped_column(words(SessionState), default=SessionState.PUBLISHED)
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class SupportEntry(Base):
    """One part of "Support and information": a heading with a few words, or a way to help beneath it.

    An entry without a `section_id` is a heading; the others stand beneath theirs.
    """

    __tablename__ = "support_entry"
    __table_args__ = (Index("ix_support_entry_section_id", "section_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    section_id: Mapped[int | None] = mapped_column(ForeignKey("support_entry.id"))
    position: Mapped[int]
    title: Mapped[str] = mapped_column(String(200))
    words: Mapped[str] = mapped_column(Text, default="")
    url: Mapped[str] = mapped_column(String(500), default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    changed_at: Mapped[datetime]
