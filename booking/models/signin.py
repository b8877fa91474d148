"""Sign-ins as records on the server, the emailed links that lead to them, passwords and second factors."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from booking.db import Base
from booking.models.columns import one_of, words
from booking.models.kinds import LinkPurpose, SignInHow


class SignIn(Base):
    """One live sign-in on one device: the record is the truth, the cookie only names it."""

    __tablename__ = "sign_in"
    __table_args__ = (
        UniqueConstraint("public_id"),
        one_of("how", SignInHow),
        Index("ix_sign_in_person_id", "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(64))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    how: Mapped[SignInHow] = mapped_column(words(SignInHow), default=SignInHow.LINK)
    # When the second factor was last shown in this sign-in; the office's pages ask again after 10 hours.
    second_factor_at: Mapped[datetime | None]
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
    # Wrong tries of the six-digit code; after five the code is dead, the link is not.
    code_tries: Mapped[int] = mapped_column(default=0)


class Password(Base):
    """A person's password, if she chose one: an Argon2 hash."""

    __tablename__ = "password"
    __table_args__ = (UniqueConstraint("person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    hashed: Mapped[str] = mapped_column(String(200))
    set_at: Mapped[datetime]


class SecondFactor(Base):
    """An authenticator app. Its key is derived from the nonce, never stored."""

    __tablename__ = "second_factor"
    __table_args__ = (UniqueConstraint("person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    nonce: Mapped[str] = mapped_column(String(64))
    # None while it is being set up: it opens nothing until one code was right.
    confirmed_at: Mapped[datetime | None]
    # The time step of the last code taken, so that no code is taken twice.
    last_step: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]


class RecoveryCode(Base):
    """One of ten codes for the day the phone is lost; derived from the nonce, never stored."""

    __tablename__ = "recovery_code"
    __table_args__ = (Index("ix_recovery_code_person_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    nonce: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
