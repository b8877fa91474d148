"""The movement check-in: what a tutor keeps in mind, and for how long it is true."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from booking.db import Base
from booking.models.kinds import Flag


class MovementCheckIn(Base):
    """One person's answers of one day, as flags; what she answered in detail is not kept."""

    __tablename__ = "movement_check_in"
    __table_args__ = (Index("ix_movement_check_in_person_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    # Words of `Flag`, comma between them; empty is an answer too.
    flags: Mapped[str] = mapped_column(String(100), default="")
    # Something she answered is better talked about with a human first.
    wants_call: Mapped[bool] = mapped_column(default=False)
    answered_at: Mapped[datetime]

    @property
    def kept_in_mind(self) -> tuple[Flag, ...]:
        """Return the flags, in their own order."""
        there = set(self.flags.split(",")) if self.flags else set()
        return tuple(flag for flag in Flag if flag.value in there)
