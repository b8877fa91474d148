"""What somebody may change about a place of hers: how she comes, and who comes with her."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from booking import policy
from booking.models import Booking, ScheduledSession
from booking.models.kinds import ATTENDED, BookingState, Pool, SessionState
from booking.queries import newcomers
from booking.queries.bookings import MyBooking, free_by_pool

_HERS = (BookingState.BOOKED, BookingState.PROVISIONAL)


@dataclass(frozen=True)
class Changes:
    """The other pool while it has room for her, and whether somebody may come with her, or does."""

    other_pool: Pool | None = None
    companion: bool = False


def changes(rows: Iterable[MyBooking], now: datetime) -> dict[int, Changes]:
    """Return for each of these bookings what may be changed about it now; what stays as it is is left out."""
    found = {row.booking.id: _changes(row.booking, row.session, now) for row in rows}
    return {booking_id: one for booking_id, one in found.items() if one != Changes()}


def may_bring(scheduled: ScheduledSession, person_id: int | None) -> bool:
    """Say whether somebody may come with her to this date; of a stranger nobody knows, so she is new."""
    return policy.may_bring(scheduled.series, person_id is not None and newcomers.has_come(person_id))


def _changes(booking: Booking, scheduled: ScheduledSession, now: datetime) -> Changes:
    over = scheduled.state is not SessionState.PUBLISHED or now >= scheduled.ends_at
    if over or not booking.is_live or booking.attendance in ATTENDED:
        return Changes()
    companion = booking.party_size > 1 or may_bring(scheduled, booking.person_id)
    hers = booking.state in _HERS
    return Changes(_other_pool(booking, scheduled, now) if hers else None, companion)


def _other_pool(booking: Booking, scheduled: ScheduledSession, now: datetime) -> Pool | None:
    if len(scheduled.pools) < 2:
        return None
    other = Pool.ONLINE if booking.pool is Pool.ROOM else Pool.ROOM
    free = free_by_pool(scheduled)[other]
    if free and booking.person_id is not None and newcomers.has_come(booking.person_id):
        free = max(0, free - newcomers.kept_places(scheduled, other, now))
    return other if free is None or free >= booking.party_size else None
