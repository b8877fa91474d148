"""The ledger of what people agreed to: rows are added and withdrawn, never changed."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from booking.db import Base
from booking.models.columns import one_of, words
from booking.models.kinds import ConsentHow, ConsentPurpose


class Consent(Base):
    """One yes, to one version of one wording."""

    __tablename__ = "consent"
    __table_args__ = (
        one_of("purpose", ConsentPurpose),
        one_of("how", ConsentHow),
        Index("ix_consent_person_id", "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    purpose: Mapped[ConsentPurpose] = mapped_column(words(ConsentPurpose))
    wording_version: Mapped[str] = mapped_column(String(20))
    given_at: Mapped[datetime]
    how: Mapped[ConsentHow] = mapped_column(words(ConsentHow))
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    withdrawn_at: Mapped[datetime | None]
