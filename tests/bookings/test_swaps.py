"""Keeping a place while waiting for a better date: taking that one gives the other up, both or neither."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from booking import clock
from booking.db import db
from booking.models import AuditEntry, Booking, Message
from booking.models.kinds import BookingState, MessageKind, Pool
from booking.queries import swaps as asked
from booking.queries import upkeep
from booking.refusals import NoSuchPool, NotFound, NothingToSwap, NoWaitingList, SessionFull, StillFree
from booking.services import bookings, offers, swaps, waiting
from booking.services.steps import swapping
from tests.support import pages
from tests.support.builders import Builders

ROOM = Pool.ROOM


class Scene:
    """Ann has January; February and March are full, with Ben and Gil in them."""

    def __init__(self, app: Flask, make: Builders) -> None:
        self.app, self.make = app, make
        self.ann, self.ben, self.gil = make.person(), make.person("Ben"), make.person("Gil")
        self.series = make.series(places_room=1, waiting_list=True)
        days = (date(2027, 1, 27), date(2027, 2, 24), date(2027, 3, 31))
        self.january, self.february, self.march = (make.session(self.series, on=day) for day in days)
        self.kept = make.booking(self.january, self.ann)
        self.bens = make.booking(self.february, self.ben)
        self.gils = make.booking(self.march, self.gil)

    def do(self, deed: Callable[..., Any], *facts: Any, **named: Any) -> Any:
        with self.app.app_context():
            done = deed(*facts, **named)
            assert upkeep.problems() == []
            return done

    def wait(self, *sessions: int) -> int:
        dates = dict.fromkeys(sessions, ROOM)
        return int(self.do(swaps.wait_for_better, self.kept, self.ann, dates, clock.now()))

    def give_up(self, booking_id: int, person_id: int) -> None:
        self.do(bookings.give_up_place, booking_id, person_id, clock.now())

    def at(self, session_id: int, person_id: int | None = None) -> Any:
        hers = Booking.person_id == (person_id or self.ann)
        latest = select(Booking).where(Booking.session_id == session_id, hers).order_by(Booking.id.desc())
        return pages.rows(self.app, latest)[0]

    def letters(self, kind: MessageKind) -> list[int]:
        told = select(Message.booking_id).where(Message.kind == kind, Message.person_id == self.ann)
        return pages.rows(self.app, told.order_by(Message.id))


@pytest.fixture
def scene(app: Flask, make: Builders, clock_at: Callable[[str], datetime]) -> Scene:
    clock_at("2027-01-10T12:00+00:00")
    return Scene(app, make)


def test_she_keeps_her_place_while_she_waits_for_two_others(scene: Scene) -> None:
    assert scene.wait(scene.february, scene.march) == 2
    assert scene.at(scene.january).state is BookingState.BOOKED
    for session_id in (scene.february, scene.march):
        waits = scene.at(session_id)
        assert (waits.state, waits.swap_for_id) == (BookingState.WAITING, scene.kept)


def test_taking_the_better_date_gives_the_other_up_and_ends_her_waiting(scene: Scene) -> None:
    scene.wait(scene.february, scene.march)
    scene.give_up(scene.bens, scene.ben)
    better = scene.at(scene.february)
    assert better.state is BookingState.OFFERED
    scene.do(offers.accept_offer, better.id, clock.now())
    assert scene.at(scene.february).state is BookingState.BOOKED
    assert scene.at(scene.january).state is BookingState.GIVEN_UP
    assert scene.at(scene.march).state is BookingState.GIVEN_UP
    assert scene.letters(MessageKind.BOOKED) == [better.id]
    assert scene.letters(MessageKind.GIVEN_UP) == [scene.kept]


def test_the_place_she_leaves_is_offered_on_in_the_same_moment(scene: Scene) -> None:
    hers = scene.do(waiting.join_waiting_list, scene.january, scene.gil, ROOM, scene.gil, clock.now())
    scene.wait(scene.february)
    scene.give_up(scene.bens, scene.ben)
    scene.do(offers.accept_offer, scene.at(scene.february).id, clock.now())
    assert scene.at(scene.january, scene.gil).id == hers
    assert scene.at(scene.january, scene.gil).state is BookingState.OFFERED


def test_saying_yes_twice_swaps_once(scene: Scene) -> None:
    scene.wait(scene.february)
    scene.give_up(scene.bens, scene.ben)
    better = scene.at(scene.february).id
    for _again in range(2):
        scene.do(offers.accept_offer, better, clock.now())
    again = scene.do(bookings.book_place, scene.january, scene.ann, ROOM, scene.ann, clock.now())
    scene.do(offers.accept_offer, better, clock.now())
    assert scene.at(scene.january).id == again
    assert scene.at(scene.january).state is BookingState.BOOKED


def test_not_this_time_keeps_her_place_and_her_turn(scene: Scene) -> None:
    scene.wait(scene.february)
    scene.give_up(scene.bens, scene.ben)
    scene.do(offers.decline_offer, scene.at(scene.february).id, clock.now())
    assert scene.at(scene.january).state is BookingState.BOOKED
    assert scene.at(scene.february).state is BookingState.WAITING


def test_a_place_given_up_meanwhile_is_not_given_up_twice(scene: Scene) -> None:
    scene.wait(scene.february)
    scene.give_up(scene.kept, scene.ann)
    scene.give_up(scene.bens, scene.ben)
    scene.do(offers.accept_offer, scene.at(scene.february).id, clock.now())
    assert scene.at(scene.february).state is BookingState.BOOKED
    assert scene.letters(MessageKind.GIVEN_UP) == [scene.kept]


def test_a_place_that_has_begun_stays_hers(scene: Scene, clock_at: Callable[[str], datetime]) -> None:
    scene.wait(scene.february)
    clock_at("2027-01-27T14:00+00:00")
    scene.give_up(scene.bens, scene.ben)
    scene.do(offers.accept_offer, scene.at(scene.february).id, clock.now())
    assert scene.at(scene.january).state is BookingState.BOOKED


def test_what_she_unticks_ends_and_what_stays_keeps_its_rank(scene: Scene) -> None:
    scene.wait(scene.february, scene.march)
    before = scene.at(scene.march)
    assert scene.wait(scene.march) == 1
    assert scene.at(scene.february).state is BookingState.GIVEN_UP
    after = scene.at(scene.march)
    assert (after.id, after.queue_at) == (before.id, before.queue_at)
    assert scene.wait() == 0
    assert scene.at(scene.march).state is BookingState.GIVEN_UP


def test_a_date_that_has_room_is_not_waited_for_but_taken_at_once(scene: Scene) -> None:
    scene.give_up(scene.bens, scene.ben)
    with pytest.raises(StillFree):
        scene.wait(scene.february, scene.march)
    assert scene.at(scene.january).state is BookingState.BOOKED
    took = scene.do(swaps.change_date, scene.kept, scene.ann, scene.february, ROOM, clock.now())
    assert scene.at(scene.february).id == took
    assert scene.at(scene.january).state is BookingState.GIVEN_UP


def test_changing_the_date_twice_is_changing_it_once(scene: Scene) -> None:
    scene.give_up(scene.bens, scene.ben)
    took = [
        scene.do(swaps.change_date, scene.kept, scene.ann, scene.february, ROOM, clock.now())
        for _press in range(2)
    ]
    assert took[0] == took[1]
    assert scene.letters(MessageKind.BOOKED) == [took[0]]


def test_a_change_that_is_refused_leaves_her_place(scene: Scene) -> None:
    with pytest.raises(SessionFull):
        scene.do(swaps.change_date, scene.kept, scene.ann, scene.february, ROOM, clock.now())
    assert scene.at(scene.january).state is BookingState.BOOKED


def test_whoever_waited_takes_a_free_place_there_by_the_same_change(scene: Scene) -> None:
    scene.wait(scene.february, scene.march)
    scene.give_up(scene.bens, scene.ben)
    scene.do(offers.decline_offer, scene.at(scene.february).id, clock.now())
    scene.do(swaps.change_date, scene.kept, scene.ann, scene.february, ROOM, clock.now())
    assert scene.at(scene.february).state is BookingState.BOOKED
    assert scene.at(scene.january).state is BookingState.GIVEN_UP
    assert scene.at(scene.march).state is BookingState.GIVEN_UP


def test_another_persons_place_is_not_there_to_swap(scene: Scene) -> None:
    for deed, facts in (
        (swaps.wait_for_better, ({scene.march: ROOM}, clock.now())),
        (swaps.change_date, (scene.march, ROOM, clock.now())),
    ):
        with pytest.raises(NotFound):
            scene.do(deed, scene.bens, scene.ann, *facts)
    with pytest.raises(NotFound), scene.app.app_context():
        asked.better_dates(scene.bens, scene.ann, False, clock.now())


def test_a_place_given_up_or_begun_is_not_swapped(scene: Scene, clock_at: Callable[[str], datetime]) -> None:
    scene.give_up(scene.kept, scene.ann)
    with pytest.raises(NothingToSwap):
        scene.wait(scene.february)
    again = scene.do(bookings.book_place, scene.january, scene.ann, ROOM, scene.ann, clock.now())
    clock_at("2027-01-27T13:30+00:00")
    with pytest.raises(NothingToSwap):
        scene.do(swaps.wait_for_better, again, scene.ann, {scene.february: ROOM}, clock.now())


def test_a_pool_or_a_list_that_is_not_there_is_refused(scene: Scene, make: Builders) -> None:
    no_list = make.session(make.series("No list", places_room=1, waiting_list=False))
    for dates, why in (({scene.february: Pool.ONLINE}, NoSuchPool), ({no_list: ROOM}, NoWaitingList)):
        with pytest.raises(why):
            scene.do(swaps.wait_for_better, scene.kept, scene.ann, dates, clock.now())


def test_the_audit_says_that_places_were_swapped(scene: Scene) -> None:
    scene.wait(scene.february)
    scene.give_up(scene.bens, scene.ben)
    better = scene.at(scene.february).id
    scene.do(offers.accept_offer, better, clock.now())
    swapped = select(AuditEntry.subject).where(AuditEntry.action == "places swapped")
    assert pages.rows(scene.app, swapped) == [f"booking:{better}"]


def test_without_the_step_that_lets_go_she_would_have_both(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.wait(scene.february)
    scene.give_up(scene.bens, scene.ben)
    monkeypatch.setattr(offers, "let_go_of", lambda *facts, **named: None)
    scene.do(offers.accept_offer, scene.at(scene.february).id, clock.now())
    assert scene.at(scene.january).state is BookingState.BOOKED
    assert swapping.let_go_of is not offers.let_go_of


def test_the_dates_she_might_rather_have(scene: Scene) -> None:
    scene.wait(scene.march)
    with scene.app.app_context():
        better = asked.better_dates(scene.kept, scene.ann, False, clock.now())
        full = [(place.session.id, place.waits) for place in better.full]
        assert (full, better.with_room) == ([(scene.february, False), (scene.march, True)], ())
        db.session.remove()
