"""What a change of whole series tells people, kept as deeds, so that the office sees who is not told yet."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from booking.models import Booking, ScheduledSession, SeasonDeed
from booking.models.kinds import SeasonDeedKind
from booking.services.steps import cancelling, season_deeds, tell


class SeriesDeeds:
    """One deed of each kind at most, begun with the first date of which somebody has to be told."""

    def __init__(self, actor_id: int | None, now: datetime) -> None:
        self._actor_id, self._now = actor_id, now
        self._begun: dict[SeasonDeedKind, SeasonDeed] = {}
        self._named: set[tuple[SeasonDeedKind, int]] = set()

    @property
    def ids(self) -> tuple[int, ...]:
        """Return the deeds that were begun, that of moving first."""
        kinds = (SeasonDeedKind.MOVED, SeasonDeedKind.CANCELLED)
        return tuple(self._begun[kind].id for kind in kinds if kind in self._begun)

    def tell_of_changes(self, changed: Sequence[tuple[ScheduledSession, datetime]]) -> None:
        """Tell everybody booked that dates have another time, place or link; with each, when it was to start.

        The dates have their new versions, and are asked about together: a season has hundreds.
        """
        if not changed:
            return
        there = tell.live_bookings_of([scheduled.id for scheduled, _was in changed])
        moved = []
        for scheduled, was_starting_at in changed:
            was = {"starts_at": was_starting_at, "schedule_version": scheduled.schedule_version - 1}
            deed_id = self._about(SeasonDeedKind.MOVED, scheduled, there.get(scheduled.id, []), was)
            moved.append(tell.Moved(scheduled, was_starting_at, deed_id))
        tell.tell_of_changes(moved, there, self._now)

    def cancel(self, scheduled: ScheduledSession, reason: str) -> None:
        """Cancel a date that the series does not have any more, and tell everybody booked."""
        was = {"state": scheduled.state}
        bookings = tell.live_bookings(scheduled.id)
        deed_id = self._about(SeasonDeedKind.CANCELLED, scheduled, bookings, was)
        cancelling.cancel(scheduled, reason, self._actor_id, self._now, deed_id)

    def _about(
        self,
        kind: SeasonDeedKind,
        scheduled: ScheduledSession,
        bookings: Sequence[Booking],
        was: Mapping[str, Any],
    ) -> int | None:
        """Keep what a date was in the deed of this kind; a date of which nobody has to be told is in none."""
        if not tell.anybody_hears(kind, bookings):
            return None
        deed = self._begun.get(kind)
        if deed is None:
            deed = self._begun[kind] = season_deeds.begin(kind, "", self._actor_id, self._now)
        if (kind, scheduled.series_id) not in self._named:
            self._named.add((kind, scheduled.series_id))
            season_deeds.keep(deed, season_deeds.SERIES, scheduled.series_id, "id", scheduled.series_id)
        for field, value in was.items():
            season_deeds.keep(deed, "session", scheduled.id, field, value)
        return deed.id
