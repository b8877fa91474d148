"""One process of a race: many threads wait for the same word, then all do their deed at once.

It runs once for each process. The net can be cut from outside, here and only here: the
locks are taken away and, on SQLite, transactions begin as its driver would begin them. What the service
decides on is read, then a moment passes, so that a race is a race on every machine.
"""

import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import booking.db as ground
from booking import clock, create_app
from booking.db import db, transaction
from booking.models import Booking, EmailLink, Person, Series
from booking.models.kinds import LIVE, BookingState, LinkPurpose, PersonStatus, Pool, Role, Who
from booking.queries.effects import seen_mark
from booking.refusals import Refusal
from booking.rules import one_time
from booking.rules.edits import SeriesEdit
from booking.rules.tokens import make_token
from booking.services import (
    arriving,
    calling_off,
    cover,
    deaths,
    delivery,
    holds,
    merging,
    offers,
    people,
    second_factor,
    signin,
)
from booking.services import bookings as service
from booking.services import courses as course_service
from booking.services import series as season
from booking.services.steps import calling_off as dates_off
from booking.services.steps import courses as course_weeks
from booking.services.steps import holds as held
from booking.services.steps import leading, links, offering, reversing, taking, taking_back
from booking.services.steps.locks import lock_people, lock_sessions
from tests.support.databases import SECRET_KEY, settings_for_tests
from tests.support.forks import Connection

MOMENT_SECONDS = 0.02
# As long as a mail server takes for a letter: some leave before, some after and some while it is undone.
A_LETTER_SECONDS = 0.05
# Without its net a race must do harm, also where other work keeps the machine from starting all at once.
LONG_MOMENT_SECONDS = 0.1


def main(race: dict[str, Any], line: Connection) -> None:
    """Get every thread ready, say so, wait for the word, and say how it went for each."""
    cut_the_net(race["without"], race["database_url"])
    widen(MOMENT_SECONDS if race["without"] == "nothing" else LONG_MOMENT_SECONDS)
    app = create_app(settings_for_tests(race["database_url"]))
    outcomes: Counter[str] = Counter()
    started = threading.Event()
    waiting = threading.Barrier(len(race["deeds"]) + 1)

    def do(deed: dict[str, Any]) -> None:
        with app.app_context():
            # Connecting takes longer than the race.
            db.session.execute(db.text("SELECT 1"))
            db.session.rollback()
            waiting.wait(60)
            started.wait(60)
            time.sleep(deed.pop("after_seconds", 0))
            outcomes[outcome_of(deed)] += 1

    threads = [threading.Thread(target=do, args=(deed,)) for deed in race["deeds"]]
    for thread in threads:
        thread.start()
    waiting.wait(60)
    line.send("ready")
    line.recv()
    started.set()
    for thread in threads:
        thread.join()
    line.send(outcomes)


def outcome_of(deed: dict[str, Any]) -> str:
    """Do one deed and name what came of it: done, a refusal, or a fault."""
    name = deed.pop("deed")
    try:
        DEEDS[name](**deed)
    except Refusal as refusal:
        return type(refusal).__name__
    except Exception as fault:
        return f"FAULT {type(fault).__name__}: {str(fault)[:200]}"
    return f"{name} done"


def book(person_id: int, session_id: int) -> None:
    """Book as the page does."""
    now = clock.now()
    service.book_place(session_id, person_id, Pool.ROOM, person_id, now, seen_booking_id=0)


def join(person_id: int, series_id: int) -> None:
    """Book a course as the page does."""
    course_service.book_course(series_id, person_id, Pool.ROOM, person_id, clock.now(), seen_enrolment_id=0)


def resize(series_id: int, places_room: int) -> None:
    """Give every date of a series so many places, as the office does."""
    mark = seen_mark(db.session.get_one(Series, series_id))
    season.change_series(series_id, SeriesEdit(places_room=places_room), None, None, clock.now(), mark)


def close(person_id: int) -> None:
    """Close a record as its service will: the person's row first, then the sessions, then the deed."""
    with transaction():
        lock_people([person_id])
        live = db.select(Booking.session_id).where(Booking.person_id == person_id, Booking.state.in_(LIVE))
        lock_sessions(db.session.scalars(live))
        db.session.execute(db.update(Person).where(Person.id == person_id).values(status=PersonStatus.CLOSED))
        db.session.execute(
            db.update(Booking)
            .where(Booking.person_id == person_id, Booking.state.in_(LIVE))
            .values(state=BookingState.GIVEN_UP)
        )


def register(email: str) -> None:
    """Register as the page does."""
    arriving.register(arriving.Registration("Ann Example", "Ann", email, Who.PATIENT, True), "", clock.now())


def hold(email: str, session_id: int, name: str = "Ann") -> None:
    """Book as somebody new."""
    facts = arriving.Registration(f"{name} Example", name, email, Who.PATIENT, True)
    arriving.hold_place(facts, session_id, Pool.ROOM, clock.now())


def confirm(link_id: int) -> None:
    """Press the button behind the letter."""
    link = db.session.get_one(EmailLink, link_id)
    token = make_token(SECRET_KEY, link.purpose.value, link.id, link.nonce)
    entered = signin.open_link(token, link.purpose, None, clock.now())
    for kept in entered.kept:
        if kept.why_not is not None:
            raise kept.why_not


def release() -> None:
    """Free what was not confirmed in time, as the worker does."""
    holds.release_holds(clock.now())


def type_code(link_id: int, typed: str) -> None:
    """Type a code as the page does."""
    signin.open_code(link_id, typed, None, clock.now())


def take_key(person_id: int, actor_id: int) -> None:
    """Take the office's key from somebody."""
    people.take_role(person_id, Role.ADMIN, actor_id, clock.now())


def show_code(person_id: int, typed: str, public_id: str) -> None:
    """Type the six digits in one browser."""
    second_factor.show(person_id, typed, public_id, clock.now())


def recover(person_id: int, typed: str, public_id: str) -> None:
    """Type a recovery code in one browser."""
    second_factor.use_recovery_code(person_id, typed, public_id, clock.now())


def die(person_id: int, actor_id: int) -> None:
    """Record a death as the office does."""
    deaths.mark_died(person_id, actor_id, clock.now())


def merge(keep_id: int, other_id: int, actor_id: int) -> None:
    """Put two records together as the office does."""
    merging.merge(keep_id, other_id, actor_id, clock.now())


def open_link(token: str) -> None:
    """Press the button behind a link to sign in."""
    signin.open_link(token, LinkPurpose.SIGN_IN, None, clock.now())


def cancel(session_id: int) -> None:
    """Cancel a date as the office does."""
    calling_off.cancel_sessions([session_id], "", None, clock.now())


def undo(deed_id: int) -> None:
    """Take a deed back as the office does."""
    calling_off.undo(deed_id, 1, clock.now())


def deliver() -> None:
    """Claim what is due and begin to hand over one letter after the other, as a worker does."""
    for message_id in delivery.claim("a worker", clock.now(), limit=50):
        delivery.begins(message_id, "a worker", clock.now())
        time.sleep(A_LETTER_SECONDS)


def accept(booking_id: int) -> None:
    """Say yes to a place that is kept."""
    offers.accept_offer(booking_id, clock.now())


def step_in(session_id: int, person_id: int) -> None:
    """Take a date that wants somebody to lead it."""
    cover.take_cover(session_id, person_id, clock.now())


DEEDS = {
    "cancel": cancel,
    "undo": undo,
    "deliver": deliver,
    "accept": accept,
    "step in": step_in,
    "die": die,
    "merge": merge,
    "open link": open_link,
    "show code": show_code,
    "recover": recover,
    "book": book,
    "hold": hold,
    "resize": resize,
    "join": join,
    "confirm": confirm,
    "release": release,
    "close": close,
    "register": register,
    "take key": take_key,
    "type code": type_code,
}


def widen(seconds: float) -> None:
    """Let a moment pass between reading and writing, with the net and without it."""
    course_weeks.free_places_for = _and_a_moment(course_weeks.free_places_for, seconds)
    season.effect_of_plan = _and_a_moment(season.effect_of_plan, seconds)
    offering.free_places_for = _and_a_moment(offering.free_places_for, seconds)
    calling_off.told.why_it_stands = _and_a_moment(calling_off.told.why_it_stands, seconds)
    # Only those who answer a place ask by this name: their yes comes later than letting go and booking.
    taking.latest_booking = _and_a_moment(taking.latest_booking, 15 * seconds)
    taking.refuse_unless_free = _and_a_moment(taking.refuse_unless_free, seconds)
    taking.refuse_unless_open = _and_a_moment(taking.refuse_unless_open, seconds)
    arriving._same_attempt = _and_a_moment(arriving._same_attempt, seconds)
    held.live_holds_at = _and_a_moment(held.live_holds_at, seconds)
    people._others_hold = _and_a_moment(people._others_hold, seconds)
    links.prove = _and_a_moment(links.prove, seconds)
    leading._request_for = _and_a_moment(leading._request_for, seconds)
    reversing.begin = _and_a_moment(reversing.begin, seconds)
    one_time.fitting_step = _and_a_moment(one_time.fitting_step, seconds)
    one_time.recovery_code_fits = _and_a_moment(one_time.recovery_code_fits, seconds)


def _and_a_moment(decide: Callable[..., Any], seconds: float) -> Callable[..., Any]:
    def slowly(*arguments: Any, **named: Any) -> Any:
        decided = decide(*arguments, **named)
        time.sleep(seconds)
        return decided

    return slowly


def cut_the_net(without: str, database_url: str) -> None:
    """Take one lock away; on SQLite the kind of transaction is a lock too."""
    if without == "nothing":
        return
    if without == "session lock":
        service.lock_sessions = arriving.lock_sessions = season.lock_sessions = lambda ids: None
        held.lock_sessions = holds.lock_sessions = course_service.lock_sessions = lambda ids: None
        dates_off.lock_sessions = calling_off.lock_sessions = offers.lock_sessions = lambda ids: None
        cover.lock_sessions = lambda ids: None
        cover.take_the_season = lambda: None
    if without == "both locks of an answer":
        offers.lock_people = offers.lock_sessions = holds.lock_people = holds.lock_sessions = lambda ids: None
        service.lock_sessions = lambda ids: None
    if without == "undoing's guards":
        _withdraw_last()
    if without == "person lock":
        service.lock_people = people.lock_people = second_factor.lock_people = lambda ids: None
        deaths.lock_people = merging.lock_people = signin.lock_people = lambda ids: None
    if without == "address lock":
        arriving.lock_address = lambda key: None
    if database_url.startswith("sqlite"):
        # Python's own way: nothing is begun before the first write, so what was read may be old by then.
        ground._begin_sqlite = lambda connection: None
        ground._prepare_sqlite = _as_the_driver_would
        # The other lock would begin writing before anything is read, and be as good as both.
        service.lock_people = service.lock_sessions = people.lock_people = lambda ids: None
        arriving.lock_people = arriving.lock_sessions = signin.lock_people = lambda ids: None
        held.lock_sessions = holds.lock_sessions = holds.lock_people = lambda ids: None
        second_factor.lock_people = season.lock_people = season.lock_sessions = lambda ids: None
        course_service.lock_people = course_service.lock_sessions = lambda ids: None
        deaths.lock_people = merging.lock_people = signin.lock_people = lambda ids: None
        dates_off.lock_people = calling_off.lock_people = offers.lock_people = lambda ids: None
        dates_off.lock_sessions = calling_off.lock_sessions = offers.lock_sessions = lambda ids: None
        deaths.lock_sessions = merging.lock_sessions = lambda ids: None
        cover.lock_people = cover.lock_sessions = lambda ids: None


def _withdraw_last() -> None:
    """Ask whether somebody has been told before the letters are called back, not afterwards."""
    calling_off.lock_people = lambda ids: None
    withdraw, put_back = taking_back.withdraw, taking_back.put_everything_back

    def late(deed: Any, now: Any) -> None:
        withdraw(deed.id)
        put_back(deed, now)

    taking_back.withdraw = lambda deed_id: None
    taking_back.put_everything_back = late


def _as_the_driver_would(connection: sqlite3.Connection, record: object) -> None:
    connection.execute("PRAGMA busy_timeout=15000")
