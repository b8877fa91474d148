"""Sign-ins as records on the server, and the emailed links that lead to them."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from booking.db import Base
from booking.models.columns import one_of, words
from booking.models.kinds import LinkPurpose


class SignIn(Base):
    """One live sign-in on one device: the record is the truth, the cookie only names it."""

    __tablename__ = "sign_in"
    __table_args__ = (UniqueConstraint("public_id"), Index("ix_sign_in_person_id", "person_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(64))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class EmailLink(Base):
    """What an emailed link stands for. The token itself is derived, never stored."""

    __tablename__ = "email_link"
    __table_args__ = (one_of("purpose", LinkPurpose), Index("ix_email_link_address_key", "address_key"))

    id: Mapped[int] = mapped_column(primary_key=True)
    purpose: Mapped[LinkPurpose] = mapped_column(words(LinkPurpose))
    address: Mapped[str] = mapped_column(String(500))
    address_key: Mapped[str] = mapped_column(String(500))
    # Who registered; a link to sign in is for the address, and the page asks "Who are you?".
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    nonce: Mapped[str] = mapped_column(String(64))
    # A path inside the service to go on to: the session she was looking at.
    next_path: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
