"""Which dates may stand in for a cancelled one: what is near its room, or can be joined from home."""

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from booking.db import db
from booking.models import Booking, ScheduledSession, Venue
from booking.models.kinds import Pool
from booking.queries.venues import position_of
from booking.rules.distance import Position, miles

# About as far as somebody who is not well travels for an afternoon.
NEAR_MILES = 25.0


class Stead:
    """What may stand in for one cancelled date; each venue's place is worked out once."""

    def __init__(self, cancelled: ScheduledSession) -> None:
        self._cancelled = cancelled
        self._positions: dict[int, Position | None] = {}
        self._venue = self._read(cancelled.venue_id)

    def pools(self, other: ScheduledSession, pool: Pool) -> tuple[Pool, ...]:
        """Return the pools of a date that may be kept for somebody who had this one, her own first.

        Who joins from home is not asked to travel; who came to a room may join from home.
        """
        fitting = []
        if pool is Pool.ROOM and pool in other.pools and self._is_near(other):
            fitting.append(Pool.ROOM)
        if Pool.ONLINE in other.pools:
            fitting.append(Pool.ONLINE)
        return tuple(fitting)

    def order(self, other: ScheduledSession) -> tuple[bool, float, int]:
        """Return what dates are sorted by: the same series first, then the nearest in time."""
        apart = abs((other.starts_at - self._cancelled.starts_at).total_seconds())
        return other.series_id != self._cancelled.series_id, apart, other.id

    def _is_near(self, other: ScheduledSession) -> bool:
        """Say whether she could get there; of the same series also where nobody knows how far it is."""
        venue = self._read(other.venue_id)
        if _nation(other, venue) != _nation(self._cancelled, self._venue):
            return False
        if venue is not None and self._venue is not None and venue.id == self._venue.id:
            return True
        here, there = self._position(self._venue), self._position(venue)
        if here is None or there is None:
            return other.series_id == self._cancelled.series_id
        return miles(*here, *there) <= NEAR_MILES

    def _position(self, venue: Venue | None) -> Position | None:
        if venue is None:
            return None
        if venue.id not in self._positions:
            self._positions[venue.id] = position_of(venue)
        return self._positions[venue.id]

    @staticmethod
    def _read(venue_id: int | None) -> Venue | None:
        """Read a venue; the dates that are asked about come with theirs, so this asks the database once."""
        return db.session.get(Venue, venue_id) if venue_id is not None else None


def cancelled_for(offered: Booking) -> ScheduledSession | None:
    """Return the date in whose stead a place is kept."""
    return db.session.scalar(
        select(ScheduledSession)
        .join(Booking, Booking.session_id == ScheduledSession.id)
        .where(Booking.id == offered.instead_of_id)
        .options(joinedload(ScheduledSession.series))
    )


def _nation(scheduled: ScheduledSession, venue: Venue | None) -> str:
    return venue.nation if venue is not None else scheduled.series.nation
