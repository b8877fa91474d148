"""What people want in the same moment: each contest lays out its rows and says which deeds collide."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any

from flask import Flask
from sqlalchemy import update

from booking import clock
from booking.db import db
from booking.models import Booking
from booking.models.kinds import BookingState
from tests.support.builders import Builders

Deeds = list[dict[str, Any]]
PEOPLE, A_YEAR = 50, 300


@dataclass
class Stage:
    """People who are in every contest, and the dates that each contest adds for itself."""

    app: Flask
    make: Builders
    numbers: Iterator[int] = field(default_factory=count)

    def __post_init__(self) -> None:
        self.people = [self.make.person(f"P{number}") for number in range(PEOPLE)]

    def date(self, places: int) -> int:
        """Add a date with so many places; a series has one date a day."""
        number = next(self.numbers)
        if number % A_YEAR == 0:
            self.series = self.make.series(places_room=None)
        return self.make.session(
            self.series, starts_in=timedelta(days=5 + number % A_YEAR), places_room=places
        )

    def booked(self, session: int, person: int, **facts: Any) -> int:
        return self.make.booking(session, self.people[person], **facts)

    def waits(self, session: int, person: int, **facts: Any) -> int:
        """Let somebody wait; whoever is asked later stands later in the queue."""
        at = clock.now() - timedelta(hours=2) + timedelta(seconds=person)
        values: dict[str, Any] = {"state": BookingState.WAITING, "waits_since": at, "queue_at": at}
        return self.make.booking(session, self.people[person], **(values | facts))

    def offered(self, session: int, person: int, **facts: Any) -> int:
        until = clock.now() + timedelta(hours=3)
        values = {"state": BookingState.OFFERED, "held_until": until, "times_offered": 1}
        return self.waits(session, person, **(values | facts))

    def clear(self) -> None:
        """End everything, so that no worker looks at it again."""
        with self.app.app_context():
            db.session.execute(update(Booking).values(state=BookingState.EXPIRED, held_until=None))
            db.session.commit()


def last_place(stage: Stage) -> Deeds:
    """Fifty people press the button for one place."""
    session = stage.date(1)
    return [{"deed": "book", "person": person, "session": session} for person in stage.people]


def one_finger(stage: Stage) -> Deeds:
    """One form is sent twenty times."""
    session = stage.date(5)
    return [{"deed": "book", "person": stage.people[0], "session": session} for _ in range(20)]


def cancel_and_promote(stage: Stage) -> Deeds:
    """A place comes free while the first in the queue leaves, a stranger books and the worker looks."""
    session = stage.date(1)
    kept, first = stage.booked(session, 0), stage.waits(session, 1)
    stage.waits(session, 2)
    return [
        {"deed": "give_up", "booking": kept, "person": stage.people[0]},
        {"deed": "leave", "booking": first, "person": stage.people[1]},
        {"deed": "book", "session": session, "person": stage.people[3]},
        {"deed": "work"},
    ]


def off_and_promote(stage: Stage) -> Deeds:
    """A place comes free while the office cancels the date."""
    session = stage.date(1)
    kept = stage.booked(session, 0)
    stage.waits(session, 1)
    return [
        {"deed": "give_up", "booking": kept, "person": stage.people[0]},
        {"deed": "cancel", "session": session},
    ]


def two_cancel(stage: Stage) -> Deeds:
    """Two people can't come; one waits, and somebody who does not presses the button."""
    session = stage.date(2)
    first, second = stage.booked(session, 0), stage.booked(session, 1)
    stage.waits(session, 2)
    return [
        {"deed": "give_up", "booking": first, "person": stage.people[0]},
        {"deed": "give_up", "booking": second, "person": stage.people[1]},
        {"deed": "book", "session": session, "person": stage.people[3]},
    ]


def two_for_two(stage: Stage) -> Deeds:
    """Two people can't come, and two wait."""
    session = stage.date(2)
    first, second = stage.booked(session, 0), stage.booked(session, 1)
    stage.waits(session, 2)
    stage.waits(session, 3)
    return [
        {"deed": "give_up", "booking": first, "person": stage.people[0]},
        {"deed": "give_up", "booking": second, "person": stage.people[1]},
    ]


def late_yes(stage: Stage) -> Deeds:
    """She says yes as her time runs out, and the next in the queue is asked."""
    session = stage.date(1)
    offer = stage.offered(session, 0, held_until=clock.now())
    stage.waits(session, 1)
    return [{"deed": "accept_late", "booking": offer}, {"deed": "work"}, {"deed": "work"}]


def yes_and_no(stage: Stage) -> Deeds:
    """One offer is answered with yes and with no, on two devices."""
    session = stage.date(1)
    offer = stage.offered(session, 0)
    stage.waits(session, 1)
    return [{"deed": "accept", "booking": offer}, {"deed": "decline", "booking": offer}]


def smaller(stage: Stage) -> Deeds:
    """The office takes away the last place in the moment in which somebody books it."""
    session = stage.date(2)
    stage.booked(session, 0)
    return [
        {"deed": "resize", "session": session, "places": 1},
        {"deed": "book", "session": session, "person": stage.people[1]},
    ]


def bigger(stage: Stage) -> Deeds:
    """The office adds a place while the first in the queue leaves, and a stranger presses the button."""
    session = stage.date(1)
    stage.booked(session, 0)
    first = stage.waits(session, 1)
    stage.waits(session, 3)
    return [
        {"deed": "resize", "session": session, "places": 2},
        {"deed": "leave", "booking": first, "person": stage.people[1]},
        {"deed": "book", "session": session, "person": stage.people[2]},
    ]


def swap_ways(stage: Stage) -> Deeds:
    """Two people change places in opposite directions, and two want the same last one."""
    one, other, third = stage.date(2), stage.date(2), stage.date(1)
    ann, ben = stage.booked(one, 0), stage.booked(other, 1)
    cat, dot = stage.booked(one, 2), stage.booked(other, 3)
    stage.waits(one, 4)
    stage.waits(other, 5)
    return [
        {"deed": "swap", "booking": ann, "person": stage.people[0], "session": third},
        {"deed": "swap", "booking": ben, "person": stage.people[1], "session": third},
        {"deed": "give_up", "booking": cat, "person": stage.people[2]},
        {"deed": "give_up", "booking": dot, "person": stage.people[3]},
    ]


def swap_offers(stage: Stage) -> Deeds:
    """Two people who kept a place take each other's date, one says no as well, and a third waits for both."""
    one, other = stage.date(2), stage.date(2)
    ann, ben = stage.booked(one, 0), stage.booked(other, 1)
    for_ann, for_ben = (
        stage.offered(other, 0, swap_for_id=ann),
        stage.offered(one, 1, swap_for_id=ben),
    )
    stage.waits(one, 2)
    stage.waits(other, 2)
    answers = ("accept", for_ann), ("decline", for_ann), ("accept", for_ben)
    return [{"deed": answer, "booking": booking} for answer, booking in answers]


CROWDS: tuple[Callable[[Stage], Deeds], ...] = (last_place, one_finger)
CONTESTS: tuple[Callable[[Stage], Deeds], ...] = (
    cancel_and_promote,
    off_and_promote,
    two_cancel,
    two_for_two,
    late_yes,
    yes_and_no,
    smaller,
    bigger,
    swap_ways,
    swap_offers,
)
# On SQLite the first row that a deed writes makes everybody else wait, and whoever gives up writes before she
# reads who is next: two who do so stand in a queue there, with locks or without.
IN_A_QUEUE = (two_cancel, two_for_two)
# On PostgreSQL two answers, or leaving while another gives up, were seldom seen to do harm without locks.
SELDOM_WRONG = (swap_offers, cancel_and_promote)
# What is shown to go wrong without locks.
GUARDED_ON = {
    "sqlite": tuple(one for one in (*CROWDS, *CONTESTS) if one not in IN_A_QUEUE),
    "postgresql": tuple(one for one in (*CROWDS, *CONTESTS) if one not in SELDOM_WRONG),
}
