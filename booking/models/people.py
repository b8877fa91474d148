"""People, how they can be reached, and the roles that add up on one person."""

from datetime import date, datetime
from secrets import token_hex
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, event
from sqlalchemy.orm import Mapped, mapped_column, relationship

from booking.db import Base
from booking.models.columns import one_of, words
from booking.models.kinds import Channel, ContactKind, PersonStatus, Role, Who
from booking.rules.names import fold


class Person(Base):
    """One human being; never an address, never an account type."""

    __tablename__ = "person"
    __table_args__ = (
        one_of("status", PersonStatus),
        one_of("who", Who),
        one_of("channel", Channel),
        CheckConstraint("notice_hours >= 0", name="notice_hours_sane"),
        CheckConstraint("remind_days_before BETWEEN 1 AND 14", name="remind_days_before_sane"),
        CheckConstraint("remind_hour BETWEEN 8 AND 19", name="remind_hour_sane"),
        CheckConstraint("morning_hour BETWEEN 8 AND 19", name="morning_hour_sane"),
        Index("ix_person_known_as", "known_as"),
        Index("ix_person_search_key", "search_key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    full_name: Mapped[str] = mapped_column(String(200))
    known_as: Mapped[str] = mapped_column(String(100))
    # Both names without accents and case, kept by `_fold_names`: what the office's search looks at.
    search_key: Mapped[str] = mapped_column(String(400), default="")
    status: Mapped[PersonStatus] = mapped_column(words(PersonStatus), default=PersonStatus.UNPROVEN)
    who: Mapped[Who] = mapped_column(words(Who))
    channel: Mapped[Channel] = mapped_column(words(Channel), default=Channel.EMAIL)
    remind_two_days: Mapped[bool] = mapped_column(default=True)
    remind_that_morning: Mapped[bool] = mapped_column(default=False)
    # The reminder "2 days before at 10am", earlier or later on request, and the hour of the one that day.
    remind_days_before: Mapped[int] = mapped_column(default=2)
    remind_hour: Mapped[int] = mapped_column(default=10)
    morning_hour: Mapped[int] = mapped_column(default=8)
    # News of new sessions: never unless she asked for it.
    wants_news: Mapped[bool] = mapped_column(default=False)
    # Whether whoever calls may leave word with somebody else or on a machine.
    may_leave_word: Mapped[bool] = mapped_column(default=False)
    # The language of her letters.
    language: Mapped[str] = mapped_column(String(10), default="en")
    # What her links to stop reminders or news are made of; a token is derived, never stored.
    mail_nonce: Mapped[str] = mapped_column(String(32), default=lambda: token_hex(16))
    access_needs: Mapped[str] = mapped_column(Text, default="")
    # Where she lives, as far as she says: a nation of the UK, and a town or area in her words.
    nation: Mapped[str] = mapped_column(String(30), default="")
    region: Mapped[str] = mapped_column(String(100), default="")
    paused_until: Mapped[date | None]
    # A place that comes free is offered to her only so many hours before the start.
    notice_hours: Mapped[int] = mapped_column(default=0)
    # Her own calendar may show the titles in full; else it shows the discreet ones.
    plain_titles: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    # Taking the row's lock means writing to it: this counter is what is written.
    turns: Mapped[int] = mapped_column(default=0)

    contacts: Mapped[list["ContactPoint"]] = relationship(
        back_populates="person", lazy="raise", order_by="ContactPoint.id"
    )
    roles: Mapped[list["PersonRole"]] = relationship(lazy="raise", foreign_keys="PersonRole.person_id")


class ContactPoint(Base):
    """One way to reach a person. An address may stand at several people."""

    __tablename__ = "contact_point"
    __table_args__ = (
        one_of("kind", ContactKind),
        Index("ix_contact_point_kind_key", "kind", "key"),
        Index("ix_contact_point_person_id", "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[ContactKind] = mapped_column(words(ContactKind))
    written: Mapped[str] = mapped_column(String(500))
    # The address as it is compared: case and unicode variants are one account.
    key: Mapped[str] = mapped_column(String(500))
    is_preferred: Mapped[bool] = mapped_column(default=True)
    proven_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    person: Mapped[Person] = relationship(back_populates="contacts", lazy="raise")


class PersonRole(Base):
    """A role somebody was given, when and by whom."""

    __tablename__ = "person_role"
    __table_args__ = (one_of("role", Role), UniqueConstraint("person_id", "role"))

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    role: Mapped[Role] = mapped_column(words(Role))
    given_at: Mapped[datetime]
    given_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class EmergencyContact(Base):
    """Whom to call when somebody is taken ill at a session; one for each person."""

    __tablename__ = "emergency_contact"
    __table_args__ = (UniqueConstraint("person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    name: Mapped[str] = mapped_column(String(200))
    phone: Mapped[str] = mapped_column(String(100))
    saved_at: Mapped[datetime]


class EqualityAnswers(Base):
    """What somebody chose to say for equality monitoring, apart from everything else; each may be empty."""

    __tablename__ = "equality_answers"
    __table_args__ = (UniqueConstraint("person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    age_band: Mapped[str] = mapped_column(String(40), default="")
    ethnicity: Mapped[str] = mapped_column(String(60), default="")
    gender: Mapped[str] = mapped_column(String(40), default="")
    orientation: Mapped[str] = mapped_column(String(40), default="")
    disability: Mapped[str] = mapped_column(String(40), default="")
    saved_at: Mapped[datetime]


@event.listens_for(Person, "before_insert")
@event.listens_for(Person, "before_update")
def _fold_names(_mapper: Any, _connection: Any, person: Person) -> None:
    person.search_key = fold(f"{person.full_name} {person.known_as}")[:400]
