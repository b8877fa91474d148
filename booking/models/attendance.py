"""The history of the register: every mark and its undoing, by whom and when."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from booking.db import Base
from booking.models.columns import one_of, words
from booking.models.kinds import Attendance


class AttendanceMark(Base):
    """One mark on the register; the booking holds the latest, this table all of them."""

    __tablename__ = "attendance_mark"
    __table_args__ = (
        one_of("attendance", Attendance),
        one_of("was", Attendance),
        Index("ix_attendance_mark_booking_id", "booking_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"))
    was: Mapped[Attendance] = mapped_column(words(Attendance))
    attendance: Mapped[Attendance] = mapped_column(words(Attendance))
    marked_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    marked_at: Mapped[datetime]
