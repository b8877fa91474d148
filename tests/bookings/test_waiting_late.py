"""The last day before the start: everybody who wants it is told at once, and the first yes has the place."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from booking.db import db
from booking.models import Booking, Message, Person
from booking.models.kinds import BookingState, Channel, MessageKind, Pool
from booking.refusals import OfferOver, SessionFull
from booking.services import bookings, holds, offers, waiting
from tests.support.builders import Builders
from tests.support.pages import rows, write

State = BookingState
HOURS_23 = timedelta(hours=23)


@dataclass
class Tomorrow:
    """Tomorrow's date with one place, which is Ann's; Ben and Cat want to hear late, Dot does not."""

    session: int
    ann: int
    place: int
    bens: int
    cats: int
    dots: int


@pytest.fixture
def now(clock_at: Callable[[str], datetime]) -> datetime:
    return clock_at("2026-08-03T12:00+01:00")


@pytest.fixture
def it(app: Flask, make: Builders, now: datetime) -> Tomorrow:
    session = make.session(make.series(places_room=1), starts_in=HOURS_23)
    ann, *others = map(make.person, ("Ann", "Ben", "Cat", "Dot"))
    place = make.booking(session, ann)
    with app.app_context():
        bens, cats, dots = (
            waiting.join_waiting_list(session, one, Pool.ROOM, one, now, tells_late=late)
            for one, late in zip(others, (True, True, False), strict=True)
        )
    return Tomorrow(session, ann, place, bens, cats, dots)


def told(app: Flask) -> list[int]:
    kept = select(Booking.id).where(Booking.held_until.is_not(None), Booking.state == State.WAITING)
    return rows(app, kept.order_by(Booking.id))


def state(app: Flask, booking: int) -> BookingState:
    with app.app_context():
        return db.session.get_one(Booking, booking).state


def test_everybody_who_asked_for_it_is_told_and_the_first_yes_wins(
    app: Flask, it: Tomorrow, now: datetime
) -> None:
    with app.app_context():
        bookings.give_up_place(it.place, it.ann, now)
    assert told(app) == [it.bens, it.cats]
    with app.app_context():
        offers.accept_offer(it.cats, now)
        with pytest.raises(SessionFull):
            offers.accept_offer(it.bens, now)
    assert (state(app, it.bens), state(app, it.cats)) == (State.WAITING, State.BOOKED)


def test_strangers_do_not_see_the_place_before_those_who_were_told_have_had_two_hours(
    app: Flask, make: Builders, it: Tomorrow, now: datetime, clock_at: Callable[[datetime], datetime]
) -> None:
    eve = make.person("Eve")
    with app.app_context():
        bookings.give_up_place(it.place, it.ann, now)
        with pytest.raises(SessionFull):
            bookings.book_place(it.session, eve, Pool.ROOM, eve, now)
        later = clock_at(now + timedelta(hours=2, minutes=1))
        assert holds.release_holds(later) == 2
        bookings.book_place(it.session, eve, Pool.ROOM, eve, later)


def test_a_yes_after_two_hours_still_counts_while_nobody_has_the_place(
    app: Flask, it: Tomorrow, now: datetime, clock_at: Callable[[datetime], datetime]
) -> None:
    with app.app_context():
        bookings.give_up_place(it.place, it.ann, now)
        later = clock_at(now + timedelta(hours=3))
        holds.release_holds(later)
        offers.accept_offer(it.bens, later)
    assert state(app, it.bens) is State.BOOKED


def test_a_second_place_is_told_anew_to_whoever_missed_the_first(
    app: Flask, it: Tomorrow, now: datetime
) -> None:
    with app.app_context():
        bookings.give_up_place(it.place, it.ann, now)
        offers.accept_offer(it.bens, now)
        assert told(app) == []
        bookings.give_up_place(it.bens, 2, now)
    assert told(app) == [it.cats]
    news = select(Message.id).where(Message.booking_id == it.cats, Message.kind == MessageKind.OFFERED)
    assert len(rows(app, news)) == 2


def test_not_this_time_leaves_the_place_to_the_others_and_keeps_her_turn(
    app: Flask, it: Tomorrow, now: datetime
) -> None:
    with app.app_context():
        bookings.give_up_place(it.place, it.ann, now)
        offers.decline_offer(it.bens, now)
        offers.decline_offer(it.bens, now)
    assert told(app) == [it.cats]
    assert state(app, it.bens) is State.WAITING


def test_whoever_was_told_and_presses_book_instead_has_the_place(
    app: Flask, it: Tomorrow, now: datetime
) -> None:
    with app.app_context():
        bookings.give_up_place(it.place, it.ann, now)
        assert bookings.book_place(it.session, 3, Pool.ROOM, 3, now) == it.cats
    assert (state(app, it.bens), state(app, it.cats)) == (State.WAITING, State.BOOKED)


def test_whoever_was_told_of_the_room_and_books_online_comes_online(
    app: Flask, make: Builders, now: datetime
) -> None:
    tea = make.session(make.series(places_room=1, places_online=2, mode="hybrid"), starts_in=HOURS_23)
    ann, ben = make.person("Ann"), make.person("Ben")
    place = make.booking(tea, ann)
    with app.app_context():
        bens = waiting.join_waiting_list(tea, ben, Pool.ROOM, ben, now, tells_late=True)
        bookings.give_up_place(place, ann, now)
        bookings.book_place(tea, ben, Pool.ONLINE, ben, now)
        hers = db.session.get_one(Booking, bens)
        assert (hers.state, hers.pool) == (State.BOOKED, Pool.ONLINE)


def test_whoever_joins_while_a_place_is_left_to_those_told_late_is_told_at_once(
    app: Flask, make: Builders, it: Tomorrow, now: datetime
) -> None:
    eve = make.person("Eve")
    with app.app_context():
        bookings.give_up_place(it.place, it.ann, now)
        eves = waiting.join_waiting_list(it.session, eve, Pool.ROOM, eve, now, tells_late=True)
    assert told(app) == [it.bens, it.cats, eves]


def test_who_needs_less_time_from_now_on_is_asked_about_every_list_of_hers(
    app: Flask, make: Builders, it: Tomorrow, now: datetime
) -> None:
    soon, full = (make.session(make.series(places_room=1), starts_in=timedelta(days=days)) for days in (4, 5))
    make.booking(full, it.ann)
    place = make.booking(soon, it.ann)
    ben = 2
    with app.app_context():
        waits = waiting.join_waiting_list(soon, ben, Pool.ROOM, ben, now, notice_hours=200)
        bookings.give_up_place(place, it.ann, now)
        assert db.session.get_one(Booking, waits).state is State.WAITING
        waiting.join_waiting_list(full, ben, Pool.ROOM, ben, now, notice_hours=2)
    assert state(app, waits) is State.OFFERED


def test_who_needs_less_time_says_so_on_one_list_and_is_asked_on_the_other(
    app: Flask, make: Builders, it: Tomorrow, now: datetime
) -> None:
    soon = make.session(make.series(places_room=1), starts_in=timedelta(days=4))
    place, ben = make.booking(soon, it.ann), 2
    with app.app_context():
        waits = waiting.join_waiting_list(soon, ben, Pool.ROOM, ben, now, notice_hours=200)
        bookings.give_up_place(place, it.ann, now)
        waiting.change_wait(it.bens, ben, now, tells_late=True, notice_hours=2)
    assert state(app, waits) is State.OFFERED


def test_who_needs_more_notice_is_not_told_late(app: Flask, it: Tomorrow, now: datetime) -> None:
    write(app, update(Person).where(Person.known_as == "Ben").values(notice_hours=24))
    with app.app_context():
        bookings.give_up_place(it.place, it.ann, now)
    assert told(app) == [it.cats]


def test_within_the_last_hour_nobody_is_asked(
    app: Flask, it: Tomorrow, now: datetime, clock_at: Callable[[datetime], datetime]
) -> None:
    with app.app_context():
        bookings.give_up_place(it.place, it.ann, clock_at(now + timedelta(hours=22, minutes=30)))
    assert told(app) == []


def test_whoever_left_the_list_can_not_say_yes(app: Flask, it: Tomorrow, now: datetime) -> None:
    with app.app_context():
        bookings.give_up_place(it.place, it.ann, now)
        waiting.leave_waiting_list(it.bens, 2, now)
        with pytest.raises(OfferOver):
            offers.accept_offer(it.bens, now)


def test_whoever_has_no_email_is_called_and_no_clock_runs(
    app: Flask, make: Builders, now: datetime, clock_at: Callable[[datetime], datetime]
) -> None:
    tea = make.session(make.series(places_room=1))
    ann, ben = make.person("Ann"), make.person("Ben", email=None, phone="01632 960 123")
    place = make.booking(tea, ann)
    with app.app_context():
        bens = waiting.join_waiting_list(tea, ben, Pool.ROOM, ben, now)
        bookings.give_up_place(place, ann, now)
        holds.release_holds(clock_at(now + timedelta(days=9)))
    assert state(app, bens) is State.OFFERED
    asked = select(Message.channel).where(Message.kind == MessageKind.OFFERED)
    assert rows(app, asked) == [Channel.CALL]
    with app.app_context():
        waiting.offer_what_is_free(clock_at(now + timedelta(days=10, hours=1)))
    assert state(app, bens) is State.EXPIRED


def test_yes_after_the_offer_ran_out_is_hers_while_nobody_else_was_asked(
    app: Flask, make: Builders, now: datetime, clock_at: Callable[[datetime], datetime]
) -> None:
    tea = make.session(make.series(places_room=1))
    ann, ben = make.person("Ann"), make.person("Ben")
    place = make.booking(tea, ann)
    with app.app_context():
        bens = waiting.join_waiting_list(tea, ben, Pool.ROOM, ben, now)
        bookings.give_up_place(place, ann, now)
        later = clock_at(now + timedelta(days=2))
        holds.release_holds(later)
        assert bookings.book_place(tea, ben, Pool.ROOM, ben, later) == bens
    assert state(app, bens) is State.BOOKED


def test_places_kept_for_newcomers_are_offered_once_they_are_everybodys(
    app: Flask, make: Builders, now: datetime, clock_at: Callable[[datetime], datetime]
) -> None:
    tea = make.session(make.series(places_room=1, newcomer_places=1))
    ben = make.person("Ben")
    make.booking(make.session(make.series("Tea"), starts_in=-timedelta(days=9)), ben, attendance="came")
    with app.app_context():
        bens = waiting.join_waiting_list(tea, ben, Pool.ROOM, ben, now)
        assert waiting.offer_what_is_free(now) == 0
        assert waiting.offer_what_is_free(clock_at(now + timedelta(days=8, hours=1))) == 1
    assert state(app, bens) is State.OFFERED


def test_a_series_that_books_by_itself_asks_nobody(app: Flask, make: Builders, now: datetime) -> None:
    tea = make.session(make.series(places_room=1, waiting_books=True))
    ann, ben = make.person("Ann"), make.person("Ben")
    place = make.booking(tea, ann)
    with app.app_context():
        bens = waiting.join_waiting_list(tea, ben, Pool.ROOM, ben, now)
        bookings.give_up_place(place, ann, now)
    assert state(app, bens) is State.BOOKED
    kinds = rows(app, select(Message.kind).where(Message.person_id == ben).order_by(Message.id))
    assert kinds == [MessageKind.WAITING, MessageKind.BOOKED]
