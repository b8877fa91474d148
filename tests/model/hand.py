"""One process that does what it is told, one deed after the other, as a web process or the worker does."""

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

from booking import clock, create_app
from booking.db import db
from booking.models import Booking, ScheduledSession
from booking.models.kinds import Pool
from booking.queries.courses import latest_enrolment
from booking.refusals import Refusal, SessionFull
from booking.rules.edits import SessionChange
from booking.services import (
    bookings,
    calling_off,
    course_waiting,
    courses,
    deaths,
    holds,
    merging,
    offers,
    schedule,
    waiting,
)
from booking.services.steps import waiting as queue
from booking.services.steps.taking import latest_booking
from tests.support.databases import settings_for_tests

COMPANION = "Dot"


def book(date: int, human: int, pool: str, party: int) -> None:
    """Take one place, or two."""
    named = COMPANION if party > 1 else ""
    bookings.book_place(date, human, Pool(pool), human, clock.now(), companion_name=named)


def switch(date: int, human: int) -> None:
    """Come the other way."""
    bookings.switch_pool(_hers(date, human), human, clock.now())


def companion(date: int, human: int, comes: bool) -> None:
    """Bring somebody, or nobody."""
    bookings.change_companion(_hers(date, human), human, clock.now(), COMPANION if comes else "")


def join(date: int, human: int, pool: str, party: int, tells_late: bool, notice: int) -> None:
    """Join a waiting list."""
    waiting.join_waiting_list(
        date,
        human,
        Pool(pool),
        human,
        clock.now(),
        companion_name=COMPANION if party > 1 else "",
        tells_late=tells_late,
        notice_hours=notice,
    )


def change_wait(date: int, human: int, tells_late: bool, notice: int) -> None:
    """Say anew how she would like to hear."""
    waiting.change_wait(_hers(date, human), human, clock.now(), tells_late=tells_late, notice_hours=notice)


def give_up(date: int, human: int) -> None:
    """Give a place up."""
    bookings.give_up_place(_hers(date, human), human, clock.now())


def leave(date: int, human: int) -> None:
    """Leave a waiting list."""
    waiting.leave_waiting_list(_hers(date, human), human, clock.now())


def accept(date: int, human: int) -> None:
    """Say yes please."""
    offers.accept_offer(_hers(date, human), clock.now())


def decline(date: int, human: int) -> None:
    """Say not this time."""
    offers.decline_offer(_hers(date, human), clock.now())


def move_up(date: int, human: int, actor: int) -> None:
    """Put somebody first."""
    waiting.move_up(_hers(date, human), "Her nurse asked", actor, clock.now())


def resize(date: int, pool: str, places: int, actor: int) -> None:
    """Give a date so many places."""
    seen = db.session.get_one(ScheduledSession, date).schedule_version
    change = SessionChange(places_room=places) if pool == "room" else SessionChange(places_online=places)
    schedule.change_session(date, change, actor, clock.now(), seen)


def enrol(date: int, human: int) -> None:
    """Book a whole course."""
    courses.book_course(_series(date), human, Pool.ROOM, human, clock.now())


def leave_course(date: int, human: int) -> None:
    """Leave a course."""
    courses.leave_course(_enrolment(date, human), human, clock.now())


def come(date: int, human: int) -> None:
    """Come to a week that she skipped."""
    courses.come_to_week(_enrolment(date, human), date, human, clock.now())


def wait_for_all(date: int, human: int) -> None:
    """Wait for a course as a whole."""
    course_waiting.wait_for_course(_series(date), human, Pool.ROOM, human, clock.now())


def cancel(date: int, actor: int) -> None:
    """Cancel a date."""
    calling_off.cancel_sessions([date], "", actor, clock.now(), offer_held=False)


def die(human: int, actor: int) -> None:
    """Record a death."""
    deaths.mark_died(human, actor, clock.now())


def merge(keep: int, other: int, actor: int) -> None:
    """Put two records together."""
    merging.merge(keep, other, actor, clock.now())


def work() -> None:
    """Do what the worker does about places."""
    while holds.release_holds(clock.now()) == holds.AT_A_TIME:
        pass
    courses.give_new_weeks(clock.now())
    waiting.offer_what_is_free(clock.now())
    course_waiting.offer_courses(clock.now())


DEEDS: dict[str, Callable[..., None]] = {
    deed.__name__: deed
    for deed in (
        book,
        switch,
        companion,
        join,
        change_wait,
        give_up,
        leave,
        accept,
        decline,
        move_up,
        resize,
        enrol,
        leave_course,
        come,
        wait_for_all,
        cancel,
        die,
        merge,
        work,
    )
}


# Whoever stands in front of this stands in front of everybody.
NEVER = datetime.max.replace(tzinfo=UTC)
# The nets, cut from outside: whoever waits is asked about nothing, or not in turn.
CUTS: dict[str, tuple[ModuleType, str, Callable[..., Any]]] = {
    "without offers": (queue, "_offer_at_one", lambda session_id, now: 0),
    "without courses": (queue, "next_turn", lambda series_id, now: None),
    "weeks before courses": (queue, "rank_of", lambda booking: (NEVER, 0)),
}


def main(database_url: str, cut: str) -> None:
    """Say that it is ready, then answer every line with what came of it."""
    if cut:
        setattr(*CUTS[cut])
    app = create_app(settings_for_tests(database_url))
    print("ready", flush=True)
    for line in sys.stdin:
        told = json.loads(line)
        with app.app_context():
            print(json.dumps(_outcome(**told)), flush=True)


def _outcome(now: str, deed: str, facts: dict[str, Any]) -> str:
    moment = datetime.fromisoformat(now)
    clock.set_source(lambda: moment)
    try:
        DEEDS[deed](**facts)
    except Refusal as refusal:
        # Which words she reads about a full pool is for other tests.
        return "SessionFull" if isinstance(refusal, SessionFull) else type(refusal).__name__
    except Exception as fault:
        return f"FAULT {type(fault).__name__}: {str(fault)[:300]}"
    return "done"


def _hers(date: int, human: int) -> int:
    """Return the booking that her page shows; 0 is nobody's."""
    latest: Booking | None = latest_booking(date, human)
    return latest.id if latest is not None else 0


def _series(date: int) -> int:
    return db.session.get_one(ScheduledSession, date).series_id


def _enrolment(date: int, human: int) -> int:
    """Return her enrolment that stands, else her newest; 0 is nobody's."""
    latest = latest_enrolment(_series(date), human)
    return latest.id if latest is not None else 0


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
