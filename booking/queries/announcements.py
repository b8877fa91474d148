"""What is written once to many: whom it would reach, and what was sent before; never a list of people."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, case, exists, func, select
from sqlalchemy.orm import joinedload, selectinload

from booking import policy
from booking.db import db
from booking.models import (
    Announcement,
    Booking,
    Consent,
    Message,
    Person,
    ScheduledSession,
    Series,
    SessionFacilitator,
)
from booking.models.kinds import (
    BookingState,
    Channel,
    ConsentPurpose,
    ContactKind,
    MessageState,
    PersonStatus,
)
from booking.queries import office
from booking.refusals import NotFound
from booking.rules.announcements import paragraphs

EXPECTED = policy.EXPECTED
AND_WAITING = (*EXPECTED, BookingState.WAITING, BookingState.OFFERED)
MOST_SHOWN = 20
_LEFT_TO_SEND = (MessageState.WAITING, MessageState.SENDING)


@dataclass(frozen=True)
class Audience:
    """How many people would read it, and how many of those the office has to call or to write to by post."""

    people: int
    calls: int
    by_post: int


@dataclass(frozen=True)
class Sent:
    """One that was sent: what it said, by whom, to how many, and how many messages have not left yet."""

    announcement: Announcement
    author: str
    to_go: int

    @property
    def paragraphs(self) -> list[list[str]]:
        """Return its words as lines, part by part; none once they are kept no longer."""
        return paragraphs(self.announcement.words)

    @property
    def may_be_withdrawn(self) -> bool:
        """Say whether some of it can still be taken back."""
        return self.to_go > 0 and self.announcement.withdrawn_at is None


def audience(session_id: int, includes_waiting: bool, now: datetime) -> Audience:
    """Count whom a message to everybody of this date would reach, by the ways they are reached today."""
    return _counted([one.person for one in listening(session_id, includes_waiting)], now)


def news_audience(now: datetime) -> Audience:
    """Count whom a piece of news would reach: whoever asked for it, and is not paused."""
    asked = select(Person).where(wants_news(), Person.status == PersonStatus.ACTIVE)
    return _counted(db.session.scalars(asked.options(selectinload(Person.contacts)).order_by(Person.id)), now)


def listening(session_id: int, includes_waiting: bool) -> Sequence[Booking]:
    """Return the bookings of the people such a message is for; nobody whose address is unproven."""
    return db.session.scalars(
        select(Booking)
        .join(Booking.person)
        .where(
            Booking.session_id == session_id,
            Booking.state.in_(AND_WAITING if includes_waiting else EXPECTED),
            Person.status.in_(policy.PROVEN),
        )
        .options(joinedload(Booking.person).options(selectinload(Person.contacts)))
        .order_by(Booking.id)
        .execution_options(populate_existing=True)
    ).all()


def wants_news() -> ColumnElement[bool]:
    """Return the condition on people that news may go to them: they asked, and their yes stands."""
    agreed = exists().where(
        Consent.person_id == Person.id,
        Consent.purpose == ConsentPurpose.NEWS,
        Consent.withdrawn_at.is_(None),
    )
    return Person.wants_news.is_(True) & agreed.correlate(Person)


def names_on_list(session_id: int) -> set[str]:
    """Return what those on the list are called, hosts aside: none of it belongs in a message to all."""
    leading = select(Person.known_as).join(SessionFacilitator, SessionFacilitator.person_id == Person.id)
    hosts = set(db.session.scalars(leading.where(SessionFacilitator.session_id == session_id)))
    rows = db.session.execute(
        select(Person.known_as, Person.full_name, Booking.companion_name)
        .join(Booking, Booking.person_id == Person.id)
        .where(Booking.session_id == session_id, policy.on_register())
    )
    return {name for row in rows for name in row if name} - hosts


def session_of(announcement_id: int, author_id: int | None = None) -> int | None:
    """Return the date that a message to everybody is about; news is about none.

    Refuses: one that is not there, or that this author did not write.
    """
    asked = select(Announcement).where(Announcement.id == announcement_id)
    if author_id is not None:
        asked = asked.where(Announcement.author_id == author_id, Announcement.session_id.is_not(None))
    found = db.session.scalar(asked)
    if found is None:
        raise NotFound
    return found.session_id


def about_session(session_id: int) -> list[Sent]:
    """Return what was sent to everybody of a date, the latest first."""
    return _sent(_all().where(Announcement.session_id == session_id))


def news_so_far() -> list[Sent]:
    """Return the news that was sent, the latest first."""
    return _sent(_all().where(Announcement.session_id.is_(None)))


def written_by(ids: Sequence[int]) -> Select[*tuple[Any, ...]]:
    """Return the question what a person, and the records that are hers, wrote to many."""
    title = func.coalesce(func.nullif(ScheduledSession.own_title, ""), Series.title).label("session")
    return (
        select(
            title,
            ScheduledSession.starts_at,
            Announcement.heading,
            Announcement.words,
            Announcement.includes_waiting,
            Announcement.people,
            Announcement.created_at,
            Announcement.withdrawn_at,
        )
        .outerjoin(ScheduledSession, ScheduledSession.id == Announcement.session_id)
        .outerjoin(Series, Series.id == ScheduledSession.series_id)
        .where(Announcement.author_id.in_(ids))
        .order_by(Announcement.id.desc())
    )


def _counted(people: Iterable[Person | None], now: datetime) -> Audience:
    ways = Counter(_way(person, now) for person in people if person is not None)
    return Audience(ways.total(), ways[Channel.CALL], ways[Channel.POST])


def _way(person: Person, now: datetime) -> Channel:
    """Choose as the outbox will; what somebody wrote herself never goes by text message."""
    way = office.channel_of(person, now)
    if way is not Channel.TEXT:
        return way
    reads = any(one.kind is ContactKind.EMAIL and one.proven_at for one in person.contacts)
    return Channel.EMAIL if reads else Channel.CALL


def _all() -> Select[*tuple[Announcement, str | None, int | None]]:
    to_go = func.sum(case((Message.state.in_(_LEFT_TO_SEND), 1), else_=0))
    waiting = (
        select(Message.announcement_id, to_go.label("to_go"))
        .where(Message.announcement_id.is_not(None))
        .group_by(Message.announcement_id)
        .subquery()
    )
    return (
        select(Announcement, Person.known_as, waiting.c.to_go)
        .outerjoin(Person, Person.id == Announcement.author_id)
        .outerjoin(waiting, waiting.c.announcement_id == Announcement.id)
        .order_by(Announcement.id.desc())
        .limit(MOST_SHOWN)
    )


def _sent(asked: Select[*tuple[Announcement, str | None, int | None]]) -> list[Sent]:
    return [Sent(one, name or "", int(to_go or 0)) for one, name, to_go in db.session.execute(asked)]
