"""How often something was tried lately, shared by every process."""

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from booking.db import Base


class ThrottleCount(Base):
    """One window of one limit. The key is a keyed hash: it holds no address and no name."""

    __tablename__ = "throttle_count"
    __table_args__ = (Index("ix_throttle_count_expires_at", "expires_at"),)

    key: Mapped[str] = mapped_column(String(100), primary_key=True)
    hits: Mapped[int] = mapped_column(default=0)
    expires_at: Mapped[datetime]
