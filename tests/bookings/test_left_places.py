"""No place is left over when plans change: what she does not take again is for whoever waits."""

from datetime import date, datetime

import pytest
from flask import Flask
from sqlalchemy import select, update

from booking.db import db
from booking.models import Booking
from booking.models.kinds import BookingState, Companions, Mode, Pool, Who
from booking.queries import upkeep
from booking.services import arriving, swaps, waiting
from booking.services.arriving import Registration, Waiting, Wish
from tests.support import pages
from tests.support.builders import Builders

ROOM, ONLINE = Pool.ROOM, Pool.ONLINE
State = BookingState
SLIP = Registration("Ruth New", "Ruth", "slip@example.org", Who.PATIENT, True)
RIGHT = Registration("Ruth New", "Ruth", "right@example.org", Who.PATIENT, True)


def state(app: Flask, session_id: int, person_id: int) -> BookingState:
    hers = select(Booking.state).where(Booking.session_id == session_id, Booking.person_id == person_id)
    return pages.rows(app, hers.order_by(Booking.id.desc()))[0]


def nothing_is_stranded(app: Flask) -> bool:
    with app.app_context():
        return upkeep.problems() == []


class Door:
    """Three places in the room, one of them Gil's; Ruth holds two with a slip, and Dee waits."""

    def __init__(self, app: Flask, make: Builders, now: datetime) -> None:
        self.app, self.now = app, now
        self.dee = make.person("Dee")
        series = make.series(
            mode=Mode.HYBRID,
            waiting_list=True,
            places_room=3,
            places_online=5,
            companions=Companions.ALWAYS,
        )
        self.session = make.session(series, on=date(2027, 1, 27))
        make.booking(self.session, make.person("Gil"))
        with app.app_context():
            self.first = arriving.hold_place(SLIP, self.session, ROOM, now, companion_name="Jo")
            self.dees = waiting.join_waiting_list(self.session, self.dee, ROOM, self.dee, now)

    def again(self, pool: Pool, companion: str = "") -> Waiting:
        with self.app.app_context():
            return arriving.hold_place(
                RIGHT,
                self.session,
                pool,
                self.now,
                instead_of=self.first.booking_id,
                companion_name=companion,
            )


@pytest.fixture
def door(app: Flask, make: Builders, now: datetime) -> Door:
    return Door(app, make, now)


def test_a_newcomer_who_chooses_the_other_way_leaves_her_places_to_whoever_waits(
    app: Flask, door: Door
) -> None:
    door.again(ONLINE)
    assert state(app, door.session, door.dee) is State.OFFERED
    assert nothing_is_stranded(app)


def test_a_newcomer_who_comes_by_herself_after_all_leaves_the_other_place(app: Flask, door: Door) -> None:
    door.again(ROOM)
    assert state(app, door.session, door.dee) is State.OFFERED
    assert nothing_is_stranded(app)


def test_a_newcomer_who_puts_only_her_address_right_keeps_her_places(app: Flask, door: Door) -> None:
    again = door.again(ROOM, "Jo")
    assert state(app, door.session, door.dee) is State.WAITING
    with app.app_context():
        held = db.session.get_one(Booking, again.booking_id)
        assert (held.state, held.party_size) == (State.HELD, 2)


def test_whoever_rested_is_asked_again_when_a_newcomer_would_rather_wait_online(
    app: Flask, make: Builders, now: datetime, door: Door
) -> None:
    pages.write(app, update(Booking).where(Booking.id == door.dees).values(rests=True))
    for name in "ABCDE":
        make.booking(door.session, make.person(name), pool=ONLINE)
    with app.app_context():
        wish = Wish(ONLINE, instead_of=door.first.booking_id)
        arriving.wait_as_newcomer(RIGHT, door.session, wish, now)
    assert state(app, door.session, door.dee) is State.OFFERED


def test_whoever_takes_the_other_way_of_the_better_date_leaves_the_place_she_was_offered(
    app: Flask, make: Builders, now: datetime
) -> None:
    ann, cat = make.person(), make.person("Cat")
    series = make.series(mode=Mode.HYBRID, places_room=1, places_online=3, waiting_list=True)
    january, february = (make.session(series, on=on) for on in (date(2027, 1, 27), date(2027, 2, 24)))
    kept, full = make.booking(january, ann), make.booking(february, make.person("Ben"))
    with app.app_context():
        swaps.wait_for_better(kept, ann, {february: ROOM}, now)
        waiting.join_waiting_list(february, cat, ROOM, cat, now)
    pages.write(app, update(Booking).where(Booking.id == full).values(state=State.GIVEN_UP))
    with app.app_context():
        waiting.offer_what_is_free(now)
    assert state(app, february, ann) is State.OFFERED
    with app.app_context():
        swaps.change_date(kept, ann, february, ONLINE, now)
    assert (state(app, january, ann), state(app, february, ann)) == (State.GIVEN_UP, State.BOOKED)
    assert state(app, february, cat) is State.OFFERED
    assert nothing_is_stranded(app)
