"""The season: loading it, keeping its dates filled, and changing or cancelling one of them."""

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import select

from booking.db import db, transaction
from booking.models import Series
from booking.models.kinds import SessionState, TaskKind
from booking.queries.endings import endings_to_announce
from booking.refusals import InThePast
from booking.rules.addresses import clean_line
from booking.rules.faults import N_, Fault
from booking.rules.recurrence import expand
from booking.rules.timetable import SeriesPlan, check_plan, read_timetable
from booking.rules.wall_time import LONDON, to_local
from booking.services.steps import calling_off, facilitators, generate, redate, tasks
from booking.services.steps.audit import note
from booking.services.steps.changing import KEEP, SessionChange
from booking.services.steps.loading import LoadReport, TimetableRefused, load, series_by_key
from booking.services.steps.locks import lock_people
from booking.services.steps.series import add_series

__all__ = [
    "KEEP",
    "LoadReport",
    "SessionChange",
    "TimetableRefused",
    "announce_endings",
    "cancel_session",
    "change_session",
    "create_series",
    "fill_horizon",
    "load_timetable",
]


def load_timetable(text: str, now: datetime, actor_id: int | None = None) -> LoadReport:
    """Load a season; loading it again changes nothing, a changed row changes its series and dates.

    Refuses: the whole file, naming every bad row by line and reason.
    """
    timetable = read_timetable(text)
    with transaction():
        return load(timetable, actor_id, now)


def fill_horizon(now: datetime) -> int:
    """Add the dates that the passing of time has brought within reach; return how many.

    Looking costs no writing transaction, so that a worker may ask as often as it likes.
    """
    if not generate.anything_missing(_running_series(), now):
        return 0
    with transaction():
        generate.take_the_season()
        return generate.add_all_missing(_running_series(), now)


def announce_endings(now: datetime) -> int:
    """Ask the office what comes next, six weeks before the last date of a series; once for each last date.

    A single date is no series that ends. Looking costs no writing transaction.
    """
    if not endings_to_announce(now):
        return 0
    with transaction():
        generate.take_the_season()
        ending = endings_to_announce(now)
        for series_id, last_on in ending:
            tasks.ask(TaskKind.SERIES_ENDS, now, series_id=series_id, due_on=last_on)
        return len(ending)


def create_series(
    plan: SeriesPlan, actor_id: int | None, now: datetime, host_ids: Collection[int] = ()
) -> int:
    """Add a series, or a single date when its rule is empty, with its dates; return its id.

    Refuses: what `check_plan` refuses, a key that is taken, a series without any date to come, and more
    places in a room than its venue holds.
    """
    check_plan(plan)
    with transaction():
        generate.take_the_season()
        people = [*dict.fromkeys([*host_ids, *facilitators.people_meant(plan.hosts)])]
        lock_people(people)
        if plan.key and series_by_key([plan.key]):
            raise Fault(N_("There is a series with this key already."), field="key")
        _refuse_if_over(plan, now)
        series = add_series(plan, now)
        facilitators.lead(series, people, actor_id, now, only_these=False)
        _add_dates(series, now)
        note(now, actor_id, "series created", f"series:{series.id}")
        return series.id


def change_session(
    session_id: int, change: SessionChange, actor_id: int | None, now: datetime, seen: int | str
) -> None:
    """Change one date; everybody booked is told once when its time, place or link is different.

    `seen` is its version as the page showed it, or its mark from `queries.effects.date_mark`.
    Refuses: a stale form, a cancelled or started session, fewer places than are taken, and what
    `values_of` refuses.
    """
    with transaction():
        calling_off.move_dates({session_id: change}, actor_id, now, {session_id: seen})


def cancel_session(session_id: int, reason: str, actor_id: int | None, now: datetime) -> None:
    """Cancel one date and tell everybody booked; doing it twice is doing it once.

    Refuses: a session that is over.
    """
    with transaction():
        words = clean_line(reason, 300)
        calling_off.cancel_dates([session_id], words, actor_id, now, offer_held=False)


def _running_series() -> list[Series]:
    """Return the series whose dates are kept filled, drafts included: the office plans with them."""
    running = select(Series).where(Series.state != SessionState.CANCELLED).order_by(Series.id)
    return list(db.session.scalars(running))


def _add_dates(series: Series, now: datetime) -> None:
    changes = generate.changes_of([series.id])[series.id]
    planned = generate.planned_dates(series, changes, now, leave_out_impossible=False)
    redate.refuse_too_many(series, planned)
    generate.add_missing_dates(series, planned, now)


def _refuse_if_over(plan: SeriesPlan, now: datetime) -> None:
    """Refuse a series whose last date is behind us: nobody would ever see it."""
    today = to_local(now, LONDON).date()
    last_year = date(min(today.year + 5, 2100), 12, 31)
    if not expand(plan.rule, plan.starts_on, today, max(last_year, plan.starts_on)):
        raise InThePast
