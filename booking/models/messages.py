"""The outbox, the calls to make, and the mailbox that development reads."""

from datetime import date, datetime

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
        Index("ix_message_session_id", "session_id"),
        Index("ix_message_announcement_id", "announcement_id"),
        Index("ix_message_joined_to_id", "joined_to_id"),
        Index("ix_message_again_of_id", "again_of_id"),
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
    # What a message to a host is about: one date that she leads, or the week or day that begins here.
    session_id: Mapped[int | None] = mapped_column(ForeignKey("scheduled_session.id"))
    about_on: Mapped[date | None]
    announcement_id: Mapped[int | None] = mapped_column(ForeignKey("announcement.id"))
    # It went as a part of this other one's letter.
    joined_to_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"))
    # The office sent this one anew.
    again_of_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"))
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
    # When she asked to be tried again; the call waits until then.
    try_again_at: Mapped[datetime | None]


class Announcement(Base):
    """What somebody wrote once, to everybody of a session or to everybody who asked for news."""

    __tablename__ = "announcement"
    __table_args__ = (
        Index("ix_announcement_session_id", "session_id"),
        Index("ix_announcement_author_id", "author_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    # None: news.
    session_id: Mapped[int | None] = mapped_column(ForeignKey("scheduled_session.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    heading: Mapped[str] = mapped_column(String(150), default="")
    # Emptied when its messages are let go.
    words: Mapped[str] = mapped_column(Text)
    includes_waiting: Mapped[bool] = mapped_column(default=False)
    people: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class LetterWording(Base):
    """One version of the words of one kind of letter, as the office wrote them; the newest one counts."""

    __tablename__ = "letter_wording"
    __table_args__ = (
        one_of("kind", MessageKind),
        UniqueConstraint("kind", "variant", "language", "wording_version"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[MessageKind] = mapped_column(words(MessageKind))
    # Which of several openings a letter of this kind has; empty where there is one.
    variant: Mapped[str] = mapped_column(String(30), default="")
    language: Mapped[str] = mapped_column(String(10), default="en")
    wording_version: Mapped[int]
    subject: Mapped[str] = mapped_column(String(300), default="")
    opening: Mapped[str] = mapped_column(Text, default="")
    closing: Mapped[str] = mapped_column(Text, default="")
    # This version says: back to the original words.
    is_original: Mapped[bool] = mapped_column(default=False)
    saved_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    saved_at: Mapped[datetime]


class Bounce(Base):
    """A letter that came back for good, at which address."""

    __tablename__ = "bounce"
    __table_args__ = (
        # The same report read twice is one bounce.
        UniqueConstraint("message_id"),
        Index("ix_bounce_address_key", "address_key"),
        Index("ix_bounce_person_id", "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    # The address as it is compared: bounces of an address that she has replaced don't count.
    address_key: Mapped[str] = mapped_column(String(500))
    # The status of the report, such as 5.1.1; never its words, which repeat addresses.
    code: Mapped[str] = mapped_column(String(20))
    noted_at: Mapped[datetime]


class OutgoingStop(Base):
    """A while in which the office let nothing leave the house; it lasts until somebody resumes."""

    __tablename__ = "outgoing_stop"

    id: Mapped[int] = mapped_column(primary_key=True)
    stopped_at: Mapped[datetime]
    stopped_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    resumed_at: Mapped[datetime | None]
    resumed_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


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
