"""What waits for the office, in numbers: each leads to its own part of the pages."""

from dataclasses import astuple, dataclass
from datetime import datetime

from booking.models.kinds import TaskKind
from booking.queries import host_letters, office, office_tasks, queues, tasks, told


@dataclass(frozen=True)
class Digest:
    """The numbers of one morning."""

    untold: int
    calls: int
    cover: int
    tasks: int
    registers: int
    offers: int
    letters: int

    @property
    def total(self) -> int:
        """Return how much there is of everything."""
        return sum(astuple(self))


def digest_of(now: datetime) -> Digest:
    """Count what waits for the office now. Cover is counted by dates, and not once more among the tasks."""
    chores = office_tasks.to_do(now)
    return Digest(
        untold=sum(one.people for one in told.untold(now)),
        calls=len(tasks.calls_to_make(now)),
        cover=host_letters.open_cover(now),
        tasks=sum(one.kind is not TaskKind.COVER_WANTED for one in chores),
        registers=office.registers_not_taken(now).total,
        offers=queues.open_offers(now).total,
        letters=office.troubled_letters(now).total,
    )
