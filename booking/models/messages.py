"""The outbox, the calls to make, and the mailbox that development reads."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from booking.db import Base
from booking.models.columns import one_of, words
from booking.models.kinds import CallOutcome, Channel, MessageKind, MessageState


class Message(Base):
    """One message to one person. It names its subject; its words are made when it is sent."""

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("dedupe_key"),
        one_of("kind", MessageKind),
        one_of("channel", Channel),
        one_of("state", MessageState),
        Index("ix_message_state_due_at", "state", "channel", "due_at"),
        Index("ix_message_person_id", "person_id"),
        Index("ix_message_booking_id", "booking_id"),
        Index("ix_message_season_deed_id", "season_deed_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[MessageKind] = mapped_column(words(MessageKind))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    # The address when the row was laid in the tray; the address of today is looked up when sending.
    recipient: Mapped[str | None] = mapped_column(String(500))
    channel: Mapped[Channel] = mapped_column(words(Channel))
    state: Mapped[MessageState] = mapped_column(words(MessageState), default=MessageState.WAITING)
    dedupe_key: Mapped[str] = mapped_column(String(200))
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("booking.id"))
    link_id: Mapped[int | None] = mapped_column(ForeignKey("email_link.id"))
    # The cancelling or moving that laid it, so that it can be taken back and counted.
    season_deed_id: Mapped[int | None] = mapped_column(ForeignKey("season_deed.id"))
    # The version of the session this message is about.
    schedule_version: Mapped[int | None]
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    # After this moment it would be useless: a reminder after the start.
    useless_at: Mapped[datetime | None]
    leased_by: Mapped[str | None] = mapped_column(String(80))
    leased_until: Mapped[datetime | None]
    # When the conversation about it began: what begins after its person has died does not begin.
    began_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    # Why it was set aside or failed: a word of our own or an SMTP code, never an address.
    why: Mapped[str] = mapped_column(String(200), default="")
    # Fixed for the row, so that a second copy can be recognised as the same letter.
    message_id: Mapped[str] = mapped_column(String(200))


class CallNote(Base):
    """How one attempt at a call to make went."""

    __tablename__ = "call_note"
    __table_args__ = (one_of("outcome", CallOutcome), Index("ix_call_note_message_id", "message_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"))
    outcome: Mapped[CallOutcome] = mapped_column(words(CallOutcome))
    noted_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    noted_at: Mapped[datetime]


class MailboxLetter(Base):
    """What the mailbox channel delivered; production has no such channel."""

    __tablename__ = "mailbox_letter"

    id: Mapped[int] = mapped_column(primary_key=True)
    recipient: Mapped[str] = mapped_column(String(500))
    subject: Mapped[str] = mapped_column(String(500))
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    source: Mapped[bytes] = mapped_column(LargeBinary)
    sent_at: Mapped[datetime]
