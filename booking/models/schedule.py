"""Programmes, series and their dates: wall time is the truth, the instant is for queries."""

from datetime import date, datetime, time

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from booking.db import Base
from booking.models.columns import one_of, words
from booking.models.kinds import Audience, Companions, Enrol, Mode, Pool, SessionState
from booking.models.venues import Venue

# A None that somebody wrote means "no limit"; without this the mapper would put the default there.
_PLACES = Integer().evaluates_none()


class Programme(Base):
    """Tea & A Chat, Wellbeing classes: what a series belongs to."""

    __tablename__ = "programme"
    __table_args__ = (UniqueConstraint("key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(100))
    discreet_name: Mapped[str] = mapped_column(String(100))
    # "tea", "class" or "plum": which colour stands beside the name.
    tone: Mapped[str] = mapped_column(String(20), default="plum")
    # "host" for Tea & A Chat, "tutor" for classes: the word on pages for a facilitator.
    facilitator_word: Mapped[str] = mapped_column(String(20), default="host")


class Series(Base):
    """A session's repetition, and everything its dates have in common."""

    __tablename__ = "series"
    __table_args__ = (
        UniqueConstraint("key"),
        one_of("mode", Mode),
        one_of("audience", Audience),
        one_of("companions", Companions),
        one_of("enrol", Enrol),
        one_of("state", SessionState),
        CheckConstraint("places_room IS NULL OR places_room >= 0", name="places_room_sane"),
        CheckConstraint("places_online IS NULL OR places_online >= 0", name="places_online_sane"),
        CheckConstraint("join_until_week >= 1", name="join_until_week_sane"),
        CheckConstraint("newcomer_places >= 0", name="newcomer_places_sane"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(80))
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"))
    title: Mapped[str] = mapped_column(String(200))
    discreet_name: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(Text, default="")
    mode: Mapped[Mode] = mapped_column(words(Mode))
    venue_id: Mapped[int | None] = mapped_column(ForeignKey("venue.id"))
    nation: Mapped[str] = mapped_column(String(30))
    # RFC 5545 without DTSTART, or RDATE with a list of dates; NULL means one single date.
    rule: Mapped[str | None] = mapped_column(String(2000))
    starts_on: Mapped[date]
    start_time: Mapped[time]
    end_time: Mapped[time]
    zone: Mapped[str] = mapped_column(String(40), default="Europe/London")
    # 0 = no such pool, NULL = no limit.
    places_room: Mapped[int | None] = mapped_column(_PLACES, default=0)
    places_online: Mapped[int | None] = mapped_column(_PLACES, default=0)
    audience: Mapped[Audience] = mapped_column(words(Audience), default=Audience.ANYONE)
    companions: Mapped[Companions] = mapped_column(words(Companions), default=Companions.NEVER)
    enrol: Mapped[Enrol] = mapped_column(words(Enrol), default=Enrol.EACH)
    welcome_call: Mapped[bool] = mapped_column(default=False)
    movement_check: Mapped[bool] = mapped_column(default=False)
    meeting_url: Mapped[str] = mapped_column(String(500), default="")
    # How to join by phone: a number and what to press.
    dial_in: Mapped[str] = mapped_column(String(200), default="")
    grant_tag: Mapped[str] = mapped_column(String(100), default="")
    office_notes: Mapped[str] = mapped_column(Text, default="")
    # Of a course: the last week in which somebody may still join, and whether single weeks are offered.
    join_until_week: Mapped[int] = mapped_column(default=1)
    single_weeks: Mapped[bool] = mapped_column(default=False)
    waiting_list: Mapped[bool] = mapped_column(default=True)
    # More than 24 hours before the start a place that comes free is booked for whoever is next, unasked.
    waiting_books: Mapped[bool] = mapped_column(default=False)
    # NULL: as soon as it is published.
    opens_days_before: Mapped[int | None]
    closes_minutes_before: Mapped[int] = mapped_column(default=0)
    # Places that only somebody who comes for the first time may take, until 48 hours before.
    newcomer_places: Mapped[int] = mapped_column(default=0)
    min_facilitators: Mapped[int] = mapped_column(default=1)
    # Empty: the version of today.
    ground_rules_version: Mapped[str] = mapped_column(String(20), default="")
    # Words of `Situation` with a space between; empty: for everybody.
    suits: Mapped[str] = mapped_column(String(80), default="")
    # The first rule date to which the rule and the values above apply; earlier dates are what their rows say.
    holds_from: Mapped[date | None]
    state: Mapped[SessionState] = mapped_column(words(SessionState), default=SessionState.PUBLISHED)
    created_at: Mapped[datetime]

    programme: Mapped[Programme] = relationship(lazy="raise")
    venue: Mapped[Venue | None] = relationship(lazy="raise")

    @property
    def is_course(self) -> bool:
        """Say whether it is booked once for every week."""
        return self.enrol is Enrol.COURSE

    @property
    def single_dates(self) -> bool:
        """Say whether one date may be booked alone: of a course only where single weeks are offered."""
        return not self.is_course or self.single_weeks


class SeriesChange(Base):
    """A date of the rule about which somebody decided: skipped, moved, cancelled, different, or kept."""

    __tablename__ = "series_change"
    __table_args__ = (UniqueConstraint("series_id", "rule_date"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id"))
    rule_date: Mapped[date]
    # "skip", "move", "cancel", "until" or "at", with what it takes; "keep" says that it stays as the rule
    # has it although the day is a day off.
    action: Mapped[str] = mapped_column(String(10))
    moved_to: Mapped[date | None]
    end_time: Mapped[time | None]
    venue_name: Mapped[str] = mapped_column(String(200), default="")
    reason: Mapped[str] = mapped_column(String(300), default="")


class ScheduledSession(Base):
    """One date. `schedule_version` rises when time, place or link changes."""

    __tablename__ = "scheduled_session"
    __table_args__ = (
        UniqueConstraint("uid"),
        UniqueConstraint("series_id", "rule_date"),
        one_of("state", SessionState),
        one_of("mode", Mode),
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        CheckConstraint("places_room IS NULL OR places_room >= 0", name="places_room_sane"),
        CheckConstraint("places_online IS NULL OR places_online >= 0", name="places_online_sane"),
        Index("ix_scheduled_session_starts_at", "starts_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id"))
    uid: Mapped[str] = mapped_column(String(100))
    # The date the rule gave; a moved session keeps it, so that expanding twice changes nothing.
    rule_date: Mapped[date]
    local_date: Mapped[date]
    start_time: Mapped[time]
    end_time: Mapped[time]
    zone: Mapped[str] = mapped_column(String(40), default="Europe/London")
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    mode: Mapped[Mode] = mapped_column(words(Mode))
    venue_id: Mapped[int | None] = mapped_column(ForeignKey("venue.id"))
    meeting_url: Mapped[str] = mapped_column(String(500), default="")
    places_room: Mapped[int | None] = mapped_column(_PLACES, default=0)
    places_online: Mapped[int | None] = mapped_column(_PLACES, default=0)
    # Empty means: as the series says.
    own_title: Mapped[str] = mapped_column(String(200), default="")
    own_description: Mapped[str] = mapped_column(Text, default="")
    differs: Mapped[bool] = mapped_column(default=False)
    # The names of the facts this date changed for itself, a space between: the series leaves them alone.
    own_facts: Mapped[str] = mapped_column(String(300), default="")
    # What people are told about a change or a cancellation of this date.
    public_reason: Mapped[str] = mapped_column(String(300), default="")
    state: Mapped[SessionState] = mapped_column(words(SessionState), default=SessionState.PUBLISHED)
    schedule_version: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    # Taking the row's lock means writing to it: this counter is what is written.
    turns: Mapped[int] = mapped_column(default=0)

    series: Mapped[Series] = relationship(lazy="raise")
    venue: Mapped[Venue | None] = relationship(lazy="raise")

    @property
    def own(self) -> frozenset[str]:
        """Return the names of the facts that this date changed for itself."""
        return frozenset(self.own_facts.split())

    @property
    def title(self) -> str:
        """Return the title of this date."""
        return self.own_title or self.series.title

    def places(self, pool: Pool) -> int | None:
        """Return how many places a pool has. Units: 0 = no such pool, None = no limit."""
        return self.places_room if pool is Pool.ROOM else self.places_online

    @property
    def pools(self) -> tuple[Pool, ...]:
        """Return the pools this date has, room first."""
        return tuple(pool for pool in Pool if self.places(pool) != 0)


class SessionVersion(Base):
    """What a session's time and place were at one version, so that a letter can say "was … now …"."""

    __tablename__ = "session_version"
    __table_args__ = (UniqueConstraint("session_id", "schedule_version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("scheduled_session.id"))
    schedule_version: Mapped[int]
    local_date: Mapped[date]
    start_time: Mapped[time]
    end_time: Mapped[time]
    mode: Mapped[Mode] = mapped_column(words(Mode))
    venue_id: Mapped[int | None] = mapped_column(ForeignKey("venue.id"))
    # A new link alone is a change for those online, and for nobody in the room.
    meeting_url: Mapped[str] = mapped_column(String(500), default="")
    made_at: Mapped[datetime]

    venue: Mapped[Venue | None] = relationship(lazy="raise")
