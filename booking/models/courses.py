"""Courses: enrolled once, with a booking on every week."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from booking.db import Base
from booking.models.columns import one_of, words
from booking.models.kinds import EnrolmentState


class Enrolment(Base):
    """Somebody on a course; its weeks are her bookings that name this row."""

    __tablename__ = "enrolment"
    __table_args__ = (
        one_of("state", EnrolmentState),
        Index(
            "uq_enrolment_live",
            "series_id",
            "person_id",
            unique=True,
            sqlite_where=text("state = 'enrolled'"),
            postgresql_where=text("state = 'enrolled'"),
        ),
        Index("ix_enrolment_person_id", "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    state: Mapped[EnrolmentState] = mapped_column(words(EnrolmentState), default=EnrolmentState.ENROLLED)
    created_at: Mapped[datetime]
    state_at: Mapped[datetime]
    made_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    nonce: Mapped[str] = mapped_column(String(64))
