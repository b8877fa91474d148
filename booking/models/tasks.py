"""What a human is asked to do: nothing here happens by itself."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from booking.db import Base
from booking.models.columns import one_of, words
from booking.models.kinds import TaskKind


class Task(Base):
    """One thing to do for the office, or for one host, until somebody says that it is done."""

    __tablename__ = "task"
    __table_args__ = (
        one_of("kind", TaskKind),
        Index("ix_task_settled_at", "settled_at", "kind"),
        Index("ix_task_person_id", "person_id"),
        Index("ix_task_for_person_id", "for_person_id"),
        Index("ix_task_session_id", "session_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[TaskKind] = mapped_column(words(TaskKind))
    # Whom it is about, where that is known.
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    # The host whose task it is; None means the office.
    for_person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("booking.id"))
    # The date it is about: a register nobody took, cover that is wanted.
    session_id: Mapped[int | None] = mapped_column(ForeignKey("scheduled_session.id"))
    series_id: Mapped[int | None] = mapped_column(ForeignKey("series.id"))
    # What somebody wrote to us, and how to answer her; emptied with her record.
    words: Mapped[str] = mapped_column(Text, default="")
    reply_to: Mapped[str] = mapped_column(String(300), default="")
    created_at: Mapped[datetime]
    due_on: Mapped[date | None]
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
