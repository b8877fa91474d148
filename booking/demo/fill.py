"""Moving the sample season and its people into an empty database, all of it or nothing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from random import Random

from sqlalchemy import select

from booking.db import db, transaction
from booking.demo.listings import write_listings
from booking.demo.meetings import Meeting
from booking.demo.pen import Pen
from booking.demo.people import invite
from booking.demo.people_rows import write_people
from booking.demo.season import HORIZON, YEAR, occasions, plans_around
from booking.demo.season_rows import SeasonRows
from booking.demo.visit_rows import VisitRows
from booking.demo.visits import Year
from booking.models import Person, Series
from booking.refusals import NotEmpty, NotInProduction
from booking.rules.timetable import SeriesPlan
from booking.rules.wall_time import to_local
from booking.settings import settings

SEED = 2


@dataclass(frozen=True, slots=True)
class Filled:
    """How much the sample season brought."""

    people: int
    sessions: int
    bookings: int


def fill(
    now: datetime, progress: Callable[[int, int], object] = lambda done, of: None, seed: int = SEED
) -> Filled:
    """Write the season around today, its people and a year of registers; the same day, the same rows.

    Units: `progress` is told how many rows are written, and of how many.
    Refuses: production, and a database that holds people or series already.
    """
    if settings().production:
        raise NotInProduction
    today = to_local(now).date()
    plans = plans_around(today)
    guests = invite(plans, today, Random(f"{seed}/people"))
    meetings = _meetings(plans, Year(guests, today, seed), today)
    pen, rng = Pen(progress), Random(f"{seed}/rows")
    pen.expected = _rows_expected(len(guests), meetings)
    # The one transaction outside the services: bulk rows that answer to no single deed.
    with transaction():
        _refuse_unless_empty()
        people = write_people(pen, guests, meetings, today, rng)
        session_ids = SeasonRows(pen, today, people).write(plans, meetings, rng)
        bookings = VisitRows(pen, people, rng).write(meetings, session_ids, now)
        write_listings(today, now)
    pen.rest()
    return Filled(len(people), len(session_ids), bookings)


def _meetings(plans: Sequence[SeriesPlan], year: Year, today: date) -> list[Meeting]:
    """Let the year pass, date by date: whoever came once is no first-timer the next time."""
    dates = [each for plan in plans for each in occasions(plan, today - YEAR, today + HORIZON)]
    dates.sort(key=lambda each: (each.starts_at, each.plan.key))
    return [year.meet(each) for each in dates]


def _rows_expected(people: int, meetings: Sequence[Meeting]) -> int:
    visits = [visit for meeting in meetings for visit in meeting.visits]
    # A person has four rows, a date three or four, and each booking and mark one more in the audit.
    return 4 * people + 4 * len(meetings) + 2 * sum(1 + len(visit.marks) for visit in visits)


def _refuse_unless_empty() -> None:
    for table in (Person, Series):
        if db.session.scalar(select(table.id).limit(1)) is not None:
            raise NotEmpty
