"""One process of many small races: in every round its threads do their deeds at once, and it says how.

Nothing of the service is changed here unless a lock is taken away on purpose. On PostgreSQL a race is
widened by the line to the database; on SQLite by a moment after every statement, most of them spent with the
write lock held. Where a deed decides, a moment passes between what it has read and what it writes.
"""

import json
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import event

import booking.db as ground
from booking import clock, create_app
from booking.db import db
from booking.models import ScheduledSession
from booking.models.kinds import Pool
from booking.refusals import Refusal
from booking.rules.edits import SessionChange
from booking.services import bookings, calling_off, holds, offers, schedule, swaps, waiting
from booking.services.steps import offering, taking
from booking.services.steps import waiting as queue
from tests.races.driver import _as_the_driver_would
from tests.support.databases import settings_for_tests

delay = {"line": 0.0, "moment": 0.0}
# Whoever leaves a list, or says yes, looked long before the place that came free was offered elsewhere.
LATE_MOMENTS = 5
# Whoever says yes as her time runs out is heard later still: the worker has let it go and asked the next.
LATER_MOMENTS = 7
own = threading.local()


def book(person: int, session: int) -> None:
    """Press the button of the page."""
    bookings.book_place(session, person, Pool.ROOM, person, clock.now(), seen_booking_id=0)


def give_up(booking: int, person: int) -> None:
    """Say "I can't come"."""
    bookings.give_up_place(booking, person, clock.now())


def leave(booking: int, person: int) -> None:
    """Leave the waiting list."""
    waiting.leave_waiting_list(booking, person, clock.now())


def accept(booking: int) -> None:
    """Say yes please."""
    offers.accept_offer(booking, clock.now())


def accept_late(booking: int) -> None:
    """Say yes please, and be heard after everybody else."""
    own.moments = LATER_MOMENTS
    accept(booking)


def decline(booking: int) -> None:
    """Say not this time."""
    offers.decline_offer(booking, clock.now())


def work() -> None:
    """Look around as the worker does."""
    holds.release_holds(clock.now())
    waiting.offer_what_is_free(clock.now())


def resize(session: int, places: int) -> None:
    """Give a date so many places, as the office does."""
    seen = db.session.get_one(ScheduledSession, session).schedule_version
    schedule.change_session(session, SessionChange(places_room=places), None, clock.now(), seen)


def cancel(session: int) -> None:
    """Cancel a date."""
    calling_off.cancel_sessions([session], "", None, clock.now(), offer_held=False)


def swap(booking: int, person: int, session: int) -> None:
    """Take a free place at another date, and give this one up."""
    swaps.change_date(booking, person, session, Pool.ROOM, clock.now())


DEEDS: dict[str, Callable[..., None]] = {
    deed.__name__: deed
    for deed in (book, give_up, leave, accept, accept_late, decline, work, resize, cancel, swap)
}


def main(database_url: str, without_locks: bool) -> None:
    """Say that it is ready; then, for every line, do its deeds at once and answer with what came of them."""
    if without_locks:
        take_locks_away(database_url)
    widen()
    app = create_app(settings_for_tests(database_url))
    if database_url.startswith("sqlite"):
        with app.app_context():
            event.listen(db.engine, "after_cursor_execute", _take_a_moment)
    print("ready", flush=True)
    for line in sys.stdin:
        told = json.loads(line)
        delay.update(told["pace"])
        print(json.dumps(_at_once(app, told["deeds"])), flush=True)


def _at_once(app: Any, deeds: list[dict[str, Any]]) -> list[str]:
    outcomes = [""] * len(deeds)
    start = threading.Barrier(len(deeds)) if deeds else None

    def do(number: int, deed: dict[str, Any]) -> None:
        name = deed.pop("deed")
        with app.app_context():
            db.session.execute(db.text("SELECT 1"))
            db.session.rollback()
            assert start is not None
            start.wait(60)
            outcomes[number] = _outcome(DEEDS[name], deed)

    threads = [threading.Thread(target=do, args=facts) for facts in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def _outcome(deed: Callable[..., None], facts: dict[str, Any]) -> str:
    try:
        deed(**facts)
    except Refusal as refusal:
        return type(refusal).__name__
    except Exception as fault:
        return f"FAULT {type(fault).__name__}: {str(fault)[:200]}"
    return "done"


def _take_a_moment(*_facts: object) -> None:
    if delay["line"]:
        time.sleep(delay["line"])


def widen() -> None:
    """Let a moment pass between reading and writing where a deed decides, with the net and without it."""
    for room, name in (
        (taking, "refuse_unless_free"),
        (bookings, "_hers"),
        (queue, "whom_to_ask"),
    ):
        setattr(room, name, _slowed(getattr(room, name), after=1))
    for room, name in ((waiting, "free_place"), (offering, "accept")):
        setattr(room, name, _slowed(getattr(room, name), before=LATE_MOMENTS))


def _slowed(step: Callable[..., Any], before: int = 0, after: int = 0) -> Callable[..., Any]:
    def slowly(*arguments: Any, **named: Any) -> Any:
        time.sleep(delay["moment"] * (before + getattr(own, "moments", 0)))
        done = step(*arguments, **named)
        time.sleep(delay["moment"] * after)
        return done

    return slowly


def take_locks_away(database_url: str) -> None:
    """Take every lock of a row from every room of the services; on SQLite the kind of transaction, too."""
    for name, room in list(sys.modules.items()):
        if name.startswith("booking.services") and not name.endswith(".locks"):
            for lock in ("lock_people", "lock_sessions"):
                if hasattr(room, lock):
                    setattr(room, lock, lambda ids: None)
    if database_url.startswith("sqlite"):
        ground._begin_sqlite = lambda connection: None
        ground._prepare_sqlite = _as_the_driver_would


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2] == "without locks")
