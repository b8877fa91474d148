"""Somebody who comes with her: a first name and a place, counted, and either of them may stay at home."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from booking import clock
from booking.db import db
from booking.models import AuditEntry, Booking, Message
from booking.models.kinds import Attendance, BookingState, Companions, MessageKind, Pool
from booking.refusals import NobodyAlong, NoPlaceForAnother, NoRoomForTwo, NotFound, NothingToSwitch
from booking.services import bookings, waiting
from tests.support.builders import Builders
from tests.support.pages import rows

State = BookingState


@pytest.fixture
def now(clock_at: Callable[[str], datetime]) -> datetime:
    return clock_at("2026-08-03T12:00+01:00")


@pytest.fixture
def chat(make: Builders, now: datetime) -> int:
    return make.session(make.series(places_room=3, companions=Companions.ALWAYS))


def book(app: Flask, session: int, person: int, companion: str = "Jo") -> int:
    with app.app_context():
        return bookings.book_place(session, person, Pool.ROOM, person, clock.now(), companion_name=companion)


def change(app: Flask, booking: int, person: int, companion: str) -> None:
    with app.app_context():
        bookings.change_companion(booking, person, clock.now(), companion)


def party(app: Flask, booking: int) -> tuple[str, int]:
    with app.app_context():
        row = db.session.get_one(Booking, booking)
        return row.companion_name, row.party_size


def test_ann_brings_jo_and_jo_has_a_place(app: Flask, make: Builders, chat: int) -> None:
    booking = book(app, chat, make.person("Ann"), "  Jo ")
    assert party(app, booking) == ("Jo", 2)


def test_only_the_first_name_of_whoever_comes_is_kept(app: Flask, make: Builders, chat: int) -> None:
    ann = make.person("Ann")
    booking = book(app, chat, ann, "Sam Smith")
    assert party(app, booking) == ("Sam", 2)
    change(app, booking, ann, "Alex Jones")
    assert party(app, booking) == ("Alex", 2)


def test_on_the_waiting_list_only_the_first_name_is_kept(app: Flask, make: Builders, chat: int) -> None:
    book(app, chat, make.person("Ben"), "Jo")
    ann, now = make.person("Ann"), clock.now()
    with app.app_context():
        waits = waiting.join_waiting_list(chat, ann, Pool.ROOM, ann, now, companion_name="Sam Smith")
    assert party(app, waits) == ("Sam", 2)


def test_nobody_is_brought_to_where_nobody_is(app: Flask, make: Builders, now: datetime) -> None:
    ann, quiet = make.person("Ann"), make.session(make.series(companions=Companions.NEVER))
    with pytest.raises(NobodyAlong):
        book(app, quiet, ann)
    assert party(app, book(app, quiet, ann, "")) == ("", 1)


def test_the_first_time_somebody_may_come_with_her(app: Flask, make: Builders, now: datetime) -> None:
    series = make.series(companions=Companions.FIRST_VISIT)
    ann, ben = make.person("Ann"), make.person("Ben")
    before = make.session(series, starts_in=timedelta(days=3))
    make.booking(before, ben, attendance=Attendance.CAME)
    chat = make.session(series)
    assert party(app, book(app, chat, ann)) == ("Jo", 2)
    with pytest.raises(NobodyAlong):
        book(app, chat, ben)


def test_two_do_not_fit_where_one_place_is_left(app: Flask, make: Builders, chat: int) -> None:
    for name in ("Ben", "Cat"):
        make.booking(chat, make.person(name))
    ann = make.person("Ann")
    with pytest.raises(NoRoomForTwo):
        book(app, chat, ann)
    assert party(app, book(app, chat, ann, "")) == ("", 1)


def test_jo_is_added_later_while_there_is_room(app: Flask, make: Builders, chat: int) -> None:
    ann = make.person("Ann")
    booking = book(app, chat, ann, "")
    change(app, booking, ann, "Jo")
    assert party(app, booking) == ("Jo", 2)
    assert rows(app, select(Message.dedupe_key).where(Message.person_id == ann).order_by(Message.id)) == [
        f"booking:{booking}:booked",
        f"booking:{booking}:booked:r1",
    ]


def test_jo_is_not_added_to_a_full_room(app: Flask, make: Builders, chat: int) -> None:
    ann = make.person("Ann")
    booking = book(app, chat, ann, "")
    for name in ("Ben", "Cat"):
        make.booking(chat, make.person(name))
    with pytest.raises(NoPlaceForAnother):
        change(app, booking, ann, "Jo")
    assert party(app, booking) == ("", 1)


def test_jo_cannot_come_and_whoever_waits_is_offered_the_place(app: Flask, make: Builders, chat: int) -> None:
    ann, ben, cat = make.person("Ann"), make.person("Ben"), make.person("Cat")
    booking = book(app, chat, ann)
    make.booking(chat, ben)
    with app.app_context():
        waits = waiting.join_waiting_list(chat, cat, Pool.ROOM, cat, clock.now())
    change(app, booking, ann, "")
    with app.app_context():
        assert db.session.get_one(Booking, waits).state is State.OFFERED
    assert party(app, booking) == ("", 1)


def test_a_party_that_waits_gets_smaller_and_then_fits(app: Flask, make: Builders, chat: int) -> None:
    ann, ben, cat = make.person("Ann"), make.person("Ben"), make.person("Cat")
    make.booking(chat, ben)
    make.booking(chat, cat)
    with app.app_context():
        waits = waiting.join_waiting_list(
            chat, ann, Pool.ROOM, ann, clock.now(), party_size=2, companion_name="Jo"
        )
    change(app, waits, ann, "")
    with app.app_context():
        assert db.session.get_one(Booking, waits).state is State.OFFERED


def test_saying_it_twice_is_saying_it_once(app: Flask, make: Builders, chat: int) -> None:
    ann = make.person("Ann")
    booking = book(app, chat, ann)
    for _ in range(2):
        change(app, booking, ann, "")
    changes = select(func.count(AuditEntry.id)).where(AuditEntry.action == "companion changed")
    assert rows(app, changes) == [1]


def test_a_new_name_costs_no_place_and_no_letter(app: Flask, make: Builders, chat: int) -> None:
    ann = make.person("Ann")
    booking = book(app, chat, ann)
    make.booking(chat, make.person("Ben"))
    change(app, booking, ann, "Kim")
    assert party(app, booking) == ("Kim", 2)
    assert rows(app, select(Message.kind).where(Message.person_id == ann)) == [MessageKind.BOOKED]


def test_nobody_changes_who_comes_with_ann_but_ann(app: Flask, make: Builders, chat: int) -> None:
    booking = book(app, chat, make.person("Ann"))
    with pytest.raises(NotFound):
        change(app, booking, make.person("Ben"), "")
    assert party(app, booking) == ("Jo", 2)


@pytest.mark.parametrize("when", ["given up", "over"])
def test_what_is_over_stays_as_it_was(
    app: Flask, make: Builders, now: datetime, clock_at: Callable[[str], datetime], when: str
) -> None:
    ann = make.person("Ann")
    booking = book(app, make.session(make.series(companions=Companions.ALWAYS)), ann)
    if when == "over":
        clock_at("2027-08-03T12:00+01:00")
    else:
        with app.app_context():
            bookings.give_up_place(booking, ann, clock.now())
    with pytest.raises(NothingToSwitch):
        change(app, booking, ann, "")


def test_both_places_are_free_when_ann_cannot_come(app: Flask, make: Builders, chat: int) -> None:
    ann, ben = make.person("Ann"), make.person("Ben")
    booking = book(app, chat, ann)
    make.booking(chat, make.person("Cat"))
    with app.app_context():
        bookings.give_up_place(booking, ann, clock.now())
    assert party(app, book(app, chat, ben, "Kim")) == ("Kim", 2)
