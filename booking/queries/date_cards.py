"""What a list shows of one date, and what follows from its numbers."""

from dataclasses import dataclass
from datetime import date, datetime, time

from booking.models.kinds import Audience, BookingState, Mode, Pool, SessionState
from booking.rules import booking_window


@dataclass(frozen=True, slots=True)
class Card:
    """What a list shows of one date. Units: places None = no limit, 0 = no such pool."""

    id: int
    uid: str
    series_id: int
    series_key: str
    title: str
    discreet_name: str
    programme: str
    tone: str
    facilitator_word: str
    local_date: date
    start_time: time
    end_time: time
    zone: str
    starts_at: datetime
    ends_at: datetime
    mode: Mode
    venue: str
    nation: str
    state: SessionState
    public_reason: str
    audience: Audience
    by_office: bool
    schedule_version: int
    changed_at: datetime
    places_room: int | None
    places_online: int | None
    taken_room: int
    taken_online: int
    mine: BookingState | None
    opens_days_before: int | None
    closes_minutes_before: int
    # Whether who looks has come to a session before: of a stranger nobody knows, so she is a newcomer.
    has_come: bool
    is_course: bool
    single_weeks: bool
    # Of a course: which of its weeks this is, how many take place, and when the first one is.
    week: int | None
    weeks: int | None
    starts_on: date | None
    # Whether its series keeps a waiting list, and whether free places of a pool are left to those on it who
    # were told of them in the last hours.
    waiting_list: bool
    left_room: bool
    left_online: bool
    led_by: tuple[str, ...] = ()
    # Places that are kept for newcomers just now, of the room or the only pool.
    kept: int = 0

    def free(self, pool: Pool) -> int | None:
        """Return a pool's places free for who looks. Units: None = no limit, 0 = none, or no such pool."""
        free = self.free_in_all(pool)
        is_kept = self.has_come and pool is self.newcomers_pool
        return max(0, free - self.kept) if free is not None and is_kept else free

    def free_in_all(self, pool: Pool) -> int | None:
        """Return the places of a pool that are left, those kept for newcomers too. Units: as `free`.

        None are left for anybody else while those who wait may take them.
        """
        room = pool is Pool.ROOM
        places, taken = (
            (self.places_room, self.taken_room) if room else (self.places_online, self.taken_online)
        )
        if self.left_room if room else self.left_online:
            return 0
        return None if places is None else max(0, places - taken)

    @property
    def newcomers_pool(self) -> Pool:
        """Return the pool in which places are kept for newcomers, as `policy.newcomers_pool` does."""
        return Pool.ONLINE if self.places_room == 0 else Pool.ROOM

    @property
    def only_newcomers(self) -> bool:
        """Say whether every place left of that pool is kept for people who come for the first time."""
        free = self.free_in_all(self.newcomers_pool)
        return bool(free) and self.kept >= (free or 0)

    @property
    def opens_at(self) -> datetime | None:
        """Return from when on places may be taken; None means as soon as it is published."""
        return booking_window.opens_at(self.local_date, self.opens_days_before)

    @property
    def closes_at(self) -> datetime:
        """Return until when places may be taken."""
        return booking_window.closes_at(self.starts_at, self.closes_minutes_before)

    @property
    def as_a_course(self) -> bool:
        """Say whether this date is booked with its whole course only."""
        return self.is_course and not self.single_weeks

    @property
    def pools(self) -> tuple[Pool, ...]:
        """Return the pools this date has, room first."""
        has = {Pool.ROOM: self.places_room != 0, Pool.ONLINE: self.places_online != 0}
        return tuple(pool for pool in Pool if has[pool])

    @property
    def is_full(self) -> bool:
        """Say whether no pool has a place left."""
        return all(self.free(pool) == 0 for pool in self.pools)

    @property
    def minutes(self) -> int:
        """Return how long it takes. Units: minutes."""
        return int((self.ends_at - self.starts_at).total_seconds()) // 60
