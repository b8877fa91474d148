"""Who did what to which row and when: ids and field names, never values."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from booking.db import Base


class AuditEntry(Base):
    """One deed. The actor is NULL when the service itself or the command line acted."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index("ix_audit_entry_at", "at"), Index("ix_audit_entry_subject", "subject"))

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    action: Mapped[str] = mapped_column(String(60))
    # A table's word and an id, such as "booking:12".
    subject: Mapped[str] = mapped_column(String(60))
    fields: Mapped[str] = mapped_column(String(300), default="")
