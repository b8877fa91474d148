"""Where people meet, with the facts somebody needs who is not steady on her feet."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from booking.db import Base
from booking.models.columns import one_of, words
from booking.models.kinds import Access


class Venue(Base):
    """A room, a hall, a café."""

    __tablename__ = "venue"
    __table_args__ = (
        UniqueConstraint("name"),
        CheckConstraint("capacity IS NULL OR capacity >= 1", name="capacity_sane"),
        *(
            one_of(fact, Access)
            for fact in ("step_free", "hearing_loop", "parking", "toilets", "quiet_corner")
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    address: Mapped[str] = mapped_column(Text, default="")
    nation: Mapped[str] = mapped_column(String(30))
    directions: Mapped[str] = mapped_column(Text, default="")
    step_free: Mapped[Access] = mapped_column(words(Access), default=Access.NOT_KNOWN)
    hearing_loop: Mapped[Access] = mapped_column(words(Access), default=Access.NOT_KNOWN)
    parking: Mapped[Access] = mapped_column(words(Access), default=Access.NOT_KNOWN)
    toilets: Mapped[Access] = mapped_column(words(Access), default=Access.NOT_KNOWN)
    quiet_corner: Mapped[Access] = mapped_column(words(Access), default=Access.NOT_KNOWN)
    # How many people may be in it, companions and hosts aside; NULL: nobody has said.
    capacity: Mapped[int | None]
    # For the office alone: keys, prices, whom to ring.
    hire_notes: Mapped[str] = mapped_column(Text, default="")
    town: Mapped[str] = mapped_column(String(100), default="")
    # Units: degrees, WGS 84.
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]


class VenuePhoto(Base):
    """The picture of a venue's door, made anew from what was sent so that nothing hidden is in it."""

    __tablename__ = "venue_photo"
    __table_args__ = (UniqueConstraint("venue_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    venue_id: Mapped[int] = mapped_column(ForeignKey("venue.id"))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    # What somebody who can't see it is told.
    words: Mapped[str] = mapped_column(String(300))
    digest: Mapped[str] = mapped_column(String(64))
    # Units: pixels.
    width: Mapped[int]
    height: Mapped[int]
    added_at: Mapped[datetime]
