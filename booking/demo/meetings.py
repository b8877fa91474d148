"""One date of the sample season, and everybody who has to do with it."""

from dataclasses import dataclass, field
from datetime import datetime

from booking.demo.people import Guest
from booking.demo.season import Occasion
from booking.models.kinds import TAKING, Attendance, BookingState, Pool


@dataclass(slots=True)
class Mark:
    """One mark on the register."""

    was: Attendance
    attendance: Attendance
    at: datetime


@dataclass(slots=True)
class Visit:
    """One booking; nobody stands in it when somebody walked in without a record here."""

    guest: Guest | None
    pool: Pool
    state: BookingState
    created_at: datetime
    state_at: datetime
    walk_in_name: str = ""
    companion_name: str = ""
    attendance: Attendance = Attendance.NOT_RECORDED
    marks: list[Mark] = field(default_factory=list)
    # On the waiting list: since when, how often asked, until when a place is kept, and whether told late.
    waits_since: datetime | None = None
    times_offered: int = 0
    held_until: datetime | None = None
    tells_late: bool = False

    @property
    def party_size(self) -> int:
        """Count her and whoever comes with her."""
        return 2 if self.companion_name else 1


@dataclass(slots=True)
class Meeting:
    """One date with everybody who has to do with it."""

    occasion: Occasion
    leaders: list[Guest]
    visits: list[Visit] = field(default_factory=list)
    called_off_at: datetime | None = None
    reason: str = ""

    def free(self, pool: Pool) -> int:
        """Count the places nobody has. Units: a large number where there is no limit."""
        plan = self.occasion.plan
        places = plan.places_room if pool is Pool.ROOM else plan.places_online
        taken = sum(visit.party_size for visit in self.visits if visit.pool is pool and visit.state in TAKING)
        return 10_000 if places is None else places - taken

    def has(self, guest: Guest) -> bool:
        """Say whether somebody has booked this date, given up or not."""
        return any(visit.guest is guest for visit in self.visits)
