"""Everything still to come that a stranger may know, with its series and places, for other programs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from booking.db import db
from booking.models import ScheduledSession, Series, SessionVersion, Venue
from booking.queries import schedule
from booking.queries.schedule import Card, Criteria
from booking.rules.wall_time import to_instant


@dataclass(frozen=True, slots=True)
class Opportunities:
    """Dates in their order, and what they have in common.

    Units: `series` by id, `venues` by name, `said` holds words of single dates, `were_at` the instants from
    which dates were moved.
    """

    cards: Sequence[Card]
    series: Mapping[int, Series]
    venues: Mapping[str, Venue]
    said: Mapping[int, str]
    were_at: Mapping[int, datetime]


def coming(criteria: Criteria, now: datetime) -> Opportunities:
    """Return what a stranger may know of everything to come, in a constant number of questions."""
    cards = schedule.feed(criteria, now)
    return Opportunities(
        cards=cards,
        series=_series({card.series_id for card in cards}),
        venues=_venues({card.venue for card in cards if card.venue}),
        said=_said(now),
        were_at=_were_at(now),
    )


def _series(ids: set[int]) -> dict[int, Series]:
    asked = select(Series).where(Series.id.in_(ids)).order_by(Series.id)
    found = db.session.scalars(asked.options(joinedload(Series.programme)))
    return {series.id: series for series in found}


def _venues(names: set[str]) -> dict[str, Venue]:
    found = db.session.scalars(select(Venue).where(Venue.name.in_(names)).order_by(Venue.id))
    return {venue.name: venue for venue in found}


def _said(now: datetime) -> dict[int, str]:
    """Return what single dates say instead of their series."""
    asked = (
        select(ScheduledSession.id, ScheduledSession.own_description)
        .where(ScheduledSession.ends_at > now, ScheduledSession.own_description != "")
        .order_by(ScheduledSession.id)
    )
    return {row.id: row.own_description for row in db.session.execute(asked)}


def _were_at(now: datetime) -> dict[int, datetime]:
    """Return where dates stood first that stand elsewhere now."""
    asked = (
        select(
            ScheduledSession.id, ScheduledSession.zone, SessionVersion.local_date, SessionVersion.start_time
        )
        .join(SessionVersion, SessionVersion.session_id == ScheduledSession.id)
        .where(
            ScheduledSession.ends_at > now,
            SessionVersion.schedule_version == 1,
            (SessionVersion.local_date != ScheduledSession.local_date)
            | (SessionVersion.start_time != ScheduledSession.start_time),
        )
        .order_by(ScheduledSession.id)
    )
    return {row.id: to_instant(row.local_date, row.start_time, row.zone) for row in db.session.execute(asked)}
