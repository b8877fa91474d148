"""The rows of the model: who there is, which dates, who has which place, and what can be read from them."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

HELD_TAKING = ("booked", "offered")
LIVE = (*HELD_TAKING, "waiting")


@dataclass
class Human:
    """Somebody who books; without email a human has to call her."""

    has_email: bool = True
    status: str = "active"
    notice_hours: int = 0
    merged_into: int | None = None


@dataclass
class Date:
    """One date with its pools. Units: None = no limit."""

    starts_at: datetime
    ends_at: datetime
    places: dict[str, int | None]
    cancelled: bool = False


@dataclass
class Place:
    """One booking. `rank` is her turn in the queue; `until` is how long somebody waits for her answer.

    Weeks of a course with one `since` are one wait; `course` is the number of her enrolment.
    """

    number: int
    date: int
    human: int
    pool: str
    state: str
    party: int = 1
    rank: datetime | None = None
    since: datetime | None = None
    course: int | None = None
    tells_late: bool = False
    rests: bool = False
    left: datetime | None = None
    rested: datetime | None = None
    until: datetime | None = None
    offered: int = 0

    @property
    def turn(self) -> tuple[datetime | None, int]:
        return self.rank, self.number


@dataclass
class Rows:
    """Everything there is, and what the deed in hand has said and noted."""

    humans: list[Human]
    dates: list[Date]
    now: datetime
    rows: list[Place] = field(default_factory=list)
    noted: Counter[str] = field(default_factory=Counter)
    said: Counter[tuple[str, int]] = field(default_factory=Counter)

    def queue(self, date: int, pool: str) -> list[Place]:
        """Return who waits for a pool, in turn."""
        waiting = [row for row in self._live(date) if row.pool == pool and row.state == "waiting"]
        return sorted(waiting, key=lambda row: row.turn)

    def taken(self, date: int, pool: str) -> int:
        """Count the places that somebody has, or is kept."""
        rows = [row for row in self._live(date) if row.pool == pool and row.state in HELD_TAKING]
        return sum(row.party for row in rows)

    def left(self, date: int, pool: str) -> int | None:
        """Count the places that nobody has, whoever waits for them."""
        places = self.dates[date].places[pool]
        return None if places is None else max(0, places - self.taken(date, pool))

    def latest(self, date: int, human: int) -> Place | None:
        """Return her live booking of a date, else her newest."""
        hers = [row for row in self.rows if (row.date, row.human) == (date, human)]
        return max(hers, key=lambda row: (row.state in LIVE, row.number), default=None)

    def _live(self, date: int) -> list[Place]:
        return [row for row in self.rows if row.date == date and row.state in LIVE]

    def _free(self, date: int, pool: str) -> int | None:
        """Count the places that anybody may take: none while they are left to those who were told late."""
        left = self.left(date, pool)
        told = any(row.until is not None for row in self.queue(date, pool))
        return 0 if left and told else left

    def _enough(self, free: int | None, party: int) -> bool:
        return free is None or free >= party

    def _shut(self, date: int, human: int) -> str | None:
        there = self.dates[date]
        if self.humans[human].status != "active":
            return "PersonCannotBook"
        if there.cancelled:
            return "SessionCancelled"
        return "BookingClosed" if self.now >= there.starts_at else None

    def _unchangeable(self, row: Place) -> str | None:
        there = self.dates[row.date]
        if there.cancelled:
            return "SessionCancelled"
        return "NothingToSwitch" if row.state not in LIVE or self.now >= there.ends_at else None

    def _full(self, date: int, pool: str, party: int) -> str | None:
        if self.dates[date].places[pool] == 0:
            return "NoSuchPool"
        return None if self._enough(self._free(date, pool), party) else "SessionFull"

    def _add(self, date: int, human: int, pool: str, state: str, party: int) -> Place:
        self.rows.append(Place(len(self.rows), date, human, pool, state, party))
        return self.rows[-1]

    def _confirm(self, human: int) -> None:
        self._note("place booked")
        self._say("booked", human)

    def _note(self, action: str) -> None:
        self.noted[action] += 1

    def _say(self, kind: str, human: int) -> None:
        self.said[kind, human] += 1
