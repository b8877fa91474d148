"""Bookings: a person's place at a session, in every state it can have."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, event, func, select, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from booking.db import Base
from booking.models.columns import one_of, words
from booking.models.kinds import ENDED, LIVE, Attendance, BookingState, Pool
from booking.models.people import Person
from booking.models.schedule import ScheduledSession

_LIVE_SQL = "state IN ({})".format(", ".join(f"'{state.value}'" for state in LIVE))


class Booking(Base):
    """One place of one person at one session, with what the register says of it.

    Somebody who walked in without a name is a row without a person.
    """

    __tablename__ = "booking"
    __table_args__ = (
        one_of("pool", Pool),
        one_of("state", BookingState),
        one_of("attendance", Attendance),
        CheckConstraint("party_size >= 1", name="party_size_sane"),
        CheckConstraint(
            "person_id IS NOT NULL OR attendance = 'walked_in' OR state = 'cancelled'",
            name="nameless_walked_in",
        ),
        # One live booking per person and session: the constraint is the judge.
        Index(
            "uq_booking_live",
            "session_id",
            "person_id",
            unique=True,
            sqlite_where=text(_LIVE_SQL),
            postgresql_where=text(_LIVE_SQL),
        ),
        Index("ix_booking_session_id", "session_id", "state"),
        Index("ix_booking_held_until", "held_until"),
        Index("ix_booking_person_id", "person_id", "state"),
        Index("ix_booking_enrolment_id", "enrolment_id"),
        Index("ix_booking_instead_of_id", "instead_of_id"),
        Index("ix_booking_swap_for_id", "swap_for_id"),
        CheckConstraint("times_offered >= 0", name="times_offered_sane"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("scheduled_session.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    # The first name a host wrote down for somebody who has no record here.
    walk_in_name: Mapped[str] = mapped_column(String(100), default="")
    pool: Mapped[Pool] = mapped_column(words(Pool))
    state: Mapped[BookingState] = mapped_column(words(BookingState), default=BookingState.BOOKED)
    party_size: Mapped[int] = mapped_column(default=1)
    attendance: Mapped[Attendance] = mapped_column(words(Attendance), default=Attendance.NOT_RECORDED)
    created_at: Mapped[datetime]
    state_at: Mapped[datetime]
    booked_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    # How long a place waits for her answer: somebody new behind her letter, or an offer (NULL while the
    # office has not reached her yet). Of somebody who waits: until when free places are for those who were
    # told in the last hours, and nobody else.
    held_until: Mapped[datetime | None]
    # When she joined the waiting list, also once it has led to a place; NULL: she never waited.
    waits_since: Mapped[datetime | None]
    # Her rank in the queue: `waits_since`, unless the office moved her up.
    queue_at: Mapped[datetime | None]
    # Her last offer ran out, or was not for this time: she is asked again when another place comes free.
    rests: Mapped[bool] = mapped_column(default=False)
    # She would like to hear of a place that comes free in the last 24 hours.
    tells_late: Mapped[bool] = mapped_column(default=False)
    times_offered: Mapped[int] = mapped_column(default=0)
    # The place she keeps until this one comes free: taking this one gives that one up.
    swap_for_id: Mapped[int | None] = mapped_column(ForeignKey("booking.id"))
    # The first name of whoever comes with her; counted in `party_size`.
    companion_name: Mapped[str] = mapped_column(String(100), default="")
    # Rises with what changes in her own calendar event while the date stays as it is: her pool, and a place
    # that is hers again. A calendar takes nothing that is older than what it has.
    revision: Mapped[int] = mapped_column(default=0)
    # What she chose about reminders for this place alone; NULL: as she chose once for all.
    remind_two_days: Mapped[bool | None]
    remind_that_morning: Mapped[bool | None]
    # When she pressed the button into the meeting: a hint for the register, never attendance by itself.
    joined_at: Mapped[datetime | None]
    # When she said that she can't get in, until a host has seen to it.
    stuck_at: Mapped[datetime | None]
    nonce: Mapped[str] = mapped_column(String(64))
    # The enrolment that this week of a course belongs to.
    enrolment_id: Mapped[int | None] = mapped_column(ForeignKey("enrolment.id"))
    # The cancelled booking in whose stead this place is offered.
    instead_of_id: Mapped[int | None] = mapped_column(ForeignKey("booking.id"))
    # The schedule version she was last told about: "was" in a letter means this one.
    told_version: Mapped[int] = mapped_column(default=1)

    session: Mapped[ScheduledSession] = relationship(lazy="raise")
    person: Mapped[Person | None] = relationship(lazy="raise", foreign_keys=[person_id])

    @property
    def is_live(self) -> bool:
        """Say whether the booking still stands."""
        return self.state in LIVE

    @property
    def is_from_queue(self) -> bool:
        """Say whether she waited for this place, as against one kept in the stead of a cancelled one."""
        return self.waits_since is not None

    @property
    def was_never_held(self) -> bool:
        """Say whether somebody new only asked for this place: no more than two wait for one address."""
        return self.state is BookingState.EXPIRED and self.state_at == self.created_at


class QueueMove(Base):
    """The office moved somebody up on a waiting list, and why; never changed afterwards."""

    __tablename__ = "queue_move"
    __table_args__ = (Index("ix_queue_move_booking_id", "booking_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"))
    moved_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    moved_at: Mapped[datetime]
    was_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(300))


@event.listens_for(Booking, "before_insert")
def _follow_the_last(_mapper: Any, _connection: Any, booking: Any) -> None:
    """Let a place taken again count on from where her last one at that date left off."""
    if booking.revision is None and booking.person_id is not None:
        earlier = (Booking.session_id == booking.session_id, Booking.person_id == booking.person_id)
        booking.revision = (
            select(func.coalesce(func.max(Booking.revision) + 1, 0)).where(*earlier).scalar_subquery()
        )


@event.listens_for(Booking.state, "set", active_history=True)
def _stands_again(booking: Booking, state: Any, was: Any, _event: Any) -> None:
    """Let a place that is put back be newer than the news that it was gone."""
    if was in ENDED and state in LIVE:
        booking.revision = (booking.revision or 0) + 1
