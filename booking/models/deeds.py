"""Deeds that the office can take back for 30 days, and every row they touched."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from booking.db import Base
from booking.models.columns import one_of, words
from booking.models.kinds import DeedKind


class ReversibleDeed(Base):
    """ "Has died" or a merge: whom it is about, who did it, and whether it was taken back."""

    __tablename__ = "reversible_deed"
    __table_args__ = (one_of("kind", DeedKind), Index("ix_reversible_deed_person_id", "person_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[DeedKind] = mapped_column(words(DeedKind))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    # The record that a merge put into this one.
    other_person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    done_at: Mapped[datetime]
    done_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class DeedStep(Base):
    """One field of one row that a deed changed: ids and words of state, never anything about a person."""

    __tablename__ = "deed_step"
    __table_args__ = (Index("ix_deed_step_deed_id", "deed_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    deed_id: Mapped[int] = mapped_column(ForeignKey("reversible_deed.id"))
    # A table's word and the row's id.
    row_kind: Mapped[str] = mapped_column(String(40))
    row_id: Mapped[int]
    field: Mapped[str] = mapped_column(String(40))
    was: Mapped[str] = mapped_column(String(60))
