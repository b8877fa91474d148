"""Who leads what: the hosts and tutors of a series and of one date."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from booking.db import Base
from booking.models.people import Person


class SeriesFacilitator(Base):
    """Somebody who leads every new date of a series."""

    __tablename__ = "series_facilitator"
    __table_args__ = (UniqueConstraint("series_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))


class CoverRequest(Base):
    """Somebody who can't host a date any more: no reason is kept, and whoever takes it is noted."""

    __tablename__ = "cover_request"
    __table_args__ = (
        Index("ix_cover_request_session_id", "session_id"),
        Index("ix_cover_request_person_id", "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("scheduled_session.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime]
    covered_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    covered_at: Mapped[datetime | None]
    # She can host after all.
    withdrawn_at: Mapped[datetime | None]


class SessionFacilitator(Base):
    """Somebody who leads one date: this row opens the roster of that date, and no other."""

    __tablename__ = "session_facilitator"
    __table_args__ = (
        UniqueConstraint("session_id", "person_id"),
        Index("ix_session_facilitator_person_id", "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("scheduled_session.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    added_at: Mapped[datetime]

    person: Mapped[Person] = relationship(lazy="raise")
