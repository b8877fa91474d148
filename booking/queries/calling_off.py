"""The dates that the office may cancel or move together, and who hears of it."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from booking.db import db
from booking.models import Booking, Person, ScheduledSession, Series, Venue
from booking.models.kinds import LIVE, TAKING, BookingState, Channel, PersonStatus, SessionState
from booking.queries.office import channel_of

MOST_SHOWN = 60


@dataclass(frozen=True)
class Pick:
    """One date to choose, and how many people are booked."""

    session: ScheduledSession
    booked: int


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which dates are shown: of one series, in a period, at a place. Everything is optional."""

    series_id: int | None = None
    first: date | None = None
    last: date | None = None
    place: str = ""


def dates_to_pick(now: datetime, wanted: Wanted) -> list[Pick]:
    """Return published dates that have not started, the next first."""
    asked = (
        select(ScheduledSession)
        .outerjoin(Venue, Venue.id == ScheduledSession.venue_id)
        .where(ScheduledSession.state == SessionState.PUBLISHED, ScheduledSession.starts_at > now)
    )
    if wanted.series_id is not None:
        asked = asked.where(ScheduledSession.series_id == wanted.series_id)
    if wanted.first is not None:
        asked = asked.where(ScheduledSession.local_date >= wanted.first)
    if wanted.last is not None:
        asked = asked.where(ScheduledSession.local_date <= wanted.last)
    if wanted.place:
        fields = (Venue.name, Venue.address, Venue.town)
        asked = asked.where(or_(*(field.icontains(wanted.place, autoescape=True) for field in fields)))
    found = db.session.scalars(_whole(asked).limit(MOST_SHOWN)).all()
    return _picked(list(found))


def picked(session_ids: Collection[int]) -> list[Pick]:
    """Return these dates, whatever became of them meanwhile."""
    found = db.session.scalars(_whole(select(ScheduledSession).where(ScheduledSession.id.in_(session_ids))))
    return _picked(list(found.all()))


def who_hears(session_ids: Collection[int], now: datetime, *, cancelling: bool) -> Counter[Channel]:
    """Return how many messages go out, by channel: one to each person for each of these dates."""
    deaf = [BookingState.HELD] if cancelling else [BookingState.HELD, BookingState.OFFERED]
    told = db.session.scalars(
        select(Booking)
        .join(Booking.person)
        .where(
            Booking.session_id.in_(session_ids),
            Booking.state.in_(LIVE),
            Booking.state.not_in(deaf),
            Person.status.in_((PersonStatus.ACTIVE, PersonStatus.PAUSED)),
        )
        .options(joinedload(Booking.person).options(selectinload(Person.contacts)))
        .order_by(Booking.id)
    )
    return Counter(channel_of(one.person, now) for one in told if one.person is not None)


def _whole(asked: Select[ScheduledSession]) -> Select[ScheduledSession]:
    return asked.options(
        joinedload(ScheduledSession.series).joinedload(Series.programme),
        joinedload(ScheduledSession.venue),
    ).order_by(ScheduledSession.starts_at, ScheduledSession.id)


def _picked(dates: list[ScheduledSession]) -> list[Pick]:
    counted = db.session.execute(
        select(Booking.session_id, func.sum(Booking.party_size))
        .where(Booking.session_id.in_([one.id for one in dates]), Booking.state.in_(TAKING))
        .group_by(Booking.session_id)
        .order_by(Booking.session_id)
    )
    booked = {session_id: int(people) for session_id, people in counted}
    return [Pick(one, booked.get(one.id, 0)) for one in dates]
