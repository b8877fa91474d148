"""In the room or online: one action, while the other has room, and nobody who waits is passed by."""

from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import select

from booking import clock
from booking.db import db
from booking.models import Booking, Message
from booking.models.kinds import Attendance, BookingState, Mode, Pool
from booking.refusals import NoSuchPool, NotFound, NothingToSwitch, SessionFull
from booking.services import bookings, waiting
from tests.support.builders import Builders
from tests.support.pages import rows

State = BookingState


@pytest.fixture
def now(clock_at: Callable[[str], datetime]) -> datetime:
    return clock_at("2026-08-03T12:00+01:00")


@pytest.fixture
def both(make: Builders, now: datetime) -> int:
    return make.session(make.series(mode=Mode.HYBRID, places_room=1, places_online=1))


def switch(app: Flask, booking: int, person: int, seen: int | None = None) -> Pool:
    with app.app_context():
        return bookings.switch_pool(booking, person, clock.now(), seen_revision=seen)


def booked(app: Flask, booking: int) -> tuple[Pool, BookingState, int]:
    with app.app_context():
        row = db.session.get_one(Booking, booking)
        return row.pool, row.state, row.revision


def test_ann_comes_online_after_all_and_is_told(app: Flask, make: Builders, both: int) -> None:
    ann = make.person("Ann")
    booking = make.booking(both, ann)
    assert switch(app, booking, ann, 0) is Pool.ONLINE
    assert booked(app, booking) == (Pool.ONLINE, State.BOOKED, 1)
    keys = select(Message.dedupe_key).where(Message.person_id == ann)
    assert rows(app, keys) == [f"booking:{booking}:booked:r1"]


def test_pressing_twice_does_not_switch_back(app: Flask, make: Builders, both: int) -> None:
    ann = make.person("Ann")
    booking = make.booking(both, ann)
    for _ in range(2):
        assert switch(app, booking, ann, 0) is Pool.ONLINE
    assert booked(app, booking)[2] == 1


def test_whoever_waits_for_the_room_is_offered_the_place_she_leaves(
    app: Flask, make: Builders, both: int
) -> None:
    ann, ben = make.person("Ann"), make.person("Ben")
    booking = make.booking(both, ann)
    with app.app_context():
        waits = waiting.join_waiting_list(both, ben, Pool.ROOM, ben, clock.now())
    switch(app, booking, ann)
    assert booked(app, waits)[1] is State.OFFERED


def test_a_full_pool_takes_nobody_and_she_keeps_her_place(app: Flask, make: Builders, both: int) -> None:
    ann = make.person("Ann")
    booking = make.booking(both, ann)
    make.booking(both, make.person("Ben"), pool=Pool.ONLINE)
    with pytest.raises(SessionFull):
        switch(app, booking, ann)
    assert booked(app, booking) == (Pool.ROOM, State.BOOKED, 0)


def test_a_place_offered_to_somebody_else_is_not_free_to_switch_to(
    app: Flask, make: Builders, both: int
) -> None:
    ann, ben, cat = make.person("Ann"), make.person("Ben"), make.person("Cat")
    booking, theirs = make.booking(both, ann), make.booking(both, ben, pool=Pool.ONLINE)
    with app.app_context():
        waiting.join_waiting_list(both, cat, Pool.ONLINE, cat, clock.now())
        bookings.give_up_place(theirs, ben, clock.now())
    with pytest.raises(SessionFull):
        switch(app, booking, ann)


def test_a_party_of_two_needs_two_places_there(app: Flask, make: Builders, both: int) -> None:
    ann = make.person("Ann")
    booking = make.booking(both, ann, party_size=2, companion_name="Jo")
    with pytest.raises(SessionFull):
        switch(app, booking, ann)


def test_a_session_with_one_pool_has_no_other_way(app: Flask, make: Builders, now: datetime) -> None:
    ann = make.person("Ann")
    booking = make.booking(make.session(make.series()), ann)
    with pytest.raises(NoSuchPool):
        switch(app, booking, ann)


def test_nobody_switches_anns_place_but_ann(app: Flask, make: Builders, both: int) -> None:
    booking = make.booking(both, make.person("Ann"))
    with pytest.raises(NotFound):
        switch(app, booking, make.person("Ben"))


@pytest.mark.parametrize(
    "facts", [{"state": State.GIVEN_UP}, {"state": State.OFFERED}, {"attendance": Attendance.CAME}]
)
def test_what_is_not_hers_to_use_cannot_be_switched(
    app: Flask, make: Builders, both: int, facts: dict[str, object]
) -> None:
    ann = make.person("Ann")
    booking = make.booking(both, ann, **facts)
    with pytest.raises(NothingToSwitch):
        switch(app, booking, ann)
