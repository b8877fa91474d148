"""One season in a database of its own kind: what stands in it, and everything that may be done to it."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import defer

from booking.db import Base, db
from booking.models import (
    AuditEntry,
    Booking,
    Message,
    ScheduledSession,
    SeasonDeed,
    SeasonStep,
    Series,
    SeriesChange,
    SeriesFacilitator,
    SessionFacilitator,
    SessionVersion,
    Task,
)
from booking.models.kinds import LIVE, BookingState, Channel, MessageKind, MessageState, SessionState
from booking.rules.timetable import SeriesPlan
from booking.services import schedule

# What a case leaves behind, in the order in which it may be taken away.
LEFT_BEHIND: tuple[type[Base], ...] = (
    SeasonStep,
    Message,
    Booking,
    SeasonDeed,
    Task,
    SessionFacilitator,
    SessionVersion,
    ScheduledSession,
    SeriesChange,
    SeriesFacilitator,
    Series,
    AuditEntry,
)
NEWS = (MessageKind.SESSION_CHANGED, MessageKind.SESSION_CANCELLED)
# The columns of a date that say what takes place when and where.
SHOWN = (
    "local_date",
    "start_time",
    "end_time",
    "mode",
    "venue_id",
    "meeting_url",
    "places_room",
    "places_online",
    "public_reason",
)
Facts = dict[str, Any]


@dataclass(frozen=True)
class Seen:
    """Everything about a season that a change could spoil, as the rows have it.

    Units: `dates` by UID, because SQLite gives the id of a date that is gone to the next one; `bookings` and
    `messages` by id; `series` are the columns of the series.
    """

    series: Facts
    dates: dict[str, Facts]
    bookings: dict[int, Facts]
    messages: dict[int, Facts]

    @property
    def cancelled(self) -> set[str]:
        """The dates that are called off."""
        return {one for one, row in self.dates.items() if row["state"] is SessionState.CANCELLED}

    def live(self, uid: str) -> list[Facts]:
        """The bookings of a date that stand."""
        hers = (row for row in self.bookings.values() if row["session_id"] == self.dates[uid]["id"])
        return [row for row in hers if row["state"] in LIVE]

    def laid_since(self, before: "Seen", without: Collection[int] = ()) -> Counter[Channel]:
        """Count the news that was laid since then and still stands, by channel; not of these bookings."""
        new = [row for one, row in self.messages.items() if one not in before.messages]
        standing = [row for row in new if row["state"] is not MessageState.WITHDRAWN]
        return Counter(row["channel"] for row in standing if row["booking_id"] not in without)


@dataclass
class Season:
    """A series, people who may come, people who host, venues; and what time it is."""

    series_id: int
    people: list[int]
    hosts: list[int]
    venues: list[int]
    now: datetime
    deeds: list[int] = field(default_factory=list)

    def coming(self) -> list[ScheduledSession]:
        """The dates that have not begun, in the order of the rule."""
        asked = select(ScheduledSession).where(
            ScheduledSession.series_id == self.series_id, ScheduledSession.starts_at > self.now
        )
        return list(db.session.scalars(asked.order_by(ScheduledSession.rule_date)))

    def seen(self) -> Seen:
        """Read everything anew."""
        db.session.rollback()
        dates = _rows(select(ScheduledSession).where(ScheduledSession.series_id == self.series_id))
        for row in dates.values():
            row["hosts"] = set()
        asked = select(SessionFacilitator.session_id, SessionFacilitator.person_id)
        for session_id, person_id in db.session.execute(asked):
            dates[session_id]["hosts"].add(person_id)
        (series,) = _rows(select(Series).where(Series.id == self.series_id)).values()
        news = select(Message).where(Message.kind.in_(NEWS)).options(defer(Message.message_id))
        by_uid = {row["uid"]: row for row in dates.values()}
        found = Seen(series, by_uid, _rows(select(Booking)), _rows(news))
        db.session.rollback()
        return found

    def book(self, session_id: int, who: int, state: BookingState) -> None:
        """Give somebody a place, past every rule, as long as she has none there."""
        one = db.session.get_one(ScheduledSession, session_id)
        if one.state is not SessionState.PUBLISHED or not one.pools:
            return
        hers = (Booking.session_id == session_id) & (Booking.person_id == self.people[who])
        if db.session.scalar(select(Booking.id).where(hers, Booking.state.in_(LIVE))) is None:
            made = Booking(session_id=session_id, person_id=self.people[who], pool=one.pools[-1], state=state)
            made.created_at = made.state_at = self.now
            made.waits_since = self.now if state is BookingState.WAITING else None
            made.nonce, made.told_version = f"{session_id}-{who}", one.schedule_version
            db.session.add(made)
        db.session.commit()

    def give_up(self, session_id: int, who: int) -> None:
        """Let somebody give her place up, past every rule."""
        hers = (Booking.session_id == session_id) & (Booking.person_id == self.people[who])
        ended = update(Booking).where(hers, Booking.state.in_(LIVE)).values(state=BookingState.GIVEN_UP)
        db.session.execute(ended)
        db.session.commit()

    def deliver(self) -> None:
        """Let the worker have sent what was due."""
        due = (Message.state == MessageState.WAITING) & (Message.due_at <= self.now)
        sent = {"state": MessageState.SENT, "sent_at": self.now, "began_at": self.now}
        db.session.execute(update(Message).where(due).values(sent))
        db.session.commit()

    def pass_by(self, days: int) -> None:
        """Let some days go by."""
        self.now += timedelta(days=days)


def begin(plan: SeriesPlan, people: list[int], hosts: list[int], venues: list[int], now: datetime) -> Season:
    """Plan a series as the office does."""
    series_id = schedule.create_series(plan, None, now, hosts[:1])
    return Season(series_id, people, hosts, venues, now)


def clear() -> None:
    """Take away what a case left; people, venues and programmes stay for the next one."""
    db.session.rollback()
    for table in LEFT_BEHIND:
        db.session.execute(delete(table), execution_options={"synchronize_session": False})
    db.session.commit()
    db.session.remove()


def days_of(seen: Seen, ids: set[str]) -> list[date]:
    """The days on which these dates stand, in order."""
    return sorted(seen.dates[one]["local_date"] for one in ids)


def _rows(asked: Select[Any]) -> dict[int, Facts]:
    rows = db.session.execute(asked.with_only_columns(*asked.columns_clause_froms[0].c)).mappings()
    return {row["id"]: dict(row) for row in rows}
