"""A place that time made free is somebody's who waits, whichever way somebody else would come by it."""

from collections.abc import Callable
from datetime import date, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from booking.db import db
from booking.models import Booking
from booking.models.kinds import Audience, BookingState, Companions, Mode, Pool, Role, Who
from booking.queries.my_waiting import would_be_before
from booking.queries.waiting import turn_of
from booking.refusals import ForPatientsOnly, SessionFull
from booking.services import arriving, bookings, course_waiting, courses, desk, offers, swaps, waiting
from booking.services.arriving import Registration
from tests.support import pages
from tests.support.builders import Builders

ROOM, ONLINE = Pool.ROOM, Pool.ONLINE
State = BookingState
RUTH = Registration("Ruth New", "Ruth", "ruth@example.org", Who.PATIENT, True)


class Full:
    """A place in the room is free, as when Ann's pause has just ended, for which she waits; Zed wants it."""

    def __init__(self, make: Builders, now: datetime) -> None:
        self.make, self.now = make, now
        self.ann, self.zed = make.person(), make.person("Zed")
        self.series = make.series(
            mode=Mode.HYBRID,
            places_room=2,
            places_online=2,
            waiting_list=True,
            companions=Companions.ALWAYS,
        )
        self.date = make.session(self.series, on=date(2027, 1, 27))

    def ann_waits(self, session_id: int | None = None) -> int:
        waits = {"state": State.WAITING, "waits_since": self.now, "queue_at": self.now}
        return self.make.booking(session_id or self.date, self.ann, **waits)

    def takes_the_other(self) -> None:
        self.make.booking(self.date, self.make.person("Gil"))


@pytest.fixture
def full(make: Builders, now: datetime) -> Full:
    return Full(make, now)


def holds_at_the_desk(full: Full) -> None:
    full.takes_the_other()
    ada = full.make.admin()
    full.ann_waits()
    desk.hold_place(full.date, full.zed, ROOM, ada, full.now)


def changes_her_date(full: Full) -> None:
    full.takes_the_other()
    kept = full.make.booking(full.make.session(full.series, on=date(2027, 2, 24)), full.zed)
    full.ann_waits()
    swaps.change_date(kept, full.zed, full.date, ROOM, full.now)


def comes_to_the_room(full: Full) -> None:
    full.takes_the_other()
    hers = full.make.booking(full.date, full.zed, pool=ONLINE)
    full.ann_waits()
    bookings.switch_pool(hers, full.zed, full.now)


def brings_somebody(full: Full) -> None:
    hers = full.make.booking(full.date, full.zed)
    full.ann_waits()
    bookings.change_companion(hers, full.zed, full.now, "Jo")


def comes_as_a_newcomer(full: Full) -> None:
    full.takes_the_other()
    full.ann_waits()
    arriving.hold_place(RUTH, full.date, ROOM, full.now)


def comes_to_her_week(full: Full) -> None:
    weeks = full.make.course(2, places_room=1, single_weeks=True, waiting_list=True)
    series = full.make.series_of(weeks[0])
    enrolment = courses.book_course(series, full.zed, ROOM, full.zed, full.now)
    [hers] = pages.rows(full.make.app, select(Booking.id).where(Booking.session_id == weeks[1]))
    bookings.give_up_place(hers, full.zed, full.now)
    full.ann_waits(weeks[1])
    courses.come_to_week(enrolment, weeks[1], full.zed, full.now)


@pytest.mark.parametrize(
    "deed",
    [
        holds_at_the_desk,
        changes_her_date,
        comes_to_the_room,
        brings_somebody,
        comes_as_a_newcomer,
        comes_to_her_week,
    ],
)
def test_nobody_goes_before_whoever_waits(app: Flask, full: Full, deed: Callable[[Full], None]) -> None:
    with app.app_context():
        with pytest.raises(SessionFull):
            deed(full)
        waiting.offer_what_is_free(full.now)
    anns = select(Booking.state).where(Booking.person_id == full.ann)
    assert pages.rows(app, anns) == [State.OFFERED]


def state(app: Flask, booking_id: int) -> BookingState:
    return pages.rows(app, select(Booking.state).where(Booking.id == booking_id))[0]


@pytest.fixture
def narrowed(make: Builders, now: datetime) -> tuple[int, int, int]:
    """Joy, a friend, waits before Cat for Ben's place at a series that is for patients only by now."""
    joy, cat = make.person("Joy", who=Who.WITH_SOMEONE), make.person("Cat")
    session = make.session(make.series(places_room=1, waiting_list=True, audience=Audience.PATIENTS))
    bens = make.booking(session, make.person("Ben"))
    waits = {"state": State.WAITING, "waits_since": now, "queue_at": now}
    joys, cats = (make.booking(session, one, **waits) for one in (joy, cat))
    return bens, joys, cats


def test_a_place_is_offered_to_whoever_may_take_it(
    app: Flask, now: datetime, narrowed: tuple[int, int, int]
) -> None:
    bens, joys, cats = narrowed
    with app.app_context():
        ben = pages.rows(app, select(Booking.person_id).where(Booking.id == bens))[0]
        bookings.give_up_place(bens, ben, now)
        assert (state(app, joys), state(app, cats)) == (State.WAITING, State.OFFERED)
        with pytest.raises(ForPatientsOnly):
            offers.accept_offer(joys, now)


def test_whoever_may_not_take_it_counts_before_nobody(
    app: Flask, now: datetime, narrowed: tuple[int, int, int]
) -> None:
    with app.app_context():
        cats = db.session.get_one(Booking, narrowed[2])
        assert turn_of(cats, now).is_next
        assert would_be_before(cats.session_id, [ROOM], now) == {ROOM: 1}


def test_a_course_is_offered_to_whoever_may_take_it(app: Flask, make: Builders, now: datetime) -> None:
    weeks = make.course(2, places_room=1, waiting_list=True, audience=Audience.PATIENTS)
    joy, cat = make.person("Joy", who=Who.WITH_SOMEONE), make.person("Cat")
    waits = {"state": State.WAITING, "waits_since": now, "queue_at": now}
    joys, cats = ([make.booking(week, one, **waits) for week in weeks] for one in (joy, cat))
    with app.app_context():
        course_waiting.offer_courses(now)
    assert [state(app, one) for one in (*joys, *cats)] == [State.WAITING] * 2 + [State.OFFERED] * 2


@pytest.mark.parametrize(("roles", "asked"), [((), State.WAITING), ((Role.FACILITATOR,), State.OFFERED)])
def test_a_place_for_hosts_is_offered_to_hosts(
    app: Flask, make: Builders, now: datetime, roles: tuple[Role, ...], asked: BookingState
) -> None:
    series = make.series(places_room=1, waiting_list=True, audience=Audience.FACILITATORS)
    waits = {"state": State.WAITING, "waits_since": now, "queue_at": now}
    fays = make.booking(make.session(series), make.person("Fay", roles=roles), **waits)
    with app.app_context():
        waiting.offer_what_is_free(now)
    assert state(app, fays) is asked
