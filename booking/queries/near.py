"""What is near somebody: venues by how far they are, with their next dates; nothing of her is kept."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select

from booking import policy
from booking.db import db
from booking.models import Programme, ScheduledSession, Series, Venue
from booking.models.kinds import Mode, SessionState
from booking.queries import session_cards
from booking.queries.date_cards import Card
from booking.queries.session_cards import Criteria, Viewer
from booking.queries.venues import position_of
from booking.rules.distance import Position, miles
from booking.rules.places_uk import Place, place_surely_meant, places_like, places_named

# Nearest venues first, each with so many of its next dates.
DATES_OF_A_VENUE = 3
_ONLINE_SHOWN, _ONLINE_LOOKED_AT = 3, 12


@dataclass(frozen=True, slots=True)
class Nearby:
    """A venue with its next dates. Units: miles, None where nobody knows; `more` dates are not shown."""

    name: str
    distance: float | None
    cards: tuple[Card, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Around:
    """The venues around somebody, nearest first, how many are left out, and what she can join from home."""

    venues: tuple[Nearby, ...]
    further: int
    online: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class Meant:
    """The place a name stands for, where that is plain, and the others it may stand for.

    `is_guessed` says that no place is called quite so.
    """

    place: Place | None
    others: tuple[Place, ...]
    is_guessed: bool


def find_place(words: str) -> Meant:
    """Return the place somebody means, or those she may mean: of that name, else of one that is nearly so."""
    if named := places_named(words):
        return Meant(named[0], (), False) if len(named) == 1 else Meant(None, named, False)
    alike = places_like(words)
    sure = place_surely_meant(alike)
    if sure is None and len(alike) == 1:
        alike = places_named(alike[0].name)
    return Meant(sure, tuple(place for place in alike if place is not sure), True)


def around(here: Position, viewer: Viewer, now: datetime, most: int, programme: str = "") -> Around:
    """Return what is to come around a position, in a fixed number of questions to the database."""
    rows = db.session.execute(_next_dates(viewer, now, programme)).all()
    dates: dict[int, list[int]] = {}
    counted: dict[int, int] = {}
    for session_id, venue_id, count in rows:
        dates.setdefault(venue_id, []).append(session_id)
        counted[venue_id] = count
    sorted_venues = _by_distance(here, dates)
    shown = sorted_venues[:most]
    wanted = [session_id for _distance, venue in shown for session_id in dates[venue.id]]
    cards = {card.id: card for card in session_cards.load(wanted, viewer, now)}
    nearby = tuple(
        Nearby(
            venue.name,
            distance,
            tuple(cards[session_id] for session_id in dates[venue.id]),
            counted[venue.id] - len(dates[venue.id]),
        )
        for distance, venue in shown
    )
    return Around(nearby, len(sorted_venues) - len(shown), online(viewer, now, programme))


def _next_dates(viewer: Viewer, now: datetime, programme: str) -> Select[Any]:
    order = (ScheduledSession.starts_at, ScheduledSession.id)
    at_venue = ScheduledSession.venue_id
    dates = (
        select(
            ScheduledSession.id,
            ScheduledSession.venue_id,
            func.row_number().over(partition_by=at_venue, order_by=order).label("place"),
            func.count().over(partition_by=at_venue).label("count"),
        )
        .join(ScheduledSession.series)
        .join(Series.programme)
        .where(
            ScheduledSession.starts_at > now,
            ScheduledSession.state == SessionState.PUBLISHED,
            ScheduledSession.venue_id.is_not(None),
            ScheduledSession.mode != Mode.ONLINE,
            policy.series_seen_by(viewer.is_facilitator),
        )
    )
    if programme:
        dates = dates.where(Programme.key == programme)
    found = dates.subquery()
    first = select(found.c.id, found.c.venue_id, found.c.count).where(found.c.place <= DATES_OF_A_VENUE)
    return first.order_by(found.c.venue_id, found.c.place)


def _by_distance(here: Position, venue_ids: Iterable[int]) -> list[tuple[float | None, Venue]]:
    """Sort venues, those of which nobody knows where they are last."""
    venues = db.session.scalars(select(Venue).where(Venue.id.in_(list(venue_ids)))).all()
    found = [(miles(*here, *there) if (there := position_of(venue)) else None, venue) for venue in venues]
    return sorted(found, key=lambda pair: (pair[0] is None, pair[0] or 0, pair[1].name, pair[1].id))


def online(viewer: Viewer, now: datetime, programme: str) -> tuple[Card, ...]:
    """Return the next dates that are online only: she can join them wherever she is."""
    criteria = Criteria(mode=Mode.ONLINE, programme=programme)
    cards = session_cards.coming(criteria, viewer, now, _ONLINE_LOOKED_AT)
    fits = [card for card in cards if card.mode is Mode.ONLINE and card.state is SessionState.PUBLISHED]
    return tuple(fits[:_ONLINE_SHOWN])
