"""Every path that frees a place offers it in the same transaction, and nobody's turn gets lost on the way."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from booking import clock
from booking.db import db
from booking.models import Booking, Message, ScheduledSession, Series
from booking.models.kinds import BookingState, MessageKind, PersonStatus, Pool
from booking.queries.effects import seen_mark
from booking.queries.waiting import sessions_to_offer
from booking.rules.edits import SeriesEdit, SessionChange
from booking.rules.recurrence import parse_rule
from booking.rules.timetable import SeriesPlan
from booking.services import (
    bookings,
    calling_off,
    closing,
    deaths,
    holds,
    merging,
    offers,
    pauses,
    schedule,
    series,
    waiting,
)
from booking.services.steps import freeing
from tests.support.builders import Builders
from tests.support.pages import rows, write

State = BookingState
WEEKLY = SeriesPlan(
    key="tea",
    title="Tea in York",
    programme="Tea & A Chat",
    mode="in_person",
    place="Studio, York",
    nation="England",
    rule=parse_rule("FREQ=WEEKLY;BYDAY=TH;COUNT=3"),
    starts_on=date(2026, 8, 20),
    start_time=time(13, 30),
    end_time=time(15),
    places_room=1,
)
FILE = (
    "key,name,programme,mode,place,nation,rrule,dtstart,start,end,places_room,places_online,audience,companions,"
    "enrol,movement_check\r\n"
    'tea,Tea in York,Tea & A Chat,in_person,"Studio, York",England,FREQ=WEEKLY;BYDAY=TH;COUNT=3,'
    "2026-08-20,13:30,15:00,2,0,anyone,never,each,no\r\n"
)


@pytest.fixture
def now(clock_at: Callable[[str], datetime]) -> datetime:
    return clock_at("2026-08-03T12:00+01:00")


@dataclass
class Full:
    """A date with one place, which is Ann's, and with Ben and Cat on its waiting list."""

    session: int
    ann: int
    ben: int
    cat: int
    ada: int
    place: int
    bens: int
    cats: int


@pytest.fixture
def full(app: Flask, make: Builders, now: datetime) -> Full:
    session = make.session(make.series(places_room=1))
    ann, ben, cat = map(make.person, ("Ann", "Ben", "Cat"))
    place = make.booking(session, ann)
    with app.app_context():
        bens, cats = (waiting.join_waiting_list(session, one, Pool.ROOM, one, now) for one in (ben, cat))
    return Full(session, ann, ben, cat, make.admin(), place, bens, cats)


def states(app: Flask, *ids: int) -> list[BookingState]:
    with app.app_context():
        return [db.session.get_one(Booking, one).state for one in ids]


def kinds(app: Flask, person: int) -> list[MessageKind]:
    return rows(app, select(Message.kind).where(Message.person_id == person).order_by(Message.id))


Path = Callable[[Full, datetime], object]
PATHS: dict[str, Path] = {
    "given up": lambda it, now: bookings.give_up_place(it.place, it.ann, now),
    "given up by the office": lambda it, now: bookings.give_up_place(it.place, it.ann, now, it.ada),
    "died": lambda it, now: deaths.mark_died(it.ann, it.ada, now),
    "closed": lambda it, now: closing.close_account(it.ann, it.ann, now),
    "a bigger room": lambda it, now: schedule.change_session(
        it.session, SessionChange(places_room=2), it.ada, now, 1
    ),
}


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
def test_a_freed_place_is_offered_at_once(app: Flask, full: Full, now: datetime, path: Path) -> None:
    with app.app_context():
        path(full, now)
        assert sessions_to_offer(now) == []
    assert states(app, full.bens, full.cats) == [State.OFFERED, State.WAITING]
    assert kinds(app, full.ben) == [MessageKind.WAITING, MessageKind.OFFERED]


def test_the_doctor_sees_a_path_that_forgets_to_offer(
    app: Flask, full: Full, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(freeing.waiting, "offer_at", lambda *_facts: 0)
    with app.app_context():
        bookings.give_up_place(full.place, full.ann, now)
        assert sessions_to_offer(now) == [full.session]


def test_the_doctor_sees_a_bigger_room_that_nobody_was_offered(
    app: Flask, full: Full, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(freeing.waiting, "after_changes", lambda *_facts: None)
    with app.app_context():
        PATHS["a bigger room"](full, now)
        assert sessions_to_offer(now) == [full.session]


@pytest.mark.parametrize("by_file", [False, True], ids=["an edit of the series", "a loaded file"])
def test_a_bigger_room_of_the_whole_series_is_offered(
    app: Flask, make: Builders, now: datetime, by_file: bool
) -> None:
    ann, ben = make.person("Ann"), make.person("Ben")
    with app.app_context():
        it = db.session.get_one(Series, schedule.create_series(WEEKLY, None, now))
        session = db.session.scalars(select(ScheduledSession.id).order_by(ScheduledSession.id)).first() or 0
        bookings.book_place(session, ann, Pool.ROOM, ann, now)
        bens = waiting.join_waiting_list(session, ben, Pool.ROOM, ben, now)
        if by_file:
            schedule.load_timetable(FILE, now)
        else:
            series.change_series(it.id, SeriesEdit(places_room=3), None, None, now, seen_mark(it))
    assert states(app, bens) == [State.OFFERED]


def test_a_hold_that_ran_out_goes_to_the_list(app: Flask, make: Builders, full: Full, now: datetime) -> None:
    held = {"state": State.HELD, "held_until": now + timedelta(hours=1)}
    write(app, update(Booking).where(Booking.id == full.place).values(held))
    with app.app_context():
        holds.release_holds(now + timedelta(hours=2))
    assert states(app, full.place, full.bens) == [State.EXPIRED, State.OFFERED]


def test_a_smaller_party_lets_the_next_one_in(app: Flask, make: Builders, now: datetime) -> None:
    tea = make.session(make.series(places_room=2))
    ann, ben = make.person("Ann"), make.person("Ben")
    place = make.booking(tea, ann, party_size=2, companion_name="Kim")
    with app.app_context():
        bens = waiting.join_waiting_list(tea, ben, Pool.ROOM, ben, now)
        bookings.change_companion(place, ann, now, "")
    assert states(app, bens) == [State.OFFERED]


def test_a_party_of_two_is_passed_over_and_keeps_its_turn(app: Flask, make: Builders, now: datetime) -> None:
    tea = make.session(make.series(places_room=2))
    ann, ben, cat, dot = map(make.person, ("Ann", "Ben", "Cat", "Dot"))
    first, second = make.booking(tea, ann), make.booking(tea, dot)
    with app.app_context():
        two = waiting.join_waiting_list(tea, ben, Pool.ROOM, ben, now, party_size=2)
        one = waiting.join_waiting_list(tea, cat, Pool.ROOM, cat, now)
        bookings.give_up_place(first, ann, now)
        assert states(app, two, one) == [State.WAITING, State.OFFERED]
        offers.decline_offer(one, now)
        bookings.give_up_place(second, dot, now)
    assert states(app, two, one) == [State.OFFERED, State.WAITING]


def test_an_offer_of_somebody_who_died_goes_to_the_next(app: Flask, full: Full, now: datetime) -> None:
    with app.app_context():
        bookings.give_up_place(full.place, full.ann, now)
        deaths.mark_died(full.ben, full.ada, now)
    assert states(app, full.bens, full.cats) == [State.GIVEN_UP, State.OFFERED]


def test_a_mistaken_death_gives_back_her_turn_but_not_the_place_somebody_else_has(
    app: Flask, full: Full, now: datetime
) -> None:
    with app.app_context():
        bookings.give_up_place(full.place, full.ann, now)
        deaths.mark_died(full.ben, full.ada, now)
        deaths.undo_death(full.ben, full.ada, now)
    assert states(app, full.bens, full.cats) == [State.WAITING, State.OFFERED]
    assert rows(app, select(Booking.held_until).where(Booking.id == full.bens)) == [None]


def test_a_mistaken_death_is_offered_what_still_stands_free(app: Flask, full: Full, now: datetime) -> None:
    with app.app_context():
        waiting.leave_waiting_list(full.cats, full.cat, now)
        deaths.mark_died(full.ben, full.ada, now)
        bookings.give_up_place(full.place, full.ann, now)
        deaths.undo_death(full.ben, full.ada, now)
    assert states(app, full.bens) == [State.OFFERED]


def test_whoever_waits_on_both_records_keeps_the_earlier_turn(
    app: Flask, make: Builders, full: Full, now: datetime, clock_at: Callable[[datetime], datetime]
) -> None:
    with app.app_context():
        merging.merge(full.cat, full.ben, full.ada, now)
        bookings.give_up_place(full.place, full.ann, now)
        deed = merging.merge(full.cat, full.ben, full.ada, now)
    assert sorted(states(app, full.bens, full.cats)) == [State.CANCELLED, State.OFFERED]
    with app.app_context():
        merging.undo_merge(deed, full.ada, now)
    assert sorted(states(app, full.bens, full.cats)) == [State.OFFERED, State.WAITING]


def test_a_merge_that_ends_one_of_two_places_offers_it(app: Flask, make: Builders, now: datetime) -> None:
    tea = make.session(make.series(places_room=2))
    ann, ann_again, ben = map(make.person, ("Ann", "Annie", "Ben"))
    for one in (ann, ann_again):
        make.booking(tea, one)
    with app.app_context():
        bens = waiting.join_waiting_list(tea, ben, Pool.ROOM, ben, now)
        deed = merging.merge(ann, ann_again, make.admin(), now)
        assert states(app, bens) == [State.OFFERED]
        assert len(merging.undo_merge(deed, make.admin("Abe"), now)) == 1
    assert states(app, bens) == [State.OFFERED]


def test_while_she_is_left_in_peace_her_offer_goes_on_and_her_turn_stays(
    app: Flask, full: Full, now: datetime
) -> None:
    with app.app_context():
        bookings.give_up_place(full.place, full.ann, now)
        pauses.pause(full.ben, None, full.ada, now)
        assert states(app, full.bens, full.cats) == [State.WAITING, State.OFFERED]
        offers.decline_offer(full.cats, now)
        pauses.unpause(full.ben, full.ada, now)
    assert states(app, full.bens) == [State.OFFERED]


def test_a_pause_that_ends_by_itself_is_noticed(
    app: Flask, full: Full, now: datetime, clock_at: Callable[[datetime], datetime]
) -> None:
    with app.app_context():
        waiting.leave_waiting_list(full.cats, full.cat, now)
        pauses.pause(full.ben, date(2026, 8, 5), full.ada, now)
        bookings.give_up_place(full.place, full.ann, now)
        assert waiting.offer_what_is_free(now) == 0
        later = clock_at(now + timedelta(days=2))
        assert waiting.offer_what_is_free(later) == 1
    assert states(app, full.bens) == [State.OFFERED]


def test_before_the_worker_looks_a_stranger_does_not_get_what_came_free_by_itself(
    app: Flask, make: Builders, full: Full, now: datetime, clock_at: Callable[[datetime], datetime]
) -> None:
    dot = make.person("Dot")
    with app.app_context():
        pauses.pause(full.ben, date(2026, 8, 5), full.ada, now)
        pauses.pause(full.cat, None, full.ada, now)
        bookings.give_up_place(full.place, full.ann, now)
        later = clock_at(now + timedelta(days=2))
        with pytest.raises(Exception, match="full|taken"):
            bookings.book_place(full.session, dot, Pool.ROOM, dot, later)


def test_nobody_unproven_is_asked(app: Flask, make: Builders, full: Full, now: datetime) -> None:
    with app.app_context():
        write(app, update(Booking).where(Booking.id == full.cats).values(queue_at=now - timedelta(days=1)))
    kim = make.person("Kim", status=PersonStatus.UNPROVEN)
    kims = make.booking(full.session, kim, state=State.WAITING, waits_since=now - timedelta(days=9))
    write(app, update(Booking).where(Booking.id == kims).values(queue_at=now - timedelta(days=9)))
    with app.app_context():
        bookings.give_up_place(full.place, full.ann, now)
    assert states(app, kims, full.cats) == [State.WAITING, State.OFFERED]


def test_who_waits_is_told_of_a_cancellation_and_kept_no_other_place(
    app: Flask, make: Builders, full: Full, now: datetime
) -> None:
    other = make.session(make.series_of(full.session), starts_in=timedelta(days=17), places_room=4)
    with app.app_context():
        calling_off.cancel_sessions([full.session], "The boiler", full.ada, now)
    assert states(app, full.bens, full.cats) == [State.CANCELLED, State.CANCELLED]
    assert kinds(app, full.ben) == [MessageKind.WAITING, MessageKind.SESSION_CANCELLED]
    kept = rows(app, select(Booking.person_id).where(Booking.session_id == other))
    assert kept == [full.ann]


def test_a_cancellation_taken_back_gives_everybody_her_turn_back(
    app: Flask, full: Full, now: datetime, clock_at: Callable[[datetime], datetime]
) -> None:
    clock_at("2026-08-03T21:00+01:00")
    night = clock.now()
    with app.app_context():
        bookings.give_up_place(full.place, full.ann, night)
        deed = calling_off.cancel_sessions([full.session], "", full.ada, night)
        calling_off.undo(deed, full.ada, night)
    assert states(app, full.bens, full.cats) == [State.OFFERED, State.WAITING]


def test_who_waits_is_told_of_a_move_and_waits_on(app: Flask, full: Full, now: datetime) -> None:
    with app.app_context():
        change = SessionChange(start_time=time(11))
        schedule.change_session(full.session, change, full.ada, now, 1)
        bookings.give_up_place(full.place, full.ann, now)
    assert states(app, full.bens) == [State.OFFERED]
    assert kinds(app, full.cat) == [MessageKind.WAITING, MessageKind.SESSION_CHANGED]
